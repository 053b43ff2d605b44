/** The atomic step of every merge: from one catalogue of a day to the next. */
import { updateCalendar } from "../../adapters/r2/events/calendar.ts";
import { putCatalogue, readCatalogue } from "../../adapters/r2/events/catalogue.ts";
import { ReadMeter } from "../../adapters/r2/events/reads.ts";
import { occursOf } from "../../domain/events/compaction/plan.ts";
import { withDay, yearOf } from "../../domain/events/index/calendar.ts";
import { type DayCatalogue, emptyCatalogue } from "../../domain/events/index/catalogue.ts";

/** Somebody who rewrites the same day is done after a few. */
const MAX_ATTEMPTS = 5;

/** The index says nothing that can be built on: it has to be made anew, or somebody else changes it all the time. */
export class IndexUnusable extends Error {
  override readonly name = "IndexUnusable";
}

/** What stands in it; null: there is none. @throws IndexUnusable when it is damaged, or what the bucket throws. */
export async function catalogueOf(
  bucket: R2Bucket,
  tenant: string,
  day: string,
): Promise<{ readonly catalogue: DayCatalogue; readonly etag: string } | null> {
  const read = await readCatalogue(new ReadMeter(bucket), tenant, day);
  if (read.tag === "damaged") throw new IndexUnusable(`the catalogue of ${tenant} ${day} is damaged: ${read.problem}`);
  return read.tag === "found" ? read : null;
}

/**
 * Before the catalogue is put: a calendar may name a day too many, and none too few. And once more afterwards: a filter that is made
 * meanwhile does not know what has been added (`calendar-filters.ts`).
 */
export async function noteInCalendar(bucket: R2Bucket, { tenant, day, segments }: DayCatalogue): Promise<void> {
  const occurs = occursOf(segments);
  const updated = await updateCalendar(bucket, tenant, yearOf(day), (calendar) => withDay(calendar, day, occurs));
  if (!updated.ok) throw new IndexUnusable(`the calendar of ${tenant} ${yearOf(day)} is ${updated.error}`);
}

/**
 * Reads the catalogue, and puts what is made of it on condition that nobody else has put another one meanwhile; else begins again.
 * @param change what is to stand there; null: it is as it should be. Called anew for each attempt, with what is there then.
 * @throws IndexUnusable, or what the bucket or `change` throw.
 */
export async function switchCatalogue(
  bucket: R2Bucket,
  tenant: string,
  day: string,
  change: (current: DayCatalogue) => Promise<DayCatalogue | null>,
): Promise<void> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const stored = await catalogueOf(bucket, tenant, day);
    const next = await change(stored?.catalogue ?? emptyCatalogue(tenant, day));
    // Whoever put it may have been interrupted before the second time.
    if (next === null) return stored === null ? undefined : noteInCalendar(bucket, stored.catalogue);
    await noteInCalendar(bucket, next);
    if (await putCatalogue(bucket, next, stored?.etag ?? null)) return noteInCalendar(bucket, next);
  }
  throw new IndexUnusable(`the catalogue of ${tenant} ${day} is changed by others all the time`);
}
