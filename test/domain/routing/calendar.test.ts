import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WEEKDAYS, type Calendar, type Weekday } from "../../../domain/configuration/model.ts";
import { compileCalendar, compileDates, isOpen, parseTime } from "../../../domain/routing/calendar.ts";

const at = (iso: string): number => Date.parse(iso);
const NOW_MS = at("2026-11-21T12:00:00Z");
const ALL_DAYS: readonly Weekday[] = WEEKDAYS;
const WORKDAYS = ALL_DAYS.slice(0, 5);

function calendar(timeZone: string, weekly: Calendar["weekly"], holidays: Calendar["holidays"] = []): Calendar {
  return { id: "c", name: "c", timeZone, weekly, holidays };
}

function openAt(source: Calendar, iso: string, nowMs = NOW_MS): boolean {
  return isOpen(compileCalendar(source, nowMs), at(iso));
}

describe("[RTE-15] opening hours", () => {
  const office = calendar("Europe/Berlin", [{ days: WORKDAYS, from: "08:00", to: "18:00" }]);

  it.each([
    ["2026-11-23T06:59:59.999Z", false],
    ["2026-11-23T07:00:00Z", true],
    ["2026-11-23T16:59:59.999Z", true],
    ["2026-11-23T17:00:00Z", false],
    ["2026-11-22T10:00:00Z", false],
    ["2026-07-06T06:00:00Z", true],
    ["2026-07-06T05:59:00Z", false],
  ])("by the wall clock, in winter and summer: at %s %s", (iso, expected) => {
    expect(openAt(office, iso)).toBe(expected);
  });

  it("to 24:00 is to the end of the day", () => {
    const late = calendar("UTC", [{ days: ["sat"], from: "20:00", to: "24:00" }]);
    expect(openAt(late, "2026-11-21T23:59:59.999Z")).toBe(true);
    expect(openAt(late, "2026-11-22T00:00:00Z")).toBe(false);
  });

  it("from a time to the same time is a whole day and night", () => {
    const always = calendar("UTC", [{ days: ["sat"], from: "09:00", to: "09:00" }]);
    expect(openAt(always, "2026-11-21T08:59:00Z")).toBe(false);
    expect(openAt(always, "2026-11-21T09:00:00Z")).toBe(true);
    expect(openAt(always, "2026-11-22T08:59:00Z")).toBe(true);
    expect(openAt(always, "2026-11-22T09:00:00Z")).toBe(false);
  });

  it("a span over midnight belongs to the day on which it began", () => {
    const night = calendar("Europe/Berlin", [{ days: ["fri"], from: "22:00", to: "06:00" }]);
    expect(openAt(night, "2026-11-20T21:00:00Z")).toBe(true);
    expect(openAt(night, "2026-11-21T04:59:00Z")).toBe(true);
    expect(openAt(night, "2026-11-21T05:00:00Z")).toBe(false);
    expect(openAt(night, "2026-11-20T04:00:00Z")).toBe(false);
    expect(openAt(night, "2026-11-21T21:00:00Z")).toBe(false);
  });

  it("a holiday's own hours replace the week's, and a span from the day before goes on", () => {
    const nights = calendar(
      "UTC",
      [{ days: ALL_DAYS, from: "20:00", to: "04:00" }],
      [
        { date: "2026-12-24", name: "Christmas Eve", hours: [{ from: "10:00", to: "12:00" }] },
        { date: "2026-12-25", name: "Christmas Day", hours: [] },
      ],
    );
    expect(openAt(nights, "2026-12-24T03:00:00Z")).toBe(true);
    expect(openAt(nights, "2026-12-24T11:00:00Z")).toBe(true);
    expect(openAt(nights, "2026-12-24T21:00:00Z")).toBe(false);
    expect(openAt(nights, "2026-12-25T03:00:00Z")).toBe(false);
    expect(openAt(nights, "2026-12-25T21:00:00Z")).toBe(false);
    expect(openAt(nights, "2026-12-26T03:00:00Z")).toBe(false);
    expect(openAt(nights, "2026-12-26T21:00:00Z")).toBe(true);
  });

  it("several spans of a day add up", () => {
    const split = calendar("UTC", [
      { days: ["mon", "sat"], from: "09:00", to: "12:00" },
      { days: ["sat"], from: "14:00", to: "17:00" },
    ]);
    expect(
      ["08:59", "09:00", "12:00", "13:59", "14:00", "17:00"].map((time) => openAt(split, `2026-11-21T${time}:00Z`)),
    ).toEqual([false, true, false, false, true, false]);
  });

  it("a calendar without hours is closed, one with malformed hours where they are malformed", () => {
    expect(openAt(calendar("UTC", []), "2026-11-21T12:00:00Z")).toBe(false);
    const broken = calendar("UTC", [
      { days: ["sat"], from: "9", to: "12:00" },
      { days: ["sat"], from: "14:00", to: "15:00" },
    ]);
    expect(openAt(broken, "2026-11-21T10:00:00Z")).toBe(false);
    expect(openAt(broken, "2026-11-21T14:30:00Z")).toBe(true);
  });
});

