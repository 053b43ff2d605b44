/** Rewrites the segments of a day that speak of a person. */
import { ReadMeter } from "../../adapters/r2/events/reads.ts";
import { writeVolumes } from "../../adapters/r2/events/volume-writer.ts";
import type { MergedSegment } from "../../domain/events/index/catalogue.ts";
import type { Redact } from "../../domain/events/keeping/redaction.ts";
import { type StoredLine, factsOf, parseStored } from "../../domain/events/stored.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { uncoverDay } from "../compaction/filters.ts";
import type { KeepingDeps } from "./ports.ts";
import { DayContended, type OpenDay, nextNames, openDay, replaceSegments } from "./replace-day.ts";
import { SCAN_READ_BYTES, volumeLines } from "./volume-lines.ts";

export type Erased = { readonly segments: number; readonly events: number };

/** Somebody who merges the same day is done after a few. */
const MAX_ATTEMPTS = 5;

/** `erased`: events of which the person has been taken out already, on their way into the segment or by a run that broke off. */
type Found = { readonly concerned: number; readonly erased: number };

/** Reads all of a segment. */
async function search(deps: KeepingDeps, segment: MergedSegment, redact: Redact, erasure: string): Promise<Found> {
  let [concerned, erased] = [0, 0];
  const mark = `"erased":${JSON.stringify(erasure)}`;
  const onDamage = (block: number) => noteDamage(deps, segment, block);
  for await (const lines of volumeLines(new ReadMeter(deps.bucket), segment, SCAN_READ_BYTES, onDamage))
    for (const line of lines) {
      if (redact(line) !== line) concerned += 1;
      else if (line.includes(mark)) erased += 1;
    }
  return { concerned, erased };
}

/** What cannot be read can neither be searched nor copied: it goes when anything else of the segment does. */
function noteDamage({ log, meter }: KeepingDeps, { key }: MergedSegment, block: number): void {
  meter.count("trunkline_event_store_damage_total", { during: "erasure" });
  log("error", "a damaged block cannot be searched for what is to be erased", { key, block });
}

async function* redacted(deps: KeepingDeps, segment: MergedSegment, redact: Redact): AsyncGenerator<StoredLine[]> {
  for await (const lines of volumeLines(new ReadMeter(deps.bucket), segment, SCAN_READ_BYTES, () => {}))
    yield lines.map((line) => {
      const left = redact(line);
      return { facts: factsOf(parseStored(left)), line: left };
    });
}

/** One segment, or none when nothing of it could be read. */
async function rewritten(
  deps: KeepingDeps,
  { tenant, day }: OpenDay,
  segment: MergedSegment,
  redact: Redact,
  erasure: string,
): Promise<readonly MergedSegment[]> {
  const { level, storage } = segment;
  const nameOf = await nextNames(segment, erasure);
  const placeOf = (part: number) => ({ tenant, day, name: nameOf(part), level, storage });
  return (await writeVolumes(deps.bucket, placeOf, redacted(deps, segment, redact))).segments;
}

/**
 * @param erasure its id, which goes into the names of what is written: done again, the same objects are written again.
 * @throws DayContended, CatalogueDamaged, SegmentDamaged, DeadlineMissed, or what the bucket throws; what was written stays.
 */
export async function eraseDay(
  deps: KeepingDeps,
  tenant: TenantId,
  day: string,
  redact: Redact,
  erasure: string,
): Promise<Erased> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const open = await openDay(deps.bucket, tenant, day);
    if (open === null) return { segments: 0, events: 0 };
    const replaced: MergedSegment[] = [];
    const made: MergedSegment[] = [];
    let events = 0;
    for (const segment of open.catalogue.segments) {
      const { concerned, erased } = await search(deps, segment, redact, erasure);
      events += concerned + erased;
      if (concerned === 0) continue;
      replaced.push(segment);
      made.push(...(await rewritten(deps, open, segment, redact, erasure)));
    }
    const segments = replaced.length;
    // Where the number was part of a call's id, the call has another one now, which the month's filter does not know. Before and after, as with
    // all that is added to a day.
    if (events > 0) await uncoverDay(deps.bucket, tenant, day);
    if (segments === 0) return { segments, events };
    if (!(await replaceSegments(deps, open, replaced, made))) continue;
    await uncoverDay(deps.bucket, tenant, day);
    return { segments, events };
  }
  throw new DayContended();
}
