/** Keeps the filters of months up with the days that have been merged. */
import { putCalendar, readCalendar, updateCalendar } from "../../adapters/r2/events/calendar.ts";
import { TermsUnreadable, termPages } from "../../adapters/r2/events/month-filter.ts";
import { putOnce } from "../../adapters/r2/events/object-upload.ts";
import { ReadMeter } from "../../adapters/r2/events/reads.ts";
import { sha256 } from "../../adapters/r2/snapshot-objects.ts";
import { dueDays } from "../../domain/events/compaction/due.ts";
import { monthOf, withCovering, withFilter, withoutColumn } from "../../domain/events/index/calendar-filters.ts";
import { type Calendar, yearOf } from "../../domain/events/index/calendar.ts";
import {
  type DayFilter,
  DayTerms,
  type MonthFilter,
  leftOut,
  openMonth,
  packMonth,
} from "../../domain/events/index/month-filter.ts";
import { FILTER_SUFFIX, filterKey, filtersPrefix } from "../../domain/events/keys.ts";
import { toHex } from "../../domain/shared/hex.ts";
import { attempt } from "./attempt.ts";
import { type DayNote, deleteKeys, listFilterNotes, listKeys, noteFilter, noteTrash, tenantsNoted } from "./notes.ts";
import { type Run, isLate } from "./ports.ts";
import { tellDamage } from "./runs.ts";
import { IndexUnusable, catalogueOf } from "./switch-catalogue.ts";

/** Of a digest, in hexadecimal digits. */
const DIGEST_LENGTH = 20;

/** One tenant's month. */
type Place = { readonly tenant: string; readonly month: string };

/** A day of which nothing can be said before it is made anew: that takes its column out of the calendar again. */
async function unreadable(run: Run, day: string, error: unknown): Promise<DayFilter> {
  if (error instanceof TermsUnreadable) await tellDamage(run, error.key, "an index of terms is damaged");
  else if (!(error instanceof IndexUnusable)) throw error;
  return leftOut(day);
}

/** @returns null while the day is not merged: when it has been, it is noted once more. */
async function filterOfDay(run: Run, { tenant }: Place, day: string): Promise<DayFilter | null> {
  const { bucket } = run.deps;
  try {
    const segments = (await catalogueOf(bucket, tenant, day))?.catalogue.segments ?? null;
    if (segments === null || segments.some(({ level }) => level === "hour")) return null;
    const terms = new DayTerms();
    for (const { terms: index } of segments) {
      if (index === null) return leftOut(day);
      for await (const page of termPages(new ReadMeter(bucket), index)) for (const term of page) terms.add(term);
      if (terms.areTooMany) return leftOut(day);
    }
    return terms.finish(day);
  } catch (error) {
    return unreadable(run, day, error);
  }
}

/** The columns that an earlier filter has; none when it cannot be read. */
async function earlierDays(run: Run, filter: MonthFilter | undefined): Promise<DayFilter[]> {
  if (filter === undefined) return [];
  const read = await new ReadMeter(run.deps.bucket).get(filter.key);
  const days = read.tag === "found" ? openMonth(filter.columns, read.bytes) : null;
  if (days === null) await tellDamage(run, filter.key, read.tag === "found" ? "a filter is damaged" : "a filter is missing");
  return (days ?? []).filter(({ column: [day] }) => day !== "");
}

async function store(run: Run, { tenant, month }: Place, days: readonly DayFilter[]): Promise<MonthFilter | null> {
  if (days.length === 0) return null;
  const { columns, bytes } = packMonth(days);
  run.held.beside(2 * bytes.length);
  const key = filterKey(tenant, month, toHex(await sha256(bytes)).slice(0, DIGEST_LENGTH));
  await putOnce(run.deps.bucket, key, bytes, { httpMetadata: { contentType: "application/octet-stream" } });
  return { key, columns };
}

