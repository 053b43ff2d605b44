/** Calendars in R2: which days a tenant has. */
import { type Calendar, calendarFrom, emptyCalendar } from "../../../domain/events/index/calendar.ts";
import { TENANTS_PREFIX, calendarKey } from "../../../domain/events/keys.ts";
import { type Result, err, ok } from "../../../domain/shared/result.ts";
import { inTime } from "../../platform/deadline.ts";
import { openChecked, packChecked } from "../checked-json.ts";
import { R2_DEADLINE_MS, ReadMeter } from "./reads.ts";

/** Others change the same object at most a few times a minute. */
const MAX_ATTEMPTS = 5;

export type CalendarRead =
  /** A year without an object is an empty calendar, with the `etag` null. */
  | { readonly tag: "read"; readonly calendar: Calendar; readonly etag: string | null }
  | { readonly tag: "damaged"; readonly etag: string };

/** One without a checksum was written before calendars had them, or is not one. */
function opened(bytes: Uint8Array): Result<Calendar, "damaged"> {
  try {
    const { value, isWhole } = openChecked<object>(bytes);
    return isWhole === false ? err("damaged") : calendarFrom(value);
  } catch {
    return err("damaged");
  }
}

/** One read. @param year `YYYY`. @throws DeadlineMissed, or what the bucket throws. */
export async function readCalendar(reads: ReadMeter, tenant: string, year: string): Promise<CalendarRead> {
  const read = await reads.get(calendarKey(tenant, year));
  if (read.tag !== "found") return { tag: "read", calendar: emptyCalendar(tenant, year), etag: null };
  const parsed = opened(read.bytes);
  if (!parsed.ok || parsed.value.tenant !== tenant || parsed.value.year !== year) return { tag: "damaged", etag: read.etag };
  return { tag: "read", calendar: parsed.value, etag: read.etag };
}

const YEAR_OBJECT = /^(\d{4})\.json$/;

/** The years that a tenant has calendars of, ascending. One list. @throws DeadlineMissed, or what the bucket throws. */
export async function listYears(bucket: Pick<R2Bucket, "list">, tenant: string): Promise<string[]> {
  const prefix = `${TENANTS_PREFIX}${tenant}/`;
  const { objects } = await inTime(bucket.list({ prefix, delimiter: "/" }), R2_DEADLINE_MS);
  return objects.flatMap(({ key }) => YEAR_OBJECT.exec(key.slice(prefix.length))?.[1] ?? []).sort();
}

/** @returns its etag; null when it is not any more what was read. @throws DeadlineMissed, or what the bucket throws. */
export async function putCalendar(
  bucket: Pick<R2Bucket, "put">,
  calendar: Calendar,
  etag: string | null,
): Promise<string | null> {
  const put = bucket.put(calendarKey(calendar.tenant, calendar.year), packChecked(calendar), {
    onlyIf: etag === null ? { etagDoesNotMatch: "*" } : { etagMatches: etag },
    httpMetadata: { contentType: "application/json" },
  });
  return (await inTime(put, R2_DEADLINE_MS))?.etag ?? null;
}

/**
 * Changes a calendar, again when somebody else was quicker. A change that gives the same calendar writes nothing.
 * @returns what it is now. `damaged`: it has to be made anew from the catalogues, since nobody knows what it said. `contended`: others
 * were quicker each time.
 * @throws DeadlineMissed, or what the bucket throws. Changing again is safe as far as the change is.
 */
export async function updateCalendar(
  bucket: Pick<R2Bucket, "get" | "put">,
  tenant: string,
  year: string,
  change: (calendar: Calendar) => Calendar,
): Promise<Result<Calendar, "damaged" | "contended">> {
  const reads = new ReadMeter(bucket);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const read = await readCalendar(reads, tenant, year);
    if (read.tag === "damaged") return err("damaged");
    const calendar = change(read.calendar);
    if (calendar === read.calendar || (await putCalendar(bucket, calendar, read.etag)) !== null) return ok(calendar);
  }
  return err("contended");
}
