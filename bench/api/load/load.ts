/** Runs one job in a fresh load generator. */
import { join } from "node:path";
import { startChild } from "../../child.ts";
import type { Workspace } from "../../workspace.ts";
import type { FromRequests, RequestsJob, RequestsResult, ToRequests } from "./messages.ts";

const GRACE_MS = 120_000;

export async function runRequests(workspace: Workspace, job: Omit<RequestsJob, "type">): Promise<RequestsResult> {
  const child = startChild<ToRequests, FromRequests>("bench/api/load/generator.ts", join(workspace.folder, "load"));
  const pacedMs = job.perSecond === null ? 0 : ((job.warmUp + job.count) / job.perSecond) * 1_000;
  try {
    return await child.ask({ type: "requests", ...job }, "requestsDone", pacedMs + GRACE_MS);
  } finally {
    await child.stop();
  }
}
