/** Makes the index of one tenant's day anew from its merged segments. */
import { emptyCalendar, withDay, yearOf } from "../../domain/events/index/calendar.ts";
import { putCalendar, readCalendar } from "../../adapters/r2/events/calendar.ts";
import { putCatalogue, readCatalogue } from "../../adapters/r2/events/catalogue.ts";
import { putOnce } from "../../adapters/r2/events/object-upload.ts";
import { R2_DEADLINE_MS, ReadMeter } from "../../adapters/r2/events/reads.ts";
import { inTime } from "../../adapters/platform/deadline.ts";
import { findMembers } from "../../adapters/r2/gzip-members.ts";
import { MAX_MERGE_INPUTS } from "../../domain/events/compaction/merge.ts";
import { planOverlaps } from "../../domain/events/compaction/plan.ts";
import {
  type DayCatalogue,
  type MergeLevel,
  type MergedSegment,
  emptyCatalogue,
  withSegments,
} from "../../domain/events/index/catalogue.ts";
import { VolumeIndex } from "../../domain/events/index/volume.ts";
import { TENANTS_PREFIX, indexKey } from "../../domain/events/keys.ts";
import { EVENTS_PER_BLOCK, chunks } from "../../domain/events/segment.ts";
import { type StoredLine, factsOf, parseStored } from "../../domain/events/stored.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { listKeys, noteTrash } from "./notes.ts";
import type { Run } from "./ports.ts";
import { objectsOf, tellDamage, volumeRun } from "./runs.ts";
import { IndexUnusable, noteInCalendar } from "./switch-catalogue.ts";
import { writeMerged } from "./write-merged.ts";

export type TenantDay = { readonly tenant: TenantId; readonly day: string };

/** `<level>-…`, or of an hour `hour-HH-…`. */
const NAME = /([^/]+)\.jsonl\.gz$/;
const LEVELS: readonly MergeLevel[] = ["hour", "day", "archive"];

type Loaded = {
  readonly blocks: readonly { readonly length: number; readonly lines: readonly StoredLine[] }[];
  readonly damaged: boolean;
};

function linesOf(text: string | null): StoredLine[] | null {
  try {
    const lines = text?.split("\n").filter((line) => line !== "") ?? null;
    return lines?.map((line) => ({ facts: factsOf(parseStored(line)), line })) ?? null;
  } catch {
    return null;
  }
}

function blocksOf(bytes: Uint8Array): Loaded {
  const members = [...findMembers(bytes)].map(({ length, text }) => ({ length, lines: linesOf(text) ?? [] }));
  return { blocks: members.filter(({ lines }) => lines.length > 0), damaged: members.some(({ lines }) => lines.length === 0) };
}

/** Its index object and what a catalogue says of it; the segment itself stays as it is. */
async function indexed(
  run: Run,
  { tenant, day }: TenantDay,
  key: string,
  name: string,
  level: MergeLevel,
  { blocks }: Loaded,
): Promise<MergedSegment> {
  const index = new VolumeIndex(level !== "archive");
  for (const { length, lines } of blocks) {
    for (const { facts } of lines) index.add(facts);
    index.closeBlock(length);
  }
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
  const object = await new ReadMeter(run.deps.bucket).get(key);
  if (object.tag !== "found" || level === undefined) return { segments: [], replaced: [] };
  const loaded = blocksOf(object.bytes);
  if (loaded.damaged) await tellDamage(run, key, "a block is damaged");
  const redaction = await run.deps.redaction(place.tenant);
  const isErased = loaded.blocks.some(({ lines }) => lines.some(({ line }) => redaction.apply(line) !== line));
  if (!loaded.damaged && !isErased) return { segments: [await indexed(run, place, key, name, level, loaded)], replaced: [] };
  const merge = {
    ...place,
    level,
    period: `${place.day}/${name.slice("hour-".length, "hour-HH".length)}`,
    inputs: [key],
    redaction,
  };
  const lines = loaded.blocks.flatMap((block) => block.lines).sort((a, b) => (a.facts.id < b.facts.id ? -1 : 1));
  async function* left(): AsyncGenerator<readonly StoredLine[]> {
    yield* chunks(lines, EVENTS_PER_BLOCK);
  }
  return { segments: await writeMerged(run, merge, [left()]), replaced: loaded.damaged ? [] : [key] };
}

/** Segments that were left behind by interrupted merges have events of others: they are merged once more. */
async function withoutDoubles(run: Run, place: TenantDay, found: Found): Promise<Found> {
  let segments = [...found.segments];
  const replaced = [...found.replaced];
  const redaction = await run.deps.redaction(place.tenant);
  for (const overlapping of planOverlaps(segments))
    for (const group of chunks(overlapping, MAX_MERGE_INPUTS)) {
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
