/**
 * Which days a tenant has events of, one object per year. A hint that saves looking for days that are not there: a day stands here before
 * its catalogue is written, and may still when that has gone.
 */
import { type Result, err, ok } from "../../shared/result.ts";
import { dayOf } from "../keys.ts";
import type { EventFilter } from "../query/query.ts";
import { type MonthFilters, areFilters, isCovering, withoutColumn } from "./calendar-filters.ts";

export type CalendarDay = {
  /**
   * Days (`YYYY/MM/DD`) on which events that were stored on this day happened, sorted, each once. Mostly the day itself. Months
   * (`YYYY/MM`) where they would be more than `MAX_OCCURS` days.
   */
  readonly occurs: readonly string[];
};

export type Calendar = MonthFilters & {
  readonly format: 1;
  readonly tenant: string;
  /** `YYYY`. */
  readonly year: string;
  /** By day of storing, `YYYY/MM/DD`. */
  readonly days: Readonly<Record<string, CalendarDay>>;
};

/** Who sends a year's events late makes no calendar of a hundred thousand days. */
export const MAX_OCCURS = 31;

const DAY = /^\d{4}\/\d{2}\/\d{2}$/;
const PERIOD = /^\d{4}\/\d{2}(\/\d{2})?$/;
const MONTH_LENGTH = "YYYY/MM".length;

export function emptyCalendar(tenant: string, year: string): Calendar {
  return { format: 1, tenant, year, days: {} };
}

export function yearOf(day: string): string {
  return day.slice(0, "YYYY".length);
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function isDay([day, value]: [string, unknown]): boolean {
  if (!DAY.test(day) || !isRecord(value)) return false;
  const { occurs } = value;
  return Array.isArray(occurs) && occurs.every((period) => typeof period === "string" && PERIOD.test(period));
}

/** @param text the object's content. */
export function parseCalendar(text: string): Result<Calendar, "damaged"> {
  try {
    return calendarFrom(JSON.parse(text));
  } catch {
    return err("damaged");
  }
}

/** @param value the object's JSON. */
export function calendarFrom(value: unknown): Result<Calendar, "damaged"> {
  if (!isRecord(value) || value["format"] !== 1) return err("damaged");
  const { tenant, year, days, filters, covering } = value;
  if (typeof tenant !== "string" || typeof year !== "string" || !isRecord(days)) return err("damaged");
  if (!areFilters(filters) || !isCovering(covering)) return err("damaged");
  return Object.entries(days).every(isDay) ? ok(value as unknown as Calendar) : err("damaged");
}

/** Days, or months in their stead where they are too many. */
function compact(periods: Iterable<string>): string[] {
  const all = new Set(periods);
  const days = [...all].filter((period) => !all.has(period.slice(0, MONTH_LENGTH)) || period.length === MONTH_LENGTH);
  if (days.length <= MAX_OCCURS) return days.sort();
  return [...new Set(days.map((day) => day.slice(0, MONTH_LENGTH)))].sort();
}

/** Days in order, so that the same calendar is the same text. */
function withDays(calendar: Calendar, days: Readonly<Record<string, CalendarDay>>): Calendar {
  const sorted = Object.entries(days).sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...calendar, days: Object.fromEntries(sorted) };
}

/**
 * Adds a day of storing, and days of occurrence to those that it has; its month's filter does not speak for the day any more. The same
 * calendar when it says all of that already.
 */
export function withDay(given: Calendar, day: string, occurs: readonly string[]): Calendar {
  const calendar = withoutColumn(given, day);
  const known = calendar.days[day];
  const all = compact([...(known?.occurs ?? []), ...occurs]);
  if (known !== undefined && all.length === known.occurs.length && all.every((period, at) => period === known.occurs[at]))
    return calendar;
  return withDays(calendar, { ...calendar.days, [day]: { occurs: all } });
}

/** For when the day's catalogue has gone. The same calendar when it has no such day. */
export function withoutDay(given: Calendar, day: string): Calendar {
  const calendar = withoutColumn(given, day);
  if (calendar.days[day] === undefined) return calendar;
  const { [day]: _gone, ...rest } = calendar.days;
  return withDays(calendar, rest);
}

type Bounds = Pick<EventFilter, "fromMs" | "toMs" | "recordedFromMs" | "recordedToMs">;

/** A comparison of periods by text: a bound's day or month, whichever the period is. `to` is exclusive, so the last millisecond before it counts. */
function touches(period: string, fromMs: number | undefined, toMs: number | undefined): boolean {
  if (fromMs !== undefined && period < dayOf(fromMs).slice(0, period.length)) return false;
  return toMs === undefined || period <= dayOf(toMs - 1).slice(0, period.length);
}

/** Days of storing that may have events within all of the bounds, sorted, each once. */
export function daysToAsk(calendars: readonly Calendar[], { fromMs, toMs, recordedFromMs, recordedToMs }: Bounds): string[] {
  const days = new Set<string>();
  for (const calendar of calendars)
    for (const [day, { occurs }] of Object.entries(calendar.days)) {
      if (!touches(day, recordedFromMs, recordedToMs)) continue;
      // A day of which nothing is said may hold anything.
      if (occurs.length === 0 || occurs.some((period) => touches(period, fromMs, toMs))) days.add(day);
    }
  return [...days].sort();
}
