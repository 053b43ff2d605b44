/**
 * What the event store does by itself each minute: merges hours and days, makes filters of them, and deletes what they have replaced. Everything is done in steps
 * that may be interrupted anywhere and repeated; what does not fit into a run is done by the next one.
 */
import { type Haste, dueDays, dueHours } from "../../domain/events/compaction/due.ts";
import type { PendingManifest } from "../../domain/events/shard.ts";
import { attempt } from "./attempt.ts";
import { mergeDay } from "./day.ts";
import { makeFilters } from "./filters.ts";
import { Held } from "./held.ts";
import { mergeHour } from "./hour.ts";
import { takeLease } from "./lease.ts";
import { listDayNotes } from "./notes.ts";
import { type CompactionDeps, type CompactionReport, type Run, isLate, newReport } from "./ports.ts";
import { type DueTrash, dueTrash, sweep } from "./sweep.ts";

/** The last step that is begun in time may take so much longer. */
const LEASE_MARGIN_MS = 60_000;

/** What no shard has merged yet. One that does not answer keeps all days from being merged, since it may have something of them. */
async function pendingOf(run: Run): Promise<{ readonly manifests: readonly PendingManifest[]; readonly complete: boolean }> {
  const manifests: PendingManifest[] = [];
  let complete = true;
  for (const name of await run.deps.shardNames()) {
    const asked = await attempt(run, "a shard of the event log does not answer", { shard: name }, async () => {
      manifests.push(...(await run.deps.shard(name).pending()));
    });
    complete &&= asked;
  }
  return { manifests, complete };
}

/** Whoever goes on with what is left over begins with the oldest. */
async function eachInTime(run: Run, items: readonly string[], step: (item: string) => Promise<void>): Promise<void> {
  for (const item of items) {
    if (isLate(run)) {
      run.report.unfinished = true;
      return;
    }
    await step(item);
  }
}

async function mergeHours(run: Run, hours: readonly string[]): Promise<void> {
  await eachInTime(run, hours, async (hour) => {
    await attempt(run, "an hour cannot be merged", { hour }, () => mergeHour(run, hour));
  });
}

async function mergeDays(run: Run): Promise<void> {
  const { bucket, clock } = run.deps;
  const notes = await listDayNotes(bucket);
  if (notes.length === 0) return;
  const pending = await pendingOf(run);
  if (!pending.complete) return;
  const days = notes.map(({ day }) => day);
  await eachInTime(run, dueDays(days, pending.manifests, clock.nowMs(), run.haste), async (day) => {
    const own = notes.filter((note) => note.day === day);
    await attempt(run, "a day cannot be merged", { day }, () => mergeDay(run, day, own));
  });
}

async function doAll(run: Run): Promise<void> {
  const { deps } = run;
  const { manifests } = await pendingOf(run);
  let trash: DueTrash | null = null;
  // As it is before shards let go of anything: what they do in this run is deleted no sooner than its time after that.
  await attempt(run, "the trash cannot be emptied", {}, async () => {
    trash = await dueTrash(run);
  });
  await mergeHours(run, dueHours(manifests, deps.clock.nowMs(), run.haste));
  await attempt(run, "days cannot be merged", {}, () => mergeDays(run));
  await attempt(run, "filters cannot be made", {}, () => makeFilters(run));
  if (trash !== null) await sweep(run, trash);
  for (const work of deps.after) {
    if (isLate(run)) break;
    await attempt(run, "the store cannot be looked after", {}, () => work(run.untilMs));
  }
}

/**
 * Does what is due, the oldest first.
 * @param budgetMs no step begins later than this; one takes some seconds.
 * @returns what was done; null when somebody else is at it. Never rejects for what can be done again: that is logged and counted.
 * @throws when it cannot be told who is at it, or which shards there are.
 */
export async function housekeeping(
  deps: CompactionDeps,
  budgetMs: number,
  haste: Haste = "ended",
): Promise<CompactionReport | null> {
  const nowMs = deps.clock.nowMs();
  const untilMs = nowMs + budgetMs;
  const release = await takeLease(deps.bucket, deps.newHolder(), nowMs, untilMs + LEASE_MARGIN_MS);
  if (release === null) return null;
  const run: Run = { deps, haste, untilMs, report: newReport(), held: new Held() };
  try {
    await doAll(run);
  } finally {
    await release();
  }
  const report = { ...run.report, peakBytes: run.held.peak };
  const { hours, days, deleted, damaged, failures } = report;
  if (hours + days + deleted + damaged + failures > 0) deps.log("info", "the event store was looked after", report);
  return report;
}
