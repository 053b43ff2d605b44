/** Brings a tenant's day to where its policy wants it. */
import { updateCalendar } from "../../adapters/r2/events/calendar.ts";
import { readState } from "../../adapters/r2/events/keeping-store.ts";
import { ObjectUpload, PART_BYTES } from "../../adapters/r2/events/object-upload.ts";
import { ReadMeter } from "../../adapters/r2/events/reads.ts";
import type { Redaction } from "../../adapters/r2/events/redactions.ts";
import { writeVolumes } from "../../adapters/r2/events/volume-writer.ts";
import { mergeRuns } from "../../domain/events/compaction/merge.ts";
import { withoutDay, yearOf } from "../../domain/events/index/calendar.ts";
import type { MergedSegment } from "../../domain/events/index/catalogue.ts";
import { isHeldDay } from "../../domain/events/keeping/hold.ts";
import { type Due, MIN_INFREQUENT_BYTES, dueFor } from "../../domain/events/keeping/policy.ts";
import type { KeepingState } from "../../domain/events/keeping/state.ts";
import { mergedKey } from "../../domain/events/keys.ts";
import { chunks } from "../../domain/events/segment.ts";
import { type StoredLine, factsOf, parseStored } from "../../domain/events/stored.ts";
import { assertNever } from "../../domain/shared/result.ts";
import { noteFilter } from "../compaction/notes.ts";
import { noteInCalendar } from "../compaction/switch-catalogue.ts";
import { discardOrphans } from "./orphans.ts";
import type { KeepingDeps } from "./ports.ts";
import { DayContended, type OpenDay, nextNames, openDay, replaceSegments } from "./replace-day.ts";
import { SegmentDamaged, volumeLines } from "./volume-lines.ts";

/** Segments that are re-packed together, and what is read ahead of each: together they hold some 25 MB. */
const MAX_ARCHIVE_INPUTS = 16;
const ARCHIVE_READ_BYTES = 64 * 1024;

/** Somebody who changes the same day is done after a few. */
const MAX_ATTEMPTS = 5;

const total = (segments: readonly MergedSegment[]): number => segments.reduce((sum, { bytes }) => sum + bytes, 0);

/** What is due for a day by what its events say, too. */
export function dueOf({ day, catalogue }: OpenDay, { policy, holds }: KeepingState, nowMs: number): Due {
  const occurred = {
    minAtMs: Math.min(...catalogue.segments.map(({ minAtMs }) => minAtMs)),
    maxAtMs: Math.max(...catalogue.segments.map(({ maxAtMs }) => maxAtMs)),
  };
  return dueFor(day, policy, nowMs, isHeldDay(day, occurred, holds));
}

/** Copies the bytes as they are, under another name: the index of terms stays good for them. */
async function toInfrequent({ bucket }: KeepingDeps, { tenant, day }: OpenDay, segment: MergedSegment): Promise<MergedSegment> {
  const key = mergedKey(tenant, day, (await nextNames(segment, "infrequent"))(0));
  const httpMetadata = { contentType: "application/x-ndjson", contentEncoding: "gzip" };
  const upload = new ObjectUpload(bucket, key, { httpMetadata, storageClass: "InfrequentAccess" });
  const reads = new ReadMeter(bucket);
  try {
    for (let offset = 0; offset < segment.bytes; offset += PART_BYTES) {
      const length = Math.min(PART_BYTES, segment.bytes - offset);
      const read = await reads.get(segment.key, { offset, length });
      if (read.tag !== "found" || read.bytes.length !== length) throw new SegmentDamaged(segment.key, "cut off");
      await upload.write(read.bytes);
    }
    await upload.finish();
  } catch (error) {
    await upload.abort();
    throw error;
  }
  return { ...segment, key, storage: "InfrequentAccess" };
}

async function moveToInfrequent(deps: KeepingDeps, open: OpenDay): Promise<boolean> {
  const { segments } = open.catalogue;
  const moved = segments.filter(
    ({ level, storage, bytes }) => level === "day" && storage === "Standard" && bytes >= MIN_INFREQUENT_BYTES,
  );
  const made: MergedSegment[] = [];
  for (const segment of moved) made.push(await toInfrequent(deps, open, segment));
  return moved.length === 0 || replaceSegments(deps, open, moved, made);
}

/** Lines that cannot be read keep the whole day from being re-packed: nothing is lost for tidiness. */
async function* intactLines(deps: KeepingDeps, segment: MergedSegment, { apply }: Redaction): AsyncGenerator<StoredLine[]> {
  const onDamage = (block: number) => {
    throw new SegmentDamaged(segment.key, `block ${block}`);
  };
  for await (const lines of volumeLines(new ReadMeter(deps.bucket), segment, ARCHIVE_READ_BYTES, onDamage))
    yield lines.map((line) => {
      const left = apply(line);
      return { facts: factsOf(parseStored(left)), line: left };
    });
}