/** What is not named any more, whatever has left it behind. */
async function discardOthers({ deps }: Run, { tenant, month }: Place, named: MonthFilter | null): Promise<void> {
  const keys = await listKeys(deps.bucket, filtersPrefix(tenant, month), "/");
  const others = keys.filter((key) => key.endsWith(FILTER_SUFFIX) && key !== named?.key);
  await noteTrash(deps.bucket, deps.clock.nowMs(), others, null, { tenant, year: yearOf(month) });
}

/** Days that a filter of these columns lacks. */
function lacking(run: Run, { month }: Place, { days }: Calendar, columns: MonthFilter["columns"]): string[] {
  const known = new Set(columns.map(([day]) => day));
  const own = Object.keys(days).filter((day) => monthOf(day) === month && !known.has(day));
  return dueDays(own, [], run.deps.clock.nowMs(), run.haste);
}

/**
 * Days that need a column get one, and columns that say nothing any more go.
 * @returns false when there is more to do, or somebody has changed the calendar meanwhile.
 * @throws IndexUnusable when the calendar is damaged, or what the bucket throws.
 */
async function coverMonth(run: Run, place: Place): Promise<boolean> {
  const { bucket, newHolder } = run.deps;
  const read = await readCalendar(new ReadMeter(bucket), place.tenant, yearOf(place.month));
  if (read.tag === "damaged") throw new IndexUnusable(`the calendar of ${place.tenant} ${place.month} is damaged`);
  const { calendar, etag } = read;
  const known = calendar.filters?.[place.month];
  const columns = known?.columns ?? [];
  if (lacking(run, place, calendar, columns).length === 0 && columns.every(([day]) => day !== "")) {
    await discardOthers(run, place, known ?? null);
    return true;
  }
  const days = await earlierDays(run, known);
  const earlier = days.map(({ column }) => column);
  const added = lacking(run, place, calendar, earlier);
  const announced = withCovering(calendar, newHolder(), added);
  const announcedEtag = await putCalendar(bucket, announced, etag);
  if (announcedEtag === null) return false;
  let complete = true;
  for (const day of added) {
    complete = !isLate(run);
    if (!complete) break;
    const made = await filterOfDay(run, place, day);
    if (made !== null) days.push(made);
  }
  const filter = await store(run, place, days);
  if ((await putCalendar(bucket, withFilter(announced, place.month, filter), announcedEtag)) === null) return false;
  await discardOthers(run, place, filter);
  return complete;
}

/** @param left tenants that have to be seen to once more. */
async function settle(run: Run, notes: readonly DayNote[], tenants: readonly string[], left: readonly string[]): Promise<void> {
  if (left.length === tenants.length && left.length > 0) return;
  const { bucket } = run.deps;
  const kept = left.length === 0 ? null : await noteFilter(bucket, notes[0]!.day, left);
  await deleteKeys(
    bucket,
    notes.map(({ key }) => key).filter((key) => key !== kept),
  );
}

/** Makes what has been noted. @throws what the bucket throws; done again, the same comes out. */
export async function makeFilters(run: Run): Promise<void> {
  const notes = await listFilterNotes(run.deps.bucket);
  for (const [month, own] of Map.groupBy(notes, ({ day }) => monthOf(day))) {
    const tenants = await tenantsNoted(run.deps.bucket, own);
    const left: string[] = [];
    for (const tenant of tenants) {
      let isDone = false;
      if (isLate(run)) run.report.unfinished = true;
      else
        await attempt(run, "the filter of a month cannot be made", { tenant, month }, async () => {
          isDone = await coverMonth(run, { tenant, month });
        });
      if (!isDone) left.push(tenant);
    }
    await settle(run, own, tenants, left);
    if (isLate(run)) return;
  }
}

/**
 * The day's events answer to other calls than before, or to none: no filter speaks for it until one has been made anew.
 * @throws IndexUnusable, or what the bucket throws.
 */
export async function uncoverDay(bucket: R2Bucket, tenant: string, day: string): Promise<void> {
  const updated = await updateCalendar(bucket, tenant, yearOf(day), (calendar) => withoutColumn(calendar, day));
  if (!updated.ok) throw new IndexUnusable(`the calendar of ${tenant} ${yearOf(day)} is ${updated.error}`);
  await noteFilter(bucket, day, [tenant]);
}
