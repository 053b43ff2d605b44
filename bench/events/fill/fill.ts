/** Fills a store, in a process of its own. */
import { join } from "node:path";
import { startChild } from "../../child.ts";
import type { HostedWorker } from "../../runtime/messages.ts";
import type { Workspace } from "../../workspace.ts";
import type { Filled, FromFill, ToFill } from "./messages.ts";
import type { FillSpec } from "./plan.ts";

const FILL_DEADLINE_MS = 20 * 60_000;

/** The name of a Worker's bucket of events. */
function bucketOf({ options }: HostedWorker): string {
  const buckets = options["r2Buckets"] as Readonly<Record<string, { readonly id: string }>>;
  const events = buckets["EVENTS"];
  if (events === undefined) throw new Error("the Worker has no bucket of events");
  return events.id;
}

/** @param persistence where the Worker, which must not run yet, stores what it has. */
export async function fillStore(
  workspace: Workspace,
  worker: HostedWorker,
  persistence: string,
  spec: FillSpec,
): Promise<Filled> {
  const child = startChild<ToFill, FromFill>("bench/events/fill/process.ts", join(workspace.folder, "fill"));
  try {
    return await child.ask({ type: "fill", spec, persistence, bucket: bucketOf(worker) }, "filled", FILL_DEADLINE_MS);
  } finally {
    await child.stop();
  }
}