async function archive(deps: KeepingDeps, open: OpenDay, redaction: Redaction): Promise<boolean> {
  const { tenant, day } = open;
  const packed = open.catalogue.segments.filter(({ level }) => level === "day");
  if (packed.length === 0 || total(packed) < MIN_INFREQUENT_BYTES) return true;
  const made: MergedSegment[] = [];
  const inOrder = packed.toSorted((a, b) => (a.minId < b.minId ? -1 : 1));
  for (const group of chunks(inOrder, MAX_ARCHIVE_INPUTS)) {
    const step = JSON.stringify(["archive", redaction.id, ...group.map(({ key }) => key)]);
    const nameOf = await nextNames(group[0]!, step);
    const placeOf = (part: number) => ({
      tenant,
      day,
      name: nameOf(part).replace(/^(?:day|hour-\d\d)/, "archive"),
      level: "archive" as const,
      storage: "InfrequentAccess" as const,
    });
    const runs = group.map((segment) => intactLines(deps, segment, redaction));
    made.push(...(await writeVolumes(deps.bucket, placeOf, mergeRuns(runs))).segments);
  }
  return replaceSegments(deps, open, packed, made);
}

/** What a day had, into its catalogue again: its objects are there as long as their trash is not emptied. */
async function putBack(deps: KeepingDeps, { tenant, day, catalogue }: OpenDay): Promise<void> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const now = await openDay(deps.bucket, tenant, day);
    if (now === null) break;
    const named = new Set(now.catalogue.segments.map(({ key }) => key));
    const lost = catalogue.segments.filter(({ key }) => !named.has(key));
    if (lost.length === 0 || (await replaceSegments(deps, now, [], lost))) return;
  }
  throw new DayContended();
}

/**
 * Empties the catalogue, unless the tenant has said meanwhile that the day is to stay: what was said before it was emptied counts, and
 * nobody can change two objects at once.
 */
async function emptyCatalogue(deps: KeepingDeps, open: OpenDay): Promise<"emptied" | "stays" | "changed"> {
  const { tenant, catalogue } = open;
  if (catalogue.segments.length === 0) return "emptied";
  try {
    if (!(await replaceSegments(deps, open, catalogue.segments, []))) return "changed";
    const { state } = await readState(deps.bucket, tenant);
    if (dueOf(open, state, deps.clock.nowMs()) === "delete") return "emptied";
  } catch (error) {
    // Nobody knows whether it was emptied, or may have been.
    await putBack(deps, open);
    throw error;
  }
  await putBack(deps, open);
  return "stays";
}

/** A day with events stands in the calendar: one to which something was added while it was taken out is put there again. */
async function takeOutOfCalendar({ bucket }: KeepingDeps, { tenant, day }: OpenDay): Promise<void> {
  const forgotten = await updateCalendar(bucket, tenant, yearOf(day), (calendar) => withoutDay(calendar, day));
  if (!forgotten.ok) throw new Error(`the calendar cannot be changed: ${forgotten.error}`);
  const now = await openDay(bucket, tenant, day);
  if (now !== null && now.catalogue.segments.length > 0) await noteInCalendar(bucket, now.catalogue);
}

/**
 * The catalogue stays, empty: it knows which manifests were merged, so that none is merged once more. The calendar forgets the day, as
 * nobody adds to it any more (`MIN_DELETE_DAYS`).
 */
async function deleteDay(deps: KeepingDeps, open: OpenDay): Promise<boolean> {
  const { tenant, day, catalogue } = open;
  const outcome = await emptyCatalogue(deps, open);
  if (outcome !== "emptied") return outcome === "stays";
  await discardOrphans(deps, tenant, day);
  await takeOutOfCalendar(deps, open);
  await noteFilter(deps.bucket, day, [tenant]);
  deps.log("info", "a day of events has been deleted by its tenant's policy", {
    tenant,
    day,
    events: catalogue.segments.reduce((sum, { count }) => sum + count, 0),
  });
  return true;
}

/**
 * Repeated it does nothing more.
 * @param redaction what is being erased: what is re-packed leaves it out at once.
 * @returns false when the day has been changed meanwhile, and is to be looked at anew.
 * @throws SegmentDamaged, DeadlineMissed, or what the bucket throws; the day is as it was then, or already as it should be.
 */
export async function retainDay(deps: KeepingDeps, open: OpenDay, due: Due, redaction: Redaction): Promise<boolean> {
  switch (due) {
    case "keep":
      return true;
    case "infrequent":
      return moveToInfrequent(deps, open);
    case "archive":
      return archive(deps, open, redaction);
    case "delete":
      return deleteDay(deps, open);
    default:
      return assertNever(due);
  }
}
