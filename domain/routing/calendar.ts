/**
 * Opening hours by local wall time. What a clock change skips was never open, what it repeats is open twice; a span that passes midnight
 * belongs to the day on which it began, so that a holiday shortens only spans that would have begun on it.
 */
import type { Calendar, Conditions } from "../configuration/model.ts";
import { WEEKDAYS } from "../configuration/model.ts";
import type { CompiledCalendar } from "./snapshot.ts";
import { localClock, offsetsAround, parseDate } from "./time-zone.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const DAY_MINUTES = 1_440;
/** 1970-01-01 was a Thursday; `WEEKDAYS` begins with Monday. */
const EPOCH_WEEKDAY = 3;

/** Pairs of minutes after midnight, from inclusive to exclusive; beyond `DAY_MINUTES` on the next day. */
type Spans = Int16Array;

type Hours = {
  /** Unix ms → wall time. */
  readonly local: (atMs: number) => number;
  /** By weekday, Monday first. */
  readonly weekly: readonly Spans[];
  /** By days since 1970-01-01. */
  readonly holidays: ReadonlyMap<number, Spans>;
};

const TIME = /^(?:([01]\d|2[0-3]):([0-5]\d)|24:00)$/;

/** `HH:MM` from 00:00 to 24:00 → minutes after midnight; null for anything else. */
export function parseTime(text: string): number | null {
  const match = TIME.exec(text);
  if (match === null) return null;
  return match[1] === undefined ? DAY_MINUTES : Number(match[1]) * 60 + Number(match[2]);
}

/** A span whose end is not after its beginning ends on the next day; one with a malformed time is left out. */
function spansOf(written: readonly { readonly from: string; readonly to: string }[]): Spans {
  const minutes = written.flatMap(({ from, to }) => {
    const start = parseTime(from);
    const end = parseTime(to);
    if (start === null || end === null || start === DAY_MINUTES) return [];
    return [start, end > start ? end : end + DAY_MINUTES];
  });
  return Int16Array.from(minutes);
}

/** Calendars come out of a snapshot as they were published; what a decision needs is worked out at its first look. */
const prepared = new WeakMap<Calendar, Hours>();

function prepare(calendar: CompiledCalendar): Hours {
  const weekly = WEEKDAYS.map((day) => spansOf(calendar.weekly.filter(({ days }) => days.includes(day))));
  const holidays = new Map<number, Spans>();
  for (const { date, hours } of calendar.holidays) {
    const day = parseDate(date);
    if (day !== null) holidays.set(day, spansOf(hours));
  }
  const hours = { local: localClock(calendar.timeZone, calendar.offsets), weekly, holidays };
  prepared.set(calendar, hours);
  return hours;
}

function spansOn({ weekly, holidays }: Hours, day: number): Spans {
  return holidays.get(day) ?? weekly[(((day + EPOCH_WEEKDAY) % 7) + 7) % 7]!;
}

function includes(spans: Spans, minute: number): boolean {
  for (let at = 0; at < spans.length; at += 2) if (minute >= spans[at]! && minute < spans[at + 1]!) return true;
  return false;
}

/**
 * Adds the zone's offsets, from two years before now to ten years after.
 * @throws RangeError when the runtime does not know the zone; `isTimeZone` tells before.
 */
export function compileCalendar(calendar: Calendar, nowMs: number): CompiledCalendar {
  return { ...calendar, offsets: offsetsAround(calendar.timeZone, nowMs) };
}

/**
 * Whether the calendar is open at a moment, in Unix ms. Allocates nothing and asks no time zone, except outside of the years that the
 * calendar was compiled for.
 */
export function isOpen(calendar: CompiledCalendar, atMs: number): boolean {
  const hours = prepared.get(calendar) ?? prepare(calendar);
  const local = hours.local(atMs);
  const day = Math.floor(local / DAY_MS);
  const minute = Math.floor((local - day * DAY_MS) / MINUTE_MS);
  return includes(spansOn(hours, day), minute) || includes(spansOn(hours, day - 1), minute + DAY_MINUTES);
}

/** As `RouterSource.calendarState` has it. @param calendar null or undefined: there is none. */
export function calendarState(calendar: CompiledCalendar | null | undefined, atMs: number): "open" | "closed" | null {
  if (calendar === null || calendar === undefined) return null;
  return isOpen(calendar, atMs) ? "open" : "closed";
}

/**
 * A condition on local dates, `from` inclusive and `to` exclusive.
 * @returns a predicate on Unix ms that asks no time zone within two years before and ten years after `nowMs`. A malformed date never holds.
 * @throws RangeError when the runtime does not know the zone.
 */
export function compileDates(dates: NonNullable<Conditions["dates"]>, nowMs: number): (atMs: number) => boolean {
  const { timeZone } = dates;
  const offsets = offsetsAround(timeZone, nowMs);
  const local = localClock(timeZone, offsets);
  const from = dates.from === undefined ? -Infinity : (parseDate(dates.from) ?? Infinity);
  const to = dates.to === undefined ? Infinity : (parseDate(dates.to) ?? -Infinity);
  return (atMs) => {
    const day = Math.floor(local(atMs) / DAY_MS);
    return day >= from && day < to;
  };
}
