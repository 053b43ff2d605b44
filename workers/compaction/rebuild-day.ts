/** Makes the index of one tenant's day anew from its merged segments. */
import { emptyCalendar, withDay, yearOf } from "../../domain/events/index/calendar.ts";
import { putCalendar, readCalendar } from "../../adapters/r2/events/calendar.ts";
import { putCatalogue, readCatalogue } from "../../adapters/r2/events/catalogue.ts";
import { putOnce } from "../../adapters/r2/events/object-upload.ts";
import { R2_DEADLINE_MS, ReadMeter } from "../../adapters/r2/events/reads.ts";
import { inTime } from "../../adapters/platform/deadline.ts";
import type { Redaction } from "../../adapters/r2/events/redactions.ts";
import { openGroups, planOverlaps } from "../../domain/events/compaction/plan.ts";
import {
  type DayCatalogue,
  type MergeLevel,
  type MergedSegment,
  emptyCatalogue,
  withSegments,
} from "../../domain/events/index/catalogue.ts";
import { VolumeIndex } from "../../domain/events/index/volume.ts";
import { TENANTS_PREFIX, indexKey } from "../../domain/events/keys.ts";
import type { StoredLine } from "../../domain/events/stored.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { type FoundBlock, blocksOf } from "./members.ts";
import { listKeys, noteTrash } from "./notes.ts";
import type { Run } from "./ports.ts";
import { objectsOf, tellDamage, volumeRun } from "./runs.ts";
import { IndexUnusable, noteInCalendar } from "./switch-catalogue.ts";
import { writeMerged } from "./write-merged.ts";

export type TenantDay = { readonly tenant: TenantId; readonly day: string };
type Named = { readonly key: string; readonly name: string; readonly level: MergeLevel };

/** `<level>-…`, or of an hour `hour-HH-…`. */
const NAME = /([^/]+)\.jsonl\.gz$/;
const LEVELS: readonly MergeLevel[] = ["hour", "day", "archive"];

/** The block's lines that stand behind everything before; null: it is damaged. */
function inOrder({ lines }: FoundBlock, lastId: string): readonly StoredLine[] | null {
  if (lines === null) return null;
  const isSorted = lines.every(({ facts }, at) => facts.id > (at === 0 ? lastId : lines[at - 1]!.facts.id));
  return isSorted ? lines : null;
}

/** What is to be done with a segment: `whole` with what its index is made of, or `rewrite`. */
type Looked = { readonly tag: "whole"; readonly index: VolumeIndex } | { readonly tag: "rewrite" | "damaged" | "missing" };

/** Goes through it once. Of its events nothing stays but what stands in an index. */
async function look(run: Run, key: string, level: MergeLevel, redaction: Redaction): Promise<Looked> {
  const index = new VolumeIndex(level !== "archive");
  let lastId = "";
  let isErased = false;
  let isAny = false;
  for await (const block of blocksOf(new ReadMeter(run.deps.bucket), key, run.held)) {
    const lines = inOrder(block, lastId);
    if (lines === null) return { tag: "damaged" };
    for (const { facts } of lines) index.add(facts);
    index.closeBlock(block.length);
    run.held.beside(index.bytes);
    lastId = lines.at(-1)!.facts.id;
    isErased ||= lines.some(({ line }) => redaction.apply(line) !== line);
    isAny = true;
  }
  if (!isAny) return { tag: "missing" };
  return isErased ? { tag: "rewrite" } : { tag: "whole", index };
}

/** What is left of it, block by block. */
async function* left(run: Run, key: string): AsyncGenerator<readonly StoredLine[]> {
  let lastId = "";
  for await (const block of blocksOf(new ReadMeter(run.deps.bucket), key, run.held)) {
    const lines = inOrder(block, lastId);
    if (lines === null) continue;
    lastId = lines.at(-1)!.facts.id;
    yield lines;
  }
}

/** Its index object and what a catalogue says of it; the segment itself stays as it is. */
async function indexed(
  run: Run,
  { tenant, day }: TenantDay,
  { key, name, level }: Named,
  index: VolumeIndex,
): Promise<MergedSegment> {
  const { index: terms, ...summary } = index.finish();
  const stored = await inTime(run.deps.bucket.head(key), R2_DEADLINE_MS);
  const storage = stored?.storageClass === "InfrequentAccess" ? "InfrequentAccess" : "Standard";
  if (terms === null) return { key, level, storage, ...summary, terms: null };
  const termsKey = indexKey(tenant, day, name);
  await putOnce(run.deps.bucket, termsKey, terms.bytes, { httpMetadata: { contentType: "application/octet-stream" } });
  return { key, level, storage, ...summary, terms: { key: termsKey, directory: terms.directory } };
}

