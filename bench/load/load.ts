/** Runs one job in a fresh load generator. */
import { join } from "node:path";
import { startChild } from "../child.ts";
import type { Workspace } from "../workspace.ts";
import type { BurstJob, BurstResult, CallsJob, CallsResult, FromLoad, ToLoad } from "./messages.ts";

const BURST_DEADLINE_MS = 120_000;
const CALLS_GRACE_MS = 60_000;

const generator = (workspace: Workspace) =>
  startChild<ToLoad, FromLoad>("bench/load/generator.ts", join(workspace.folder, "load"));

export async function runBurst(workspace: Workspace, job: Omit<BurstJob, "type">): Promise<BurstResult> {
  const child = generator(workspace);
  try {
    return await child.ask({ type: "burst", ...job }, "burstDone", BURST_DEADLINE_MS);
  } finally {
    await child.stop();
  }
}

export async function runCalls(workspace: Workspace, job: Omit<CallsJob, "type">): Promise<CallsResult> {
  const child = generator(workspace);
  const pausesMs = job.reports.reduce((sum, { afterMs }) => sum + afterMs, 0);
  const expectedMs = (job.count / job.perSecond) * 1_000 + pausesMs;
  try {
    return await child.ask({ type: "calls", ...job }, "callsDone", expectedMs + CALLS_GRACE_MS);
  } finally {
    await child.stop();
  }
}