describe("[RTE-15] clock changes", () => {
  const minutesOpen = (source: Calendar, fromIso: string, hours: number, nowMs = NOW_MS): number => {
    const compiled = compileCalendar(source, nowMs);
    return Array.from({ length: hours * 60 }, (_, minute) => at(fromIso) + minute * 60_000).filter((ms) => isOpen(compiled, ms))
      .length;
  };
  const early = (timeZone: string): Calendar => calendar(timeZone, [{ days: ALL_DAYS, from: "01:00", to: "05:00" }]);

  it.each([
    ["Europe/Berlin", "2026-03-29T00:00:00+01:00", 180],
    ["Europe/Berlin", "2026-10-25T00:00:00+02:00", 300],
    ["America/New_York", "2026-03-08T00:00:00-05:00", 180],
    ["America/New_York", "2026-11-01T00:00:00-04:00", 300],
    ["America/Santiago", "2026-09-06T01:00:00-03:00", 240],
    ["Australia/Lord_Howe", "2026-10-04T00:00:00+10:30", 210],
    ["Australia/Lord_Howe", "2026-04-05T00:00:00+11:00", 270],
    ["Asia/Kolkata", "2026-03-29T00:00:00+05:30", 240],
  ])("in %s on the day from %s it is open for %i minutes", (timeZone, fromIso, minutes) => {
    expect(minutesOpen(early(timeZone), fromIso, 12)).toBe(minutes);
  });

  it("a day that a country left out was never open (Apia, 30 December 2011)", () => {
    const friday = calendar("Pacific/Apia", [{ days: ["fri"], from: "00:00", to: "24:00" }]);
    const nowMs = at("2011-06-01T00:00:00Z");
    expect(minutesOpen(friday, "2011-12-29T00:00:00-10:00", 72, nowMs)).toBe(0);
    expect(minutesOpen(friday, "2011-12-22T00:00:00-10:00", 72, nowMs)).toBe(24 * 60);
  });

  it("goes on outside of the years that the calendar was compiled for", () => {
    const office = calendar("Europe/Berlin", [{ days: WORKDAYS, from: "08:00", to: "18:00" }]);
    expect(openAt(office, "1998-07-06T06:30:00Z")).toBe(true);
    expect(openAt(office, "1998-01-05T06:30:00Z")).toBe(false);
    expect(openAt(office, "2051-07-06T06:30:00Z")).toBe(true);
    expect(openAt(office, "2051-07-06T16:30:00Z")).toBe(false);
  });

  it("a compiled calendar is data: it survives JSON", () => {
    const compiled = compileCalendar(early("Europe/Berlin"), NOW_MS);
    const copy = JSON.parse(JSON.stringify(compiled)) as typeof compiled;
    expect(isOpen(copy, at("2026-03-29T01:30:00Z"))).toBe(isOpen(compiled, at("2026-03-29T01:30:00Z")));
  });
});

