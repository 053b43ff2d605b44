/** Reads the counters of a Worker that counts. */
import { join } from "node:path";
import { ROOT } from "../../local/paths.ts";
import type { Workspace } from "../workspace.ts";
import type { Tally } from "./tally.ts";

/** The Worker finds out by it who caused an operation (`node:async_hooks`). */
export const COUNTING_FLAGS = ["nodejs_als"] as const;

export const countingBundle = (workspace: Workspace): Promise<string> =>
  workspace.bundle("counting", join(ROOT, "bench/counting/worker.ts"));

export type Counted = { readonly tally: Tally; readonly activeMs: Readonly<Record<string, number>> };

/** What has been counted since the last time. @param url the Worker's. */
export async function readCounters(url: string): Promise<Counted> {
  const response = await fetch(`${url}/bench/tally`);
  if (!response.ok) throw new Error(`the counting Worker answers ${response.status}`);
  return (await response.json()) as Counted;
}

/** Makes every answer of R2 come this much later. */
export async function holdR2(url: string, ms: number): Promise<void> {
  const response = await fetch(`${url}/bench/hold/${ms}`);
  if (!response.ok) throw new Error(`the counting Worker answers ${response.status}`);
}

/** Does once what the cron does every minute. */
export async function fireCron(url: string): Promise<void> {
  const response = await fetch(`${url}/bench/cron`);
  if (!response.ok) throw new Error(`the cron failed with ${response.status}`);
}

export type AlarmFired = { readonly beforeBytes: number; readonly afterBytes: number };

/** Lets a session's alarm go off now. @returns the size of its storage. */
export async function fireAlarm(url: string, sessionId: string): Promise<AlarmFired> {
  const response = await fetch(`${url}/bench/alarm/${sessionId}`);
  if (!response.ok) throw new Error(`the alarm of a session failed with ${response.status}`);
  return (await response.json()) as AlarmFired;
}

/** The sum of the operations whose names begin so, in the places that the test admits. */
export function sumOf(tally: Tally, operation: string, admits: (place: string) => boolean = () => true): number {
  let sum = 0;
  for (const [place, counts] of Object.entries(tally)) {
    if (!admits(place)) continue;
    for (const [name, count] of Object.entries(counts)) if (name.startsWith(operation)) sum += count;
  }
  return sum;
}