type Found = { readonly segments: readonly MergedSegment[]; readonly replaced: readonly string[] };

/** One segment as it is, or, where it is damaged or speaks of somebody erased, what is left of it as others. */
async function read(run: Run, place: TenantDay, key: string): Promise<Found> {
  const name = NAME.exec(key)?.[1] ?? "";
  const level = LEVELS.find((known) => name.startsWith(`${known}-`));
  if (level === undefined) return { segments: [], replaced: [] };
  const redaction = await run.deps.redaction(place.tenant);
  const looked = await look(run, key, level, redaction);
  if (looked.tag === "missing") return { segments: [], replaced: [] };
  if (looked.tag === "whole")
    return { segments: [await indexed(run, place, { key, name, level }, looked.index)], replaced: [] };
  if (looked.tag === "damaged") await tellDamage(run, key, "a block is damaged");
  const merge = {
    ...place,
    level,
    period: `${place.day}/${name.slice("hour-".length, "hour-HH".length)}`,
    inputs: [key],
    redaction,
  };
  return { segments: await writeMerged(run, merge, [left(run, key)]), replaced: looked.tag === "damaged" ? [] : [key] };
}

/** Segments that were left behind by interrupted merges have events of others: they are merged once more. */
async function withoutDoubles(run: Run, place: TenantDay, found: Found): Promise<Found> {
  let segments = [...found.segments];
  const replaced = [...found.replaced];
  const redaction = await run.deps.redaction(place.tenant);
  for (const overlapping of planOverlaps(segments))
    for (const group of openGroups(overlapping)) {
      const merge = { ...place, level: "day", period: place.day, inputs: group.map(({ key }) => key), redaction } as const;
      const made = await writeMerged(
        run,
        merge,
        group.map((segment) => volumeRun(run, segment)),
      );
      segments = [...segments.filter((segment) => !group.includes(segment)), ...made];
      const kept = new Set(made.flatMap(objectsOf));
      replaced.push(...group.flatMap(objectsOf).filter((key) => !kept.has(key)));
    }
  return { segments, replaced };
}

/** A calendar that nobody can read is begun anew, with the days that have catalogues. */
async function mendCalendar(run: Run, tenant: string, year: string): Promise<void> {
  const { bucket } = run.deps;
  const known = await readCalendar(new ReadMeter(bucket), tenant, year);
  if (known.tag === "read") return;
  const catalogues = (await listKeys(bucket, `${TENANTS_PREFIX}${tenant}/${year}/`)).filter((key) => key.endsWith(".cat"));
  const days = catalogues.map((key) => key.slice(`${TENANTS_PREFIX}${tenant}/`.length, -".cat".length));
  const calendar = days.reduce((sum, day) => withDay(sum, day, []), emptyCalendar(tenant, year));
  if ((await putCalendar(bucket, calendar, known.etag)) === null)
    throw new IndexUnusable(`the calendar of ${tenant} ${year} has changed`);
}

/**
 * @param keys of the merged segments that are there and not replaced.
 * @param merged manifests of the day in the trash: their events are in these segments.
 * @throws IndexUnusable when somebody else has changed the day meanwhile, or what the bucket throws. Doing it again is safe.
 */
export async function rebuildDay(
  run: Run,
  place: TenantDay,
  keys: readonly string[],
  merged: readonly string[],
): Promise<number> {
  const { bucket, clock } = run.deps;
  const known = await readCatalogue(new ReadMeter(bucket), place.tenant, place.day);
  let found: Found = { segments: [], replaced: [] };
  for (const key of keys) {
    const one = await read(run, place, key);
    found = { segments: [...found.segments, ...one.segments], replaced: [...found.replaced, ...one.replaced] };
  }
  const { segments, replaced } = await withoutDoubles(run, place, found);
  // They may be listed still, and must not be taken for something else than what is here.
  const inputs = [...(known.tag === "found" ? known.catalogue.inputs : []), ...merged];
  const catalogue: DayCatalogue = withSegments(emptyCatalogue(place.tenant, place.day), { add: segments, inputs });
  await mendCalendar(run, place.tenant, yearOf(place.day));
  await noteInCalendar(bucket, catalogue);
  if (replaced.length > 0) await noteTrash(bucket, clock.nowMs(), replaced, place);
  if (!(await putCatalogue(bucket, catalogue, known.tag === "none" ? null : known.etag)))
    throw new IndexUnusable(`the catalogue of ${place.tenant} ${place.day} has changed`);
  await noteInCalendar(bucket, catalogue);
  return segments.length;
}
