/** Which days a tenant has. */
import { listYears, readCalendar } from "../../adapters/r2/events/calendar.ts";
import { ReadMeter } from "../../adapters/r2/events/reads.ts";
import type { TenantId } from "../../domain/shared/ids.ts";

/** The calendar of a year cannot be read: nobody knows which days it had, until the index is made anew. */
export class CalendarDamaged extends Error {
  override readonly name = "CalendarDamaged";
}

/** Days of storing, `YYYY/MM/DD`, ascending. @throws CalendarDamaged, or what the bucket throws. */
export async function daysOf(bucket: R2Bucket, tenant: TenantId): Promise<string[]> {
  const reads = new ReadMeter(bucket);
  const days: string[] = [];
  for (const year of await listYears(bucket, tenant)) {
    const read = await readCalendar(reads, tenant, year);
    if (read.tag === "damaged") throw new CalendarDamaged(`${tenant} ${year}`);
    days.push(...Object.keys(read.calendar.days));
  }
  return days.sort();
}
