/** Deletes what has been noted as trash, when its time has come and nobody needs it. */
import { inTime } from "../../adapters/platform/deadline.ts";
import { readCalendar } from "../../adapters/r2/events/calendar.ts";
import { ReadMeter } from "../../adapters/r2/events/reads.ts";
import { type TrashNote, deletableMs, splitNote } from "../../domain/events/compaction/trash.ts";
import { segmentsPrefix } from "../../domain/events/keys.ts";
import { attempt } from "./attempt.ts";
import { putJson, readJson } from "./notes.ts";
import { type Run, isLate } from "./ports.ts";
import { objectsOf } from "./runs.ts";
import { IndexUnusable, catalogueOf } from "./switch-catalogue.ts";

const DELETE_DEADLINE_MS = 10_000;

/** The notes whose time has come. */
export function dueNotes(notes: readonly string[], nowMs: number): string[] {
  return notes.filter((key) => (deletableMs(key) ?? Number.POSITIVE_INFINITY) <= nowMs);
}

/** Whether an object is needed. */
type IsNeeded = (key: string) => boolean;

/**
 * What followers have not read, and manifests that shards still name, with the segments of their hours: readers go there, and what is missing
 * looks like damage to them. @throws when a shard does not answer: then nothing may go.
 */
async function neededByShards({ deps }: Run): Promise<IsNeeded> {
  const names = await deps.shardNames();
  const prefixes = new Set<string>();
  const needed = await Promise.all(
    names.map(async (name) => {
      const [unread, pending] = await Promise.all([deps.shard(name).unreadKeys(), deps.shard(name).pending()]);
      for (const { hour } of pending) prefixes.add(segmentsPrefix(name, hour));
      return [...unread, ...pending.map(({ key }) => key)];
    }),
  );
  const keys = new Set(needed.flat());
  return (key) => keys.has(key) || [...prefixes].some((prefix) => key.startsWith(prefix));
}

/** What is named still, or again. @throws IndexUnusable when that cannot be told. */
async function namedBy({ deps: { bucket } }: Run, { catalogue, calendar }: TrashNote): Promise<Set<string>> {
  const day = catalogue === null ? null : await catalogueOf(bucket, catalogue.tenant, catalogue.day);
  const named = new Set(day?.catalogue.segments.flatMap(objectsOf));
  if (calendar === undefined) return named;
  const { tenant, year } = calendar;
  const read = await readCalendar(new ReadMeter(bucket), tenant, year);
  if (read.tag === "damaged") throw new IndexUnusable(`the calendar of ${tenant} ${year} is damaged`);
  for (const { key } of Object.values(read.calendar.filters ?? {})) named.add(key);
  return named;
}

async function sweepNote(run: Run, key: string, isNeeded: IsNeeded): Promise<void> {
  const { bucket, meter } = run.deps;
  const note = await readJson<TrashNote>(bucket, key);
  if (note === null) return;
  const { gone, kept } = splitNote(note.keys, new Set(note.keys.filter(isNeeded)));
  const current = await namedBy(run, note);
  const deleted = gone.filter((each) => !current.has(each));
  if (deleted.length > 0) await inTime(bucket.delete(deleted), DELETE_DEADLINE_MS);
  run.report.deleted += deleted.length;
  meter.count("trunkline_compaction_deleted_total", {}, deleted.length);
  if (kept.length === 0) await inTime(bucket.delete(key), DELETE_DEADLINE_MS);
  else if (kept.length < note.keys.length) await putJson(bucket, key, { ...note, keys: kept } satisfies TrashNote);
}

export async function sweep(run: Run, notes: readonly string[]): Promise<void> {
  if (notes.length === 0) return;
  const isNeeded = await neededByShards(run);
  for (const key of notes) {
    if (isLate(run)) {
      run.report.unfinished = true;
      return;
    }
    await attempt(run, "replaced objects cannot be deleted", { key }, () => sweepNote(run, key, isNeeded));
  }
}
