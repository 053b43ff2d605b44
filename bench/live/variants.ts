/** What is measured against what. Every variant starts in fresh processes, and has rooms: sockets are opened to them, and a POST makes them send. */
import { join } from "node:path";
import { SUBPROTOCOL } from "../../contracts/live.ts";
import { ROOT } from "../../local/paths.ts";
import { startChild } from "../child.ts";
import { CALL, authenticated, hostedLane, hostedWorker, urlOf } from "../lanes.ts";
import { type Target, createClient } from "../load/client.ts";
import { cpuMsOf } from "../runtime/cpu.ts";
import { residentBytesOf } from "../runtime/memory.ts";
import type { HostedWorker } from "../runtime/messages.ts";
import { startRuntime } from "../runtime/runtime.ts";
import type { Workspace } from "../workspace.ts";
import { CONSTRUCTED_PATH } from "./constructed.ts";
import { frameOf, reportOf } from "./marked.ts";
import { FLOOR, SYSTEM } from "./report.ts";
import type { FromRooms, OpenSockets, ToRooms } from "./messages.ts";

const SERVE_DEADLINE_MS = 20_000;
/** Rooms that are made at the same time. */
const CONNECTIONS = 16;

export type Room = {
  readonly socketUrl: string;
  /** Where to POST. */
  readonly path: string;
};

export type LiveServer = {
  /** Who POSTs. */
  readonly target: Target;
  readonly bodyOf: (marker: number) => string;
  /** How its sockets are opened. */
  readonly client: Pick<OpenSockets, "headers" | "protocols" | "acknowledges">;
  readonly rooms: (count: number) => Promise<readonly Room[]>;
  /** Processor time and memory of the serving process so far. */
  readonly cpuMs: () => number;
  readonly residentBytes: () => number;
  /** Objects that have come into memory since the start; null where there are none. */
  readonly constructed: () => Promise<number | null>;
  readonly stop: () => Promise<void>;
};

export type LiveVariant = {
  readonly name: string;
  readonly what: string;
  /** Whether objects leave memory when nothing happens. */
  readonly hibernates: boolean;
  readonly start: (workspace: Workspace) => Promise<LiveServer>;
};

/**
 * Later than the bench lasts: writing out thousands of calls that were opened within seconds would fall into the time in which objects are
 * woken, and through an R2 simulator in the same thread.
 */
const UNFLUSHED = { FLUSH_AGE_MS: "600000" };

async function hosted(workspace: Workspace, worker: HostedWorker) {
  const { cpuMs, residentBytes, stop } = await startRuntime(workspace, [worker]);
  const constructed = async (): Promise<number> => {
    const answer = (await (await fetch(urlOf(worker, CONSTRUCTED_PATH))).json()) as { readonly objects: number };
    return answer.objects;
  };
  return { cpuMs, residentBytes, stop, constructed };
}

/** POSTs so many times, and gives the answers. */
async function post(target: Target, paths: readonly string[], body: string): Promise<string[]> {
  const client = createClient(target, CONNECTIONS);
  const answers: string[] = [];
  const left = paths.values();
  const connection = async (): Promise<void> => {
    for (const path of left) {
      const { status, text } = await client.send("POST", path, body);
      if (status < 200 || status > 299) throw new Error(`${path} answered ${status}: ${text}`);
      answers.push(text);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  client.close();
  return answers;
}

const socketUrl = (url: string, path: string): string => url.replace(/^http/, "ws") + path;

const system: LiveVariant = {
  name: SYSTEM,
  what: "sockets of sessions, reports of a carrier: authenticated, decided, durable, told to the tenant's feed",
  hibernates: true,
  start: async (workspace) => {
    const bundle = await workspace.bundle("live", join(ROOT, "bench/live/worker.ts"));
    const worker = await hostedLane(workspace, { lane: "standard", bundle, vars: UNFLUSHED });
    const target = authenticated(workspace, worker);
    return {
      ...(await hosted(workspace, worker)),
      target,
      bodyOf: reportOf,
      client: { headers: target.headers, protocols: [SUBPROTOCOL], acknowledges: true },
      rooms: async (count) => {
        const answers = await post(target, Array<string>(count).fill("/v1/calls"), CALL);
        const ids = answers.map((text) => (JSON.parse(text) as { readonly id: string }).id);
        return ids.map((id) => ({
          socketUrl: socketUrl(target.url, `/v1/sessions/${id}/live`),
          path: `/v1/sessions/${id}/events`,
        }));
      },
    };
  },
};

const BARE = { headers: {}, protocols: [], acknowledges: false } as const;

/** Rooms that are there before their sockets, as sessions are. */
const rooms = (url: string, prefix: string) => async (count: number) => {
  const paths = Array.from({ length: count }, (_, index) => `${prefix}room-${index}`);
  await post({ url, headers: {} }, paths, "");
  return paths.map((path) => ({ socketUrl: socketUrl(url, path), path }));
};

const floor = (name: string, what: string, prefix: string): LiveVariant => ({
  name,
  what,
  hibernates: true,
  start: async (workspace) => {
    const bundle = await workspace.bundle("live-floor", join(ROOT, "bench/live/floor.ts"));
    const options = { durableObjects: { ROOM: { className: "Room", useSQLite: true } } };
    const worker = await hostedWorker(workspace, "live-floor", bundle, options);
    const url = urlOf(worker);
    return {
      ...(await hosted(workspace, worker)),
      target: { url, headers: {} },
      bodyOf: frameOf,
      client: BARE,
      rooms: rooms(url, prefix),
    };
  },
});

const peer: LiveVariant = {
  name: "peer",
  what: "Node and ws: no object, nothing durable, no authentication",
  hibernates: false,
  start: async (workspace) => {
    const child = startChild<ToRooms, FromRooms>("bench/live/peer.ts", join(workspace.folder, "live-peer"));
    const port = await workspace.port();
    await child.ask({ type: "serve", port }, "serving", SERVE_DEADLINE_MS);
    const url = `http://127.0.0.1:${port}`;
    return {
      target: { url, headers: {} },
      bodyOf: frameOf,
      client: BARE,
      rooms: rooms(url, "/"),
      cpuMs: () => cpuMsOf(child.pid),
      residentBytes: () => residentBytesOf(child.pid),
      constructed: async () => null,
      stop: () => child.stop(),
    };
  },
};

const bare = floor(FLOOR, "a bare object with hibernating sockets that sends what it is told", "/");
const stored = floor("floor-stored", "the same, which reads and writes 4 kB before it sends", "/stored/");

/** For one session with many sockets. Writing is a small part of it: `stored` is for who asks why. */
export const fanOutVariants = (diagnose: boolean): readonly LiveVariant[] =>
  diagnose ? [system, bare, stored, peer] : [system, bare, peer];
/** For many sessions with a socket each. */
export const IDLE_VARIANTS: readonly LiveVariant[] = [system, bare, stored, peer];
