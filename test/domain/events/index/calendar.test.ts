import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Calendar,
  MAX_OCCURS,
  daysToAsk,
  emptyCalendar,
  parseCalendar,
  withDay,
  withoutDay,
  yearOf,
} from "../../../../domain/events/index/calendar.ts";
import { DAY_MS, beginOf, dayOf } from "../../../../domain/events/keys.ts";

const FIRST_MS = Date.UTC(2025, 10, 1);
const SPAN_DAYS = 120;
const moments = fc.integer({ min: 0, max: SPAN_DAYS * DAY_MS }).map((ms) => FIRST_MS + ms);
const bound = fc.option(moments, { nil: undefined });

type Moment = { readonly storedMs: number; readonly atMs: number };

function calendarsOf(events: readonly Moment[]): Calendar[] {
  const calendars = new Map<string, Calendar>();
  for (const { storedMs, atMs } of events) {
    const day = dayOf(storedMs);
    const calendar = calendars.get(yearOf(day)) ?? emptyCalendar("acme", yearOf(day));
    calendars.set(yearOf(day), withDay(calendar, day, [dayOf(atMs)]));
  }
  return [...calendars.values()];
}

describe("a calendar", () => {
  it("[STO-3] never leaves out the day of an event that was asked for, and asks for no day of which it knows better", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ storedMs: moments, atMs: moments }), { maxLength: 80 }),
        fc.record({ fromMs: bound, toMs: bound, recordedFromMs: bound, recordedToMs: bound }),
        (events, { fromMs, toMs, recordedFromMs, recordedToMs }) => {
          const bounds = {
            ...(fromMs === undefined ? {} : { fromMs }),
            ...(toMs === undefined ? {} : { toMs }),
            ...(recordedFromMs === undefined ? {} : { recordedFromMs }),
            ...(recordedToMs === undefined ? {} : { recordedToMs }),
          };
          const days = daysToAsk(calendarsOf(events), bounds);
          const within = (ms: number, from = -Infinity, to = Infinity) => ms >= from && ms < to;
          for (const { storedMs, atMs } of events)
            expect(
              days.includes(dayOf(storedMs)) || !within(atMs, fromMs, toMs) || !within(storedMs, recordedFromMs, recordedToMs),
            ).toBe(true);
          expect(days).toEqual([...new Set(days)].sort());
          for (const day of days) {
            expect(events.some(({ storedMs }) => dayOf(storedMs) === day)).toBe(true);
            expect(beginOf(day) < (recordedToMs ?? Infinity) && beginOf(day) + DAY_MS > (recordedFromMs ?? -Infinity)).toBe(
              true,
            );
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it("asks for no day whose events all happened at another time", () => {
    const calendar = withDay(withDay(emptyCalendar("acme", "2026"), "2026/01/10", ["2026/01/09", "2026/01/10"]), "2026/01/11", [
      "2026/01/11",
    ]);
    expect(daysToAsk([calendar], { toMs: beginOf("2026/01/11") })).toEqual(["2026/01/10"]);
    expect(daysToAsk([calendar], { toMs: beginOf("2026/01/11") + 1 })).toEqual(["2026/01/10", "2026/01/11"]);
    expect(daysToAsk([calendar], { fromMs: beginOf("2026/01/11") })).toEqual(["2026/01/11"]);
    expect(daysToAsk([withDay(calendar, "2026/01/12", [])], { fromMs: beginOf("2026/02/01") })).toEqual(["2026/01/12"]);
  });

  it("stays small when a day brings the events of a year", () => {
    const days = Array.from({ length: 365 }, (_, number) => dayOf(Date.UTC(2025, 0, 1) + number * DAY_MS));
    const calendar = withDay(emptyCalendar("acme", "2026"), "2026/01/10", days);
    expect(calendar.days["2026/01/10"]!.occurs.length).toBeLessThanOrEqual(MAX_OCCURS);
    for (const day of days)
      expect(daysToAsk([calendar], { fromMs: beginOf(day), toMs: beginOf(day) + 1 })).toEqual(["2026/01/10"]);
    expect(daysToAsk([calendar], { fromMs: beginOf("2026/01/01") })).toEqual([]);
  });

  it("is the same text whatever the order of its days, and itself when there is nothing new", () => {
    const one = withDay(withDay(emptyCalendar("acme", "2026"), "2026/01/11", ["2026/01/11"]), "2026/01/10", [
      "2026/01/10",
      "2026/01/09",
    ]);
    const other = withDay(
      withDay(withDay(emptyCalendar("acme", "2026"), "2026/01/10", ["2026/01/09"]), "2026/01/11", ["2026/01/11"]),
      "2026/01/10",
      ["2026/01/10"],
    );
    expect(JSON.stringify(one)).toBe(JSON.stringify(other));
    expect(withDay(one, "2026/01/10", ["2026/01/09"])).toBe(one);
    expect(withoutDay(one, "2026/01/12")).toBe(one);
    expect(Object.keys(withoutDay(one, "2026/01/10").days)).toEqual(["2026/01/11"]);
    expect(parseCalendar(JSON.stringify(one))).toEqual({ ok: true, value: one });
  });

  it.each([
    "",
    "{",
    "null",
    "[]",
    `{"format":2}`,
    `{"format":1,"tenant":"acme","year":"2026","days":{"2026/1/1":{"occurs":[]}}}`,
  ])("[STO-7] is damaged when it is %s", (text) => {
    expect(parseCalendar(text)).toEqual({ ok: false, error: "damaged" });
  });
});
