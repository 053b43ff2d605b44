/** What is measured: a replay, and the floor that it stands on. */
import { join } from "node:path";
import { HOUR_MS } from "../../domain/events/keys.ts";
import { ROOT } from "../../local/paths.ts";
import { authenticated, hostedLane, hostedWorker, urlOf } from "../lanes.ts";
import type { Target } from "../load/client.ts";
import type { HostedWorker } from "../runtime/messages.ts";
import { startRuntime } from "../runtime/runtime.ts";
import type { Workspace } from "../workspace.ts";
import type { FillSpec } from "./messages.ts";
import type { Measured } from "./report.ts";
import { readLines } from "./stream.ts";

export const SPEC: FillSpec = {
  fromMs: Date.parse("2026-06-01T08:00:00Z"),
  hours: 10,
  callsPerHour: 100_000,
  othersPerHour: 10_000,
};

export type Variant = {
  readonly name: string;
  readonly start: (workspace: Workspace) => Promise<{ readonly worker: HostedWorker; readonly target: Target }>;
};

export async function lane(workspace: Workspace): Promise<HostedWorker> {
  return hostedLane(workspace, { lane: "standard", bundle: await workspace.bundle("worker") });
}

export const VARIANTS: readonly Variant[] = [
  {
    name: "floor",
    start: async (workspace) => {
      const { r2Buckets, compatibilityFlags } = (await lane(workspace)).options;
      const bundle = await workspace.bundle("replay-floor", join(ROOT, "bench/replay/floor.ts"));
      const worker = await hostedWorker(workspace, "replay-floor", bundle, { r2Buckets, compatibilityFlags });
      return { worker, target: { url: urlOf(worker), headers: {} } };
    },
  },
  {
    name: "replay",
    start: async (workspace) => {
      const worker = await lane(workspace);
      return { worker, target: authenticated(workspace, worker, "/v1/routing/replay") };
    },
  },
];

/** One request in a fresh process. @param persistence where the calls are stored. */
export async function measure(workspace: Workspace, variant: Variant, persistence: string): Promise<Measured> {
  const { worker, target } = await variant.start(workspace);
  const runtime = await startRuntime(workspace, [worker], persistence);
  try {
    const peakBefore = runtime.peakBytes();
    const cpuBefore = runtime.cpuMs();
    const period = {
      from: new Date(SPEC.fromMs).toISOString(),
      to: new Date(SPEC.fromMs + SPEC.hours * HOUR_MS).toISOString(),
    };
    const body = JSON.stringify({ ...period, version: "current" });
    const read = await readLines(target, body);
    const peakBytes = runtime.peakBytes();
    return { ...read, cpuMs: runtime.cpuMs() - cpuBefore, peakBytes, idleBytes: peakBefore };
  } finally {
    await runtime.stop();
  }
}
