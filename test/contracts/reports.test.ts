import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseReport } from "../../contracts/reports.ts";
import { REPORT_TYPES } from "../../domain/call/machine.ts";

const NOW_MS = Date.parse("2026-03-01T12:00:00.000Z");
const MINUTE_MS = 60_000;
const parse = (body: Record<string, unknown>) => parseReport(body, NOW_MS);
const atOf = (at: unknown): number | string => {
  const parsed = parse({ type: "ringing", at });
  return parsed.ok ? parsed.value.atMs : "refused";
};

describe("[IN-6] a report's type", () => {
  it.each([...REPORT_TYPES])("may be written %s with or without call. before it", (type) => {
    expect(parse({ type })).toMatchObject({ ok: true, value: { type } });
    expect(parse({ type: `call.${type}` })).toMatchObject({ ok: true, value: { type } });
  });

  it.each(["", "call.", "call.call.ended", "Ended", "hung_up", "dev.trunkline.call.ended.v1", 5, null, ["ended"]])(
    "may not be %j",
    (type) => {
      expect(parse({ type })).toMatchObject({ ok: false, error: [{ pointer: "/type" }] });
    },
  );

  it("has to be there", () => {
    expect(parse({})).toEqual({ ok: false, error: [{ pointer: "/type", code: "missing", detail: "is required" }] });
  });
});

describe("[IN-7] a report's time", () => {
  it.each([
    ["2026-03-01T11:59:30Z", -30_000],
    ["2026-03-01T11:59:30.250Z", -29_750],
    ["2026-03-01T12:59:30+01:00", -30_000],
    ["2026-03-01T05:29:30-06:30", -30_000],
    [(NOW_MS - 30_000) / 1_000, -30_000],
    [NOW_MS - 30_000, -30_000],
    [String((NOW_MS - 30_000) / 1_000), -30_000],
    [String(NOW_MS - 30_000), -30_000],
    [`${NOW_MS / 1_000 - 30}.250`, -29_750],
    [NOW_MS / 1_000 - 29.75, -29_750],
  ])("%s is read as RFC 3339, seconds or milliseconds", (at, offsetMs) => {
    expect(atOf(at)).toBe(NOW_MS + offsetMs);
  });

  it("that is missing or null is the time of arrival", () => {
    expect(parse({ type: "ended" })).toMatchObject({ ok: true, value: { atMs: NOW_MS } });
    expect(atOf(null)).toBe(NOW_MS);
  });

  it("[PRJ-7] may be back by a year; beyond that the time of arrival is used", () => {
    const yearMs = 365 * 24 * 3_600_000;
    expect(atOf(NOW_MS - yearMs)).toBe(NOW_MS - yearMs);
    expect(atOf(NOW_MS - yearMs - 1)).toBe(NOW_MS);
  });

  it("may be ahead of our clock by five minutes; beyond that the time of arrival is used", () => {
    expect(atOf(NOW_MS + 5 * MINUTE_MS)).toBe(NOW_MS + 5 * MINUTE_MS);
    expect(atOf(NOW_MS + 5 * MINUTE_MS + 1)).toBe(NOW_MS);
    expect(atOf("9999-12-31T23:59:59Z")).toBe(NOW_MS);
  });

  it.each([
    "yesterday",
    "",
    "2026-02-30T00:00:00Z",
    "2026-03-01",
    "2026-03-01T12:00:00",
    "-5",
    -5,
    1e300,
    true,
    {},
    "1".repeat(40),
  ])("%j is refused", (at) => {
    expect(parse({ type: "ended", at })).toMatchObject({ ok: false, error: [{ pointer: "/at" }] });
  });

  it("comes out as whole milliseconds of a valid date, whichever way it was written", () => {
    const date = fc.date({ min: new Date(NOW_MS - 365 * 24 * 60 * MINUTE_MS), max: new Date(NOW_MS), noInvalidDate: true });
    fc.assert(
      fc.property(date, (when) => {
        const ms = when.getTime();
        for (const text of [when.toISOString(), ms, String(ms), ms / 1_000]) expect(atOf(text)).toBe(ms);
      }),
    );
  });
});

describe("[IN-8] what else a report says", () => {
  it("is carried as it is", () => {
    const more = { sipCode: 503, routeIndex: 1, contact: "sip:a@b", reason: "overload" };
    expect(parse({ id: "r-1", type: "failover", ...more })).toMatchObject({ ok: true, value: { reportId: "r-1", ...more } });
    expect(parse({ id: 42, type: "failover", sipCode: "503", routeIndex: "1" })).toMatchObject({
      ok: true,
      value: { reportId: "42", sipCode: 503, routeIndex: 1 },
    });
  });

  it("is null where it is missing or null", () => {
    const nothing = { sipCode: null, q850: null, routeIndex: null, reportId: null, contact: null, reason: null };
    expect(parse({ type: "ended" })).toMatchObject({ ok: true, value: nothing });
    expect(
      parse({ type: "ended", id: null, sipCode: null, q850: null, routeIndex: null, contact: null, reason: null }),
    ).toMatchObject({
      ok: true,
      value: nothing,
    });
  });

  it("is cut where it explains at length, and loses what is no text", () => {
    expect(parse({ type: "ended", contact: "x".repeat(10_000) })).toMatchObject({
      ok: true,
      value: { contact: "x".repeat(256) },
    });
    expect(parse({ type: "ended", reason: "a\u0000b\r\nc" })).toMatchObject({ ok: true, value: { reason: "abc" } });
  });

  it("takes codes as numbers or digits, and nothing that only looks like a number", () => {
    expect(parse({ type: "failover", routeIndex: "1", sipCode: "503" })).toMatchObject({
      ok: true,
      value: { routeIndex: 1, sipCode: 503 },
    });
    for (const value of ["", false, [], [1], " 1"])
      expect(parseReport({ type: "failover", routeIndex: value }, NOW_MS).ok).toBe(false);
  });

  it.each([
    ["sipCode", 99],
    ["sipCode", 700],
    ["sipCode", 200.5],
    ["sipCode", "busy"],
    ["sipCode", ""],
    ["routeIndex", -1],
    ["routeIndex", 256],
    ["routeIndex", "x"],
    ["id", ""],
    ["id", "x".repeat(129)],
    ["reason", 5],
  ])("is refused when %s is %j", (field, value) => {
    expect(parse({ type: "ended", [field]: value })).toMatchObject({ ok: false, error: [{ pointer: `/${field}` }] });
  });

  it("is told at once, all of it", () => {
    const parsed = parse({ type: "x", at: "y", sipCode: 1, routeIndex: -1, reason: 5 });
    expect(parsed.ok ? [] : parsed.error.map(({ pointer }) => pointer).sort()).toEqual([
      "/at",
      "/reason",
      "/routeIndex",
      "/sipCode",
      "/type",
    ]);
  });
});
