/** Runs one job in a fresh load generator. */
import { join } from "node:path";
import { startChild } from "../../child.ts";
import type { Workspace } from "../../workspace.ts";
import type { EventsJob, EventsResult, FromEventsLoad, ToEventsLoad } from "./messages.ts";

const GRACE_MS = 300_000;

export async function runEvents(workspace: Workspace, job: Omit<EventsJob, "type">): Promise<EventsResult> {
  const child = startChild<ToEventsLoad, FromEventsLoad>("bench/events/load/generator.ts", join(workspace.folder, "load"));
  const pacedMs = job.perSecond === null ? 0 : (job.requests / job.perSecond) * 1_000;
  try {
    return await child.ask({ type: "events", ...job }, "eventsDone", pacedMs + GRACE_MS);
  } finally {
    await child.stop();
  }
}
