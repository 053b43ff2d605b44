/** What reads one session, for `bench -- api --only read`. Every variant starts in fresh processes and answers 200 to a GET. */
import { join } from "node:path";
import { ROOT } from "../../../local/paths.ts";
import { startChild } from "../../child.ts";
import { hostedWorker, urlOf } from "../../lanes.ts";
import { createClient } from "../../load/client.ts";
import type { DatabaseUrl } from "../../peer/database.ts";
import type { FromPeer, ToPeer } from "../../peer/messages.ts";
import { cpuMsOf } from "../../runtime/cpu.ts";
import { type Runtime, startRuntime } from "../../runtime/runtime.ts";
import type { HostedWorker } from "../../runtime/messages.ts";
import type { Workspace } from "../../workspace.ts";
import { getRequest } from "../requests.ts";
import { type Credentials, openLane, openSessions, standardLane } from "../system.ts";

/** Read in turn. */
export const SESSIONS = 64;
const PEER_DEADLINE_MS = 20_000;

export type Stage = {
  readonly workspace: Workspace;
  readonly credentials: Credentials;
  /** What a session looks like in JSON. */
  readonly example: string;
  readonly databaseUrl: DatabaseUrl;
};

export type Running = {
  readonly url: string;
  readonly requests: readonly string[];
  /** Processor time of the serving process so far. */
  readonly cpuMs: () => number;
  readonly stop: () => Promise<void>;
};

export type Variant = {
  readonly name: string;
  readonly what: string;
  readonly start: (stage: Stage) => Promise<Running>;
};

type Headers = Readonly<Record<string, string>>;

export type RunningSystem = Running & { readonly runtime: Runtime; readonly worker: HostedWorker };

/** @param inspectorPort where a profiler may connect; null: nowhere. */
export async function startSystem(
  { workspace, credentials }: Pick<Stage, "workspace" | "credentials">,
  headers: Headers,
  laneOf: LaneOf = whole,
  inspectorPort: number | null = null,
): Promise<RunningSystem> {
  const worker = await laneOf(workspace);
  const runtime = await startRuntime(workspace, [worker], undefined, inspectorPort);
  const urls = await openSessions(worker, credentials.apiKey, SESSIONS);
  const requests = urls.map((url) => getRequest(url, headers));
  return { url: urlOf(worker), requests, cpuMs: runtime.cpuMs, stop: runtime.stop, runtime, worker };
}

/** @returns a session in JSON, as the system answers it. */
export async function exampleOf(stage: Pick<Stage, "workspace" | "credentials">): Promise<string> {
  const { workspace, credentials } = stage;
  const worker = await whole(workspace);
  const runtime = await startRuntime(workspace, [worker]);
  const [url = ""] = await openSessions(worker, credentials.apiKey, 1);
  const client = createClient({ url, headers: { "x-api-key": credentials.apiKey } }, 1);
  try {
    return (await client.send("GET", "")).text;
  } finally {
    client.close();
    await runtime.stop();
  }
}

function floor(name: string, what: string, path: string): Variant {
  return {
    name,
    what,
    start: async ({ workspace, example }) => {
      const bundle = await workspace.bundle("api-floor", join(ROOT, "bench/api/floor.ts"));
      const worker = await hostedWorker(workspace, "api-floor", bundle, {
        durableObjects: { ITEM: { className: "Item", useSQLite: true } },
        bindings: { BODY: example },
      });
      const { cpuMs, stop } = await startRuntime(workspace, [worker]);
      const requests = Array.from({ length: SESSIONS }, (_, item) => getRequest(urlOf(worker, `${path}${item}`), {}));
      return { url: urlOf(worker), requests, cpuMs, stop };
    },
  };
}

type LaneOf = (workspace: Workspace) => Promise<HostedWorker>;
const whole: LaneOf = (workspace) => standardLane(workspace, {});

function system(name: string, what: string, headersOf: (credentials: Credentials) => Headers, laneOf: LaneOf = whole): Variant {
  return { name, what, start: (stage) => startSystem(stage, headersOf(stage.credentials), laneOf) };
}

const peer: Variant = {
  name: "peer",
  what: "Node and PostgreSQL, one SELECT per request, no authentication",
  start: async ({ workspace, example, databaseUrl }) => {
    const child = startChild<ToPeer, FromPeer>("bench/peer/server.ts", join(workspace.folder, "peer"));
    const port = await workspace.port();
    await child.ask({ type: "serve", port, databaseUrl: await databaseUrl() }, "serving", PEER_DEADLINE_MS);
    const url = `http://127.0.0.1:${port}`;
    const client = createClient({ url: `${url}/`, headers: {} }, 1);
    const requests: string[] = [];
    for (let row = 0; row < SESSIONS; row++) {
      const { text } = await client.send("POST", "", example);
      requests.push(getRequest(`${url}/${(JSON.parse(text) as { id: string }).id}`, {}));
    }
    client.close();
    // PostgreSQL works in processes of its own, which are not in it.
    return { url, requests, cpuMs: () => cpuMsOf(child.pid), stop: () => child.stop() };
  },
};

export const byToken = ({ token }: Credentials): Headers => ({ authorization: `Bearer ${token}` });
export const byKey = ({ apiKey }: Credentials): Headers => ({ "x-api-key": apiKey });

export const FLOOR = "floor";
export const SYSTEMS = ["system, token", "system, key"] as const;

export const variants = (): readonly Variant[] => [
  floor(FLOOR, "one call to one object, its value answered as JSON; no authentication, no log", "/"),
  system(SYSTEMS[0], "GET /v1/sessions/{id} with a JWT that is remembered", byToken),
  system(SYSTEMS[1], "the same with an API key", byKey),
  floor("floor, text", "the floor whose object answers text that was written before", "/text/"),
  peer,
];

/** Parts of the system left out one at a time, to see what each costs. */
export const diagnostics = (): readonly Variant[] => [
  system("no log", "the system without lines of the log", byToken, (workspace) =>
    standardLane(workspace, {}, join(ROOT, "bench/diagnose/no-log.ts")),
  ),
  system("no guard", "the system that asks nobody for credentials, permission or rate", byToken, (workspace) =>
    openLane(workspace, {}),
  ),
];
