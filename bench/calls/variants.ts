/** What is measured against what. Every variant starts in fresh processes and answers 201 to a POST. */
import { join } from "node:path";
import { ROOT } from "../../local/paths.ts";
import { startChild } from "../child.ts";
import { CALL, authenticated, hostedLane, hostedWorker, urlOf } from "../lanes.ts";
import type { Target } from "../load/client.ts";
import type { DatabaseUrl } from "../peer/database.ts";
import type { FromPeer, ToPeer } from "../peer/messages.ts";
import type { HostedWorker } from "../runtime/messages.ts";
import { cpuMsOf } from "../runtime/cpu.ts";
import { startRuntime } from "../runtime/runtime.ts";
import type { Workspace } from "../workspace.ts";

/** Objects that one process may make: below what its file descriptors allow. */
export const MAX_NEW_OBJECTS = 4_500;
const OBJECTS_PER_WINDOW = 3_000;
const REQUESTS_WITHOUT_OBJECTS = 12_000;
const PEER_DEADLINE_MS = 20_000;

export type Running = {
  readonly target: Target;
  /** Processor time of the serving process so far. */
  readonly cpuMs: () => number;
  readonly stop: () => Promise<void>;
};

export type Variant = {
  readonly name: string;
  readonly what: string;
  readonly count: number;
  readonly start: (workspace: Workspace) => Promise<Running>;
};

async function running(workspace: Workspace, workers: readonly HostedWorker[], target: Target): Promise<Running> {
  const { cpuMs, stop } = await startRuntime(workspace, workers);
  return { target, cpuMs, stop };
}

const floorOptions = { durableObjects: { ITEM: { className: "Item", useSQLite: true } } };

function floor(name: string, what: string, path: string): Variant {
  return {
    name,
    what,
    count: OBJECTS_PER_WINDOW,
    start: async (workspace) => {
      const bundle = await workspace.bundle("floor", join(ROOT, "bench/floor/worker.ts"));
      const worker = await hostedWorker(workspace, "floor", bundle, floorOptions);
      return running(workspace, [worker], { url: urlOf(worker, path), headers: {} });
    },
  };
}

/** As deployed. The local system flushes its logs every two seconds, so that a person sees segments; a window of seconds would mostly measure that. */
const DEPLOYED = { FLUSH_AGE_MS: "30000" };

/** @param entry other than the Worker's own, for a part of the system. */
function system(name: string, what: string, vars: Readonly<Record<string, string>> = {}, entry?: string): Variant {
  return {
    name,
    what,
    count: OBJECTS_PER_WINDOW,
    start: async (workspace) => {
      const bundle = await workspace.bundle(
        entry ?? "worker",
        entry === undefined ? undefined : join(ROOT, "bench/diagnose", `${entry}.ts`),
      );
      const worker = await hostedLane(workspace, { lane: "standard", bundle, vars: { ...DEPLOYED, ...vars } });
      return running(workspace, [worker], authenticated(workspace, worker, "/v1/calls"));
    },
  };
}

const hello: Variant = {
  name: "hello",
  what: "Hono says hello: what generator and sockets can carry",
  count: REQUESTS_WITHOUT_OBJECTS,
  start: async (workspace) => {
    const bundle = await workspace.bundle("hello", join(ROOT, "bench/floor/hello.ts"));
    const worker = await hostedWorker(workspace, "hello", bundle);
    return running(workspace, [worker], { url: urlOf(worker), headers: {} });
  },
};

const gate: Variant = {
  name: "system-gate",
  what: "the same through the emergency Worker's gate, both in one process",
  count: OBJECTS_PER_WINDOW,
  start: async (workspace) => {
    const bundle = await workspace.bundle("worker");
    const emergency = await hostedLane(workspace, { lane: "emergency", bundle, vars: DEPLOYED, gate: true });
    const standard = await hostedLane(workspace, { lane: "standard", bundle, vars: DEPLOYED });
    return running(workspace, [emergency, standard], authenticated(workspace, emergency, "/v1/calls"));
  },
};

const peer = (databaseUrl: DatabaseUrl): Variant => ({
  name: "peer",
  what: "Node and PostgreSQL, one INSERT per call, no authentication, no routing",
  count: REQUESTS_WITHOUT_OBJECTS,
  start: async (workspace) => {
    const child = startChild<ToPeer, FromPeer>("bench/peer/server.ts", join(workspace.folder, "peer"));
    const port = await workspace.port();
    await child.ask({ type: "serve", port, databaseUrl: await databaseUrl() }, "serving", PEER_DEADLINE_MS);
    // PostgreSQL works in processes of its own, which are not in it.
    return {
      target: { url: `http://127.0.0.1:${port}/`, headers: {} },
      cpuMs: () => cpuMsOf(child.pid),
      stop: () => child.stop(),
    };
  },
});

/** The variants of the table. */
export const variants = (databaseUrl: DatabaseUrl): Variant[] => [
  hello,
  floor("floor-empty", "a new object, nothing stored", "/empty"),
  floor("floor", "a new object, one value and an alarm", "/"),
  system("system", "POST /v1/calls: authenticated, routed, durable"),
  gate,
  peer(databaseUrl),
];

/** Parts of the system left out one at a time, to see what each costs. */
export const diagnostics = (): Variant[] => [
  floor("floor-row", "the floor, with a look whether it is there already, and a row of a session's size", "/row"),
  system("engine-analytics", "analytics to the engine, as deployed, instead of log lines", { ANALYTICS_SINK: "engine" }),
  system("no-log", "no log lines at all", {}, "no-log"),
  system("no-feed", "the tenant's feed is not told", {}, "no-feed"),
  system("no-forward", "events are not offered to the log at all", {}, "no-forward"),
  system("bare", "neither log lines nor forwarding", {}, "bare"),
  system("object-only", "the session's object alone: no routes, no authentication, no decision", {}, "object-only"),
  system("object-only-bare", "the same without log lines and forwarding", {}, "object-only-bare"),
];

export const FLOOR = "floor";
export const SYSTEM = "system";
export const BODY = CALL;