describe("[RTE-15] against the plain reading of the wall clock", () => {
  const ZONES = [
    "UTC",
    "Europe/Berlin",
    "Europe/Dublin",
    "America/New_York",
    "America/St_Johns",
    "America/Santiago",
    "America/Asuncion",
    "America/Havana",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "Asia/Beirut",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "Antarctica/Troll",
  ];

  /** Wall clock reading by Intl: date, weekday and minute of the day. */
  function wallClock(
    timeZone: string,
    ms: number,
  ): { readonly date: string; readonly weekday: Weekday; readonly minute: number } {
    const format = new Intl.DateTimeFormat("en-CA", {
      timeZone,
      hourCycle: "h23",
      weekday: "short",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
    });
    const parts = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, value]));
    return {
      date: `${parts["year"]}-${parts["month"]}-${parts["day"]}`,
      weekday: ALL_DAYS.find((day) => day === parts["weekday"]?.toLowerCase().replace(".", ""))!,
      minute: Number(parts["hour"]) * 60 + Number(parts["minute"]),
    };
  }

  function dayBefore(date: string): { readonly date: string; readonly weekday: Weekday } {
    const before = new Date(Date.parse(`${date}T12:00:00Z`) - 86_400_000);
    return { date: before.toISOString().slice(0, 10), weekday: ALL_DAYS[(before.getUTCDay() + 6) % 7]! };
  }

  function naively({ timeZone, weekly, holidays }: Calendar, ms: number): boolean {
    const now = wallClock(timeZone, ms);
    const spansOn = (date: string, weekday: Weekday) =>
      holidays.find((holiday) => holiday.date === date)?.hours ?? weekly.filter(({ days }) => days.includes(weekday));
    const minutes = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
    const yesterday = dayBefore(now.date);
    return (
      spansOn(now.date, now.weekday).some(({ from, to }) =>
        minutes(to) > minutes(from) ? now.minute >= minutes(from) && now.minute < minutes(to) : now.minute >= minutes(from),
      ) ||
      spansOn(yesterday.date, yesterday.weekday).some(
        ({ from, to }) => minutes(to) <= minutes(from) && now.minute < minutes(to),
      )
    );
  }

  const two = (value: number): string => String(value).padStart(2, "0");
  const time = fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom(0, 1, 15, 30, 59))
    .map(([h, m]) => `${two(h)}:${two(m)}`);
  const span = fc.record({ from: time, to: fc.oneof(time, fc.constant("24:00")) });
  const range = { min: at("2009-01-01T00:00:00Z"), max: at("2038-01-01T00:00:00Z") };
  const instant = fc.integer(range);

  it("agrees for any calendar, zone and moment, clock changes included", () => {
    const hours = fc.record({ days: fc.subarray([...ALL_DAYS], { minLength: 1 }), span });
    const scenario = fc.record({
      timeZone: fc.constantFrom(...ZONES),
      weekly: fc.array(hours, { maxLength: 4 }),
      base: instant,
      holiday: fc.record({ dayOffset: fc.integer({ min: -1, max: 1 }), hours: fc.array(span, { maxLength: 2 }) }),
      nowMs: fc.constantFrom(at("2011-06-01T00:00:00Z"), at("2016-01-01T00:00:00Z"), NOW_MS),
      steps: fc.array(fc.integer({ min: -36 * 60, max: 36 * 60 }), { minLength: 1, maxLength: 8 }),
    });
    fc.assert(
      fc.property(scenario, ({ timeZone, weekly, base, holiday, nowMs, steps }) => {
        const date = new Date(base + holiday.dayOffset * 86_400_000).toISOString().slice(0, 10);
        const source = calendar(
          timeZone,
          weekly.map(({ days, span: { from, to } }) => ({ days, from, to })),
          [{ date, name: "holiday", hours: holiday.hours }],
        );
        const compiled = compileCalendar(source, nowMs);
        for (const step of steps) {
          const ms = base + step * 60_000;
          expect([timeZone, new Date(ms).toISOString(), isOpen(compiled, ms)]).toEqual([
            timeZone,
            new Date(ms).toISOString(),
            naively(source, ms),
          ]);
        }
      }),
      { numRuns: 400 },
    );
  });

  it.each(ZONES)("agrees around every clock change of %s", (timeZone) => {
    const source = calendar(timeZone, [{ days: ALL_DAYS, from: "22:30", to: "02:15" }]);
    const compiled = compileCalendar(source, at("2013-06-01T00:00:00Z"));
    for (const [changeMs] of compiled.offsets)
      for (const minutes of [-1441, -181, -61, -31, -1, 0, 1, 29, 59, 121, 1439]) {
        const ms = changeMs + minutes * 60_000;
        expect([new Date(ms).toISOString(), isOpen(compiled, ms)]).toEqual([new Date(ms).toISOString(), naively(source, ms)]);
      }
  });

  it("date intervals agree with the written local date", () => {
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), instant, fc.integer({ min: -3, max: 3 }), (timeZone, ms, days) => {
        const from = new Date(ms + days * 86_400_000).toISOString().slice(0, 10);
        const { date } = wallClock(timeZone, ms);
        expect(compileDates({ from, timeZone }, NOW_MS)(ms)).toBe(date >= from);
        expect(compileDates({ to: from, timeZone }, NOW_MS)(ms)).toBe(date < from);
        expect(compileDates({ from: date, to: from, timeZone }, NOW_MS)(ms)).toBe(date < from);
      }),
      { numRuns: 500 },
    );
  });
});

describe("[RTE-12] dates", () => {
  it("from is inclusive and to exclusive, in the zone's own days", () => {
    const advent = compileDates({ from: "2026-11-29", to: "2026-12-25", timeZone: "Asia/Tokyo" }, NOW_MS);
    expect(advent(at("2026-11-28T14:59:59Z"))).toBe(false);
    expect(advent(at("2026-11-28T15:00:00Z"))).toBe(true);
    expect(advent(at("2026-12-24T14:59:59Z"))).toBe(true);
    expect(advent(at("2026-12-24T15:00:00Z"))).toBe(false);
  });

  it("an open interval has no bound, and a date that does not exist never holds", () => {
    expect(compileDates({ timeZone: "UTC" }, NOW_MS)(NOW_MS)).toBe(true);
    expect(compileDates({ from: "2026-02-29", timeZone: "UTC" }, NOW_MS)(NOW_MS)).toBe(false);
    expect(compileDates({ to: "2027-13-01", timeZone: "UTC" }, NOW_MS)(NOW_MS)).toBe(false);
  });
});

describe("times", () => {
  it.each([
    ["00:00", 0],
    ["09:30", 570],
    ["23:59", 1439],
    ["24:00", 1440],
    ["24:01", null],
    ["9:30", null],
    ["12:60", null],
    ["", null],
  ])("%j is %s minutes after midnight", (text, minutes) => {
    expect(parseTime(text)).toBe(minutes);
  });
});
