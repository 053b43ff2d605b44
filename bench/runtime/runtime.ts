/** Starts a fresh process with Workers for one measurement. */
import { join } from "node:path";
import { rmSync } from "node:fs";
import { childrenOf } from "../../local/processes.ts";
import { onEnd } from "../cleanup.ts";
import { type Child, startChild } from "../child.ts";
import type { Workspace } from "../workspace.ts";
import type { FillSpec, Filled } from "../replay/messages.ts";
import { cpuMsOf } from "./cpu.ts";
import { peakBytesOf, residentBytesOf } from "./memory.ts";
import type { FromHost, HostedWorker, StoredEvents, ToHost } from "./messages.ts";

const START_DEADLINE_MS = 60_000;
const BUCKET_DEADLINE_MS = 30_000;
const FILL_DEADLINE_MS = 600_000;

export type Runtime = {
  /** Of workerd. */
  readonly pid: number;
  /** Processor time that workerd has used so far. */
  cpuMs(): number;
  /** The most memory that workerd has had so far; NaN where it is not told. */
  peakBytes(): number;
  /** The memory that workerd has now; NaN where it is not told. */
  residentBytes(): number;
  /** Replaces what a lane has in its bucket of events. */
  fillEvents(worker: string, spec: FillSpec): Promise<Filled>;
  /** What a lane has in its bucket of events. */
  measureEvents(worker: string): Promise<StoredEvents>;
  /** Ends it and removes what it stored, unless that has a place of its own. */
  stop(): Promise<void>;
};

let started = 0;

/**
 * @param persistence folder of what is stored, when it is to outlive the process.
 * @param inspectorPort where a profiler may connect; whoever is not asked for one is not slowed down by it.
 */
export async function startRuntime(
  workspace: Workspace,
  workers: readonly HostedWorker[],
  persistence?: string,
  inspectorPort: number | null = null,
): Promise<Runtime> {
  started += 1;
  const folder = join(workspace.folder, "runs", String(started));
  const host: Child<ToHost, FromHost> = startChild("bench/runtime/host.ts", folder, { type: "stop" });
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  const stop = onEnd(async () => {
    await host.stop();
    remove();
  }, remove);
  const config = {
    workers,
    access: workspace.access,
    persistence: persistence ?? join(folder, "state"),
    logFile: join(folder, "worker.jsonl"),
    inspectorPort,
  };
  await host.ask({ type: "start", config }, "ready", START_DEADLINE_MS);
  const workerd = childrenOf(host.pid)[0] ?? host.pid;
  return {
    pid: workerd,
    cpuMs: () => cpuMsOf(workerd),
    peakBytes: () => peakBytesOf(workerd),
    residentBytes: () => residentBytesOf(workerd),
    fillEvents: (worker, spec) => host.ask({ type: "fillEvents", worker, spec }, "filled", FILL_DEADLINE_MS),
    measureEvents: async (worker) =>
      (await host.ask({ type: "measureEvents", worker }, "eventsMeasured", BUCKET_DEADLINE_MS)).stored,
    stop,
  };
}
