/** Where the events of a period lie, whoever they are of: manifests that are not merged, and the days of tenants that have catalogues. */
import { daysToAsk } from "../../domain/events/index/calendar.ts";
import { DAY_MS, TENANTS_PREFIX, beginOf, dayOf } from "../../domain/events/keys.ts";
import { listYears, readCalendar } from "./events/calendar.ts";
import type { ReadMeter } from "./events/reads.ts";
import { type ManifestPlace, listFolders, listManifests } from "./segment-index.ts";

/** Unix milliseconds, both inclusive. */
export type Stretch = { readonly firstMs: number; readonly lastMs: number };

/** What a day has. */
export type DayPlace = {
  /** `YYYY/MM/DD` of storing. */
  readonly day: string;
  /** Whether shards have manifests of it. */
  readonly hasManifests: boolean;
  readonly tenants: readonly string[];
};

/** Tenants that have merged events. @throws DeadlineMissed, or what the bucket throws. */
export const listTenants = (bucket: R2Bucket): Promise<string[]> => listFolders(bucket, TENANTS_PREFIX);

/** So many calendars are asked for by name; of more years it is looked first which there are. */
const MAX_YEARS_ASKED = 3;

async function yearsOf(bucket: R2Bucket, tenant: string, { firstMs, lastMs }: Stretch): Promise<string[]> {
  const [first, last] = [firstMs, lastMs].map((ms) => new Date(ms).getUTCFullYear()) as [number, number];
  if (last - first >= MAX_YEARS_ASKED) return listYears(bucket, tenant);
  return Array.from({ length: last - first + 1 }, (_, index) => String(first + index).padStart(4, "0"));
}

/** @throws also when a calendar is damaged: then it is not known which days there are. */
async function daysOf(bucket: R2Bucket, reads: ReadMeter, tenant: string, stretch: Stretch): Promise<string[]> {
  const years = await yearsOf(bucket, tenant, stretch);
  const calendars = await Promise.all(
    years.map(async (year) => {
      const read = await readCalendar(reads, tenant, year);
      if (read.tag === "damaged") throw new Error(`the calendar of ${tenant} ${year} is damaged`);
      return read.calendar;
    }),
  );
  return daysToAsk(calendars, { recordedFromMs: beginOf(dayOf(stretch.firstMs)), recordedToMs: stretch.lastMs + 1 });
}

/**
 * The days of storing that may have something, the oldest first. Manifests before catalogues: what is merged in between is in both, and in
 * one of them at any moment.
 * @param tenant null: all tenants.
 * @throws DeadlineMissed, or what the bucket throws: then nothing is known of the period.
 */
export async function listDays(
  bucket: R2Bucket,
  reads: ReadMeter,
  stretch: Stretch,
  tenant: string | null,
): Promise<DayPlace[]> {
  const manifests = await listManifests(bucket, stretch.firstMs, stretch.lastMs);
  const withManifests = new Set(manifests.map(({ hour }) => hour.slice(0, "YYYY/MM/DD".length)));
  const byDay = new Map<string, string[]>([...withManifests].map((day) => [day, []]));
  for (const each of tenant === null ? await listTenants(bucket) : [tenant])
    for (const day of await daysOf(bucket, reads, each, stretch)) byDay.set(day, [...(byDay.get(day) ?? []), each]);
  return [...byDay.keys()].sort().map((day) => ({ day, hasManifests: withManifests.has(day), tenants: byDay.get(day)! }));
}

/** The manifests of one day, as they are now. */
export function manifestsOfDay(bucket: R2Bucket, day: string, { firstMs, lastMs }: Stretch): Promise<ManifestPlace[]> {
  const began = beginOf(day);
  return listManifests(bucket, Math.max(firstMs, began), Math.min(lastMs, began + DAY_MS - 1));
}
