/** What takes events in, for `bench -- events`. Every variant starts in fresh processes and answers 201 to a POST. */
import { join } from "node:path";
import { ROOT } from "../../local/paths.ts";
import { startChild } from "../child.ts";
import { hostedLane, hostedWorker, urlOf } from "../lanes.ts";
import type { DatabaseUrl } from "../peer/database.ts";
import type { FromPeer, ToPeer } from "../peer/messages.ts";
import { cpuMsOf } from "../runtime/cpu.ts";
import type { HostedWorker } from "../runtime/messages.ts";
import { type Runtime, startRuntime } from "../runtime/runtime.ts";
import type { Workspace } from "../workspace.ts";
import type { Clients, Headers } from "./clients.ts";

export const INGEST_PATH = "/v1/events";
const PEER_DEADLINE_MS = 20_000;
/** As deployed; the local system flushes every two seconds, for people to look at. */
const DEPLOYED_FLUSH_MS = 30_000;

export type Running = {
  readonly url: string;
  readonly clients: readonly Headers[];
  /** Processor time of the serving process so far. */
  readonly cpuMs: () => number;
  readonly stop: () => Promise<void>;
};

export type Variant = {
  readonly name: string;
  readonly what: string;
  readonly start: (clients: Clients) => Promise<Running>;
};

export const FLOOR: Variant = {
  name: "floor",
  what: "a Worker with JSON in, one call to one object, one row for each turn of the event loop; no authentication, no checks",
  start: async ({ workspace }) => {
    const bundle = await workspace.bundle("events-floor", join(ROOT, "bench/events/floor.ts"));
    const options = { durableObjects: { LOG: { className: "Log", useSQLite: true } } };
    const worker = await hostedWorker(workspace, "events-floor", bundle, options);
    const { cpuMs, stop } = await startRuntime(workspace, [worker]);
    return { url: urlOf(worker, "/"), clients: [], cpuMs, stop };
  },
};

/** The standard lane as deployed. */
export async function standardLane(
  workspace: Workspace,
  vars: Readonly<Record<string, string>> = {},
  rest: { readonly bundle?: string; readonly compatibilityFlags?: readonly string[] } = {},
): Promise<HostedWorker> {
  return hostedLane(workspace, {
    lane: "standard",
    bundle: rest.bundle ?? (await workspace.bundle("worker")),
    vars: { FLUSH_AGE_MS: String(DEPLOYED_FLUSH_MS), ANALYTICS_SINK: "engine", ...vars },
    ...(rest.compatibilityFlags === undefined ? {} : { compatibilityFlags: rest.compatibilityFlags }),
  });
}

export type RunningSystem = Running & { readonly runtime: Runtime; readonly worker: HostedWorker };

export async function startSystem(
  { workspace, headers }: Clients,
  vars: Readonly<Record<string, string>> = {},
  persistence?: string,
): Promise<RunningSystem> {
  const worker = await standardLane(workspace, vars);
  const runtime = await startRuntime(workspace, [worker], persistence);
  const { cpuMs, stop } = runtime;
  return { url: urlOf(worker, INGEST_PATH), clients: headers, cpuMs, stop, runtime, worker };
}

export const SYSTEM: Variant = {
  name: "system",
  what: "POST /v1/events with an API key: authenticated, limited, checked, durable, flushed",
  start: (clients) => startSystem(clients),
};

export const peer = (databaseUrl: DatabaseUrl): Variant => ({
  name: "peer",
  what: "Node and PostgreSQL, one INSERT per request, no authentication, no checks",
  start: async ({ workspace }) => {
    const child = startChild<ToPeer, FromPeer>("bench/peer/server.ts", join(workspace.folder, "peer"));
    const port = await workspace.port();
    await child.ask({ type: "serve", port, databaseUrl: await databaseUrl() }, "serving", PEER_DEADLINE_MS);
    // PostgreSQL works in processes of its own, which are not in it.
    return {
      url: `http://127.0.0.1:${port}/`,
      clients: [],
      cpuMs: () => cpuMsOf(child.pid),
      stop: () => child.stop(),
    };
  },
});
