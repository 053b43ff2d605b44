/** Deletes what has been noted as trash, when its time has come and nobody needs it. */
import { readCalendar } from "../../adapters/r2/events/calendar.ts";
import { ReadMeter } from "../../adapters/r2/events/reads.ts";
import { type TrashNote, deletableMs, splitNote } from "../../domain/events/compaction/trash.ts";
import { segmentsPrefix } from "../../domain/events/keys.ts";
import { attempt } from "./attempt.ts";
import { deleteKeys, listTrash, noteTrash, putJson, readJson } from "./notes.ts";
import { type Run, isLate } from "./ports.ts";
import { objectsOf } from "./runs.ts";
import { IndexUnusable, catalogueOf } from "./switch-catalogue.ts";

/** Why an object may not go. `named`: a shard sends readers there. `unread`: a follower will go there. */
type Need = "named" | "unread" | null;

/**
 * What followers have not read, and manifests that shards still name, with the segments of their hours: readers go there, and what is missing
 * looks like damage to them. @throws when a shard does not answer: then nothing may go.
 */
async function neededByShards({ deps }: Run): Promise<(key: string) => Need> {
  const names = await deps.shardNames();
  const prefixes = new Set<string>();
  const [unread, manifests] = [new Set<string>(), new Set<string>()];
  await Promise.all(
    names.map(async (name) => {
      const [ownUnread, pending] = await Promise.all([deps.shard(name).unreadKeys(), deps.shard(name).pending()]);
      for (const key of ownUnread) unread.add(key);
      for (const { key, hour } of pending) {
        manifests.add(key);
        prefixes.add(segmentsPrefix(name, hour));
      }
    }),
  );
  return (key) => {
    if (manifests.has(key) || [...prefixes].some((prefix) => key.startsWith(prefix))) return "named";
    return unread.has(key) ? "unread" : null;
  };
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

async function sweepNote(run: Run, key: string, needOf: (key: string) => Need): Promise<void> {
  const { bucket, clock, meter } = run.deps;
  const note = await readJson<TrashNote>(bucket, key);
  if (note === null) return;
  const needs = Map.groupBy(note.keys, needOf);
  const named = needs.get("named") ?? [];
  const { gone, kept } = splitNote(note.keys, new Set([...named, ...(needs.get("unread") ?? [])]));
  const current = await namedBy(run, note);
  const deleted = gone.filter((each) => !current.has(each));
  await deleteKeys(bucket, deleted);
  run.report.deleted += deleted.length;
  meter.count("trunkline_compaction_deleted_total", {}, deleted.length);
  // Their time begins when the shard has let go of them: it had not, so far.
  if (named.length > 0) await noteTrash(bucket, clock.nowMs(), named, note.catalogue, note.calendar);
  const unread = kept.filter((each) => !named.includes(each));
  if (unread.length === 0) await deleteKeys(bucket, [key]);
  else if (unread.length < note.keys.length) await putJson(bucket, key, { ...note, keys: unread } satisfies TrashNote);
}

/** Notes whose time has come, and what of them may not go all the same. */
export type DueTrash = { readonly notes: readonly string[]; readonly needOf: (key: string) => Need };

/** @returns null when there is none. @throws when a shard does not answer, or what the bucket throws: then nothing may go. */
export async function dueTrash(run: Run): Promise<DueTrash | null> {
  const { bucket, clock } = run.deps;
  const isDue = (key: string) => (deletableMs(key) ?? Number.POSITIVE_INFINITY) <= clock.nowMs();
  const notes = (await listTrash(bucket)).filter(isDue);
  return notes.length === 0 ? null : { notes, needOf: await neededByShards(run) };
}

/** Deletes as far as it comes. Never rejects. */
export async function sweep(run: Run, { notes, needOf }: DueTrash): Promise<void> {
  for (const key of notes) {
    if (isLate(run)) {
      run.report.unfinished = true;
      return;
    }
    await attempt(run, "replaced objects cannot be deleted", { key }, () => sweepNote(run, key, needOf));
  }
}
