import { describe, expect, it } from "vitest";
import {
  covers,
  intlOffset,
  isTimeZone,
  localDate,
  offsetAt,
  offsetsAround,
  parseDate,
  zoneOffsets,
} from "../../../domain/routing/time-zone.ts";

const STEP_MS = 12 * 3_600_000;
const at = (iso: string): number => Date.parse(iso);

describe("[RTE-15] offsets of a zone", () => {
  it.each([
    [
      "Europe/Berlin",
      [
        ["2026-01-01", 60],
        ["2026-03-29T01:00", 120],
        ["2026-10-25T01:00", 60],
        ["2027-01-01", 60],
      ],
    ],
    [
      "Australia/Lord_Howe",
      [
        ["2026-01-01", 660],
        ["2026-04-04T15:00", 630],
        ["2026-10-03T15:30", 660],
        ["2027-01-01", 660],
      ],
    ],
    [
      "Asia/Kolkata",
      [
        ["2026-01-01", 330],
        ["2027-01-01", 330],
      ],
    ],
    [
      "UTC",
      [
        ["2026-01-01", 0],
        ["2027-01-01", 0],
      ],
    ],
  ] as const)("of %s in 2026", (timeZone, expected) => {
    const found = zoneOffsets(timeZone, at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z"));
    expect(found).toEqual(
      expected.map(([day, minutes]) => [at(day.includes("T") ? `${day}:00Z` : `${day}T00:00:00Z`), minutes]),
    );
  });

  it("finds the day that Apia left out", () => {
    expect(zoneOffsets("Pacific/Apia", at("2011-12-01T00:00:00Z"), at("2012-01-31T00:00:00Z"))).toEqual([
      [at("2011-12-01T00:00:00Z"), -600],
      [at("2011-12-30T10:00:00Z"), 840],
      [at("2012-01-31T00:00:00Z"), 840],
    ]);
  });

  it("finds pauses of a month (Ramadan in Morocco)", () => {
    const changes = zoneOffsets("Africa/Casablanca", at("2025-01-01T00:00:00Z"), at("2026-01-01T00:00:00Z"));
    expect(changes.map(([, minutes]) => minutes)).toEqual([60, 0, 60, 60]);
  });

  it.each(Intl.supportedValuesOf("timeZone").filter((_, place) => place % 12 === 0))(
    "are those of Intl every 12 hours in %s",
    (timeZone) => {
      const from = at("2020-01-01T00:00:00Z");
      const to = at("2024-01-01T00:00:00Z");
      const offsets = zoneOffsets(timeZone, from, to);
      const moments = Array.from({ length: (to - from) / STEP_MS }, (_, step) => from + step * STEP_MS);
      const wrong = moments.filter((ms) => offsetAt(offsets, ms) !== intlOffset(timeZone, ms));
      expect(wrong.map((ms) => new Date(ms).toISOString())).toEqual([]);
    },
  );

  it("cover two years before now and ten after", () => {
    const nowMs = at("2026-11-21T12:00:00Z");
    const offsets = offsetsAround("America/New_York", nowMs);
    expect(covers(offsets, at("2024-11-21T12:00:00Z"))).toBe(true);
    expect(covers(offsets, at("2036-11-21T12:00:00Z"))).toBe(true);
    expect(covers(offsets, at("2023-12-31T23:59:59Z"))).toBe(false);
    expect(covers(offsets, at("2037-01-01T00:00:00Z"))).toBe(false);
    expect(covers([], nowMs)).toBe(false);
  });

  it("hold from the minute of the change", () => {
    const offsets = zoneOffsets("Europe/Berlin", at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z"));
    expect(offsetAt(offsets, at("2026-03-29T00:59:59.999Z"))).toBe(60);
    expect(offsetAt(offsets, at("2026-03-29T01:00:00Z"))).toBe(120);
    expect(offsetAt([], 0)).toBe(0);
  });
});

describe("zones and dates", () => {
  it.each(["Europe/Berlin", "UTC", "america/new_york", "Asia/Calcutta", "Etc/GMT+5"])("%s is a zone", (text) => {
    expect(isTimeZone(text)).toBe(true);
  });

  it.each(["", "Mars/Olympus", "+02:00", "Europe/Berlin ", "CEST!", "1"])("%j is none", (text) => {
    expect(isTimeZone(text)).toBe(false);
  });

  it.each([
    ["1970-01-01", 0],
    ["2026-11-21", 20_778],
    ["1969-12-31", -1],
    ["2024-02-29", 19_782],
    ["2026-02-29", null],
    ["2026-04-31", null],
    ["2026-13-01", null],
    ["21.11.2026", null],
    ["2026-1-1", null],
  ])("%s is day %s", (text, day) => {
    expect(parseDate(text)).toBe(day);
  });

  it("the local date begins at local midnight", () => {
    const offsets = zoneOffsets("Asia/Tokyo", at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z"));
    expect(localDate(offsets, at("2026-11-20T14:59:59Z"))).toBe(parseDate("2026-11-20"));
    expect(localDate(offsets, at("2026-11-20T15:00:00Z"))).toBe(parseDate("2026-11-21"));
  });
});
