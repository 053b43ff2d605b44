import { describe, expect, it } from "vitest";
import { parseCdrs, parseExport } from "../../../contracts/events/downloads.ts";
import { parseStats } from "../../../contracts/events/stats.ts";
import { parseTimeline } from "../../../contracts/events/timeline-request.ts";
import type { TenantId } from "../../../domain/shared/ids.ts";
import { DAY_OF_CALLS_MS as T } from "./stored-events.ts";

const DAY_MS = 86_400_000;
const QUARTER_MS = 15 * 60_000;
const query = (text: string) => new URLSearchParams(text);
const iso = (ms: number): string => new Date(ms).toISOString();
const pointers = (result: { ok: boolean; error?: readonly { pointer: string }[] }): string[] =>
  (result.error ?? []).map(({ pointer }) => pointer);

describe("[QRY-11] a question for counts", () => {
  it("is about the last day by hour and type, when it says nothing", () => {
    expect(parseStats(query(""), T + 60_000)).toMatchObject({
      ok: true,
      value: { bucket: "1h", query: { fromMs: T + QUARTER_MS - DAY_MS, toMs: T + QUARTER_MS, by: "type", filter: {} } },
    });
  });

  it("has whole quarters, an end behind its beginning, and no more buckets than an answer takes", () => {
    const asked = (fromMs: number, toMs: number, rest = "") =>
      pointers(parseStats(query(`from=${iso(fromMs)}&to=${iso(toMs)}${rest}`), T));
    expect(asked(T + 1, T + DAY_MS)).toEqual(["?from"]);
    expect(asked(T, T + DAY_MS + 1)).toEqual(["?to"]);
    expect(asked(T, T)).toEqual(["?to"]);
    expect(asked(T, T + 31 * DAY_MS, "&bucket=15m")).toEqual([]);
    expect(asked(T, T + 32 * DAY_MS, "&bucket=15m")).toEqual(["?to"]);
    expect(asked(T, T + 366 * DAY_MS, "&bucket=1d")).toEqual([]);
  });

  it("takes the filters that indexes know, and no others", () => {
    expect(parseStats(query("type=call.*&status=busy"), T)).toMatchObject({
      ok: true,
      value: { query: { filter: { type: [{ tag: "prefix", value: "call." }], status: ["busy"] } } },
    });
    for (const text of ["caller=%2B1", "data.n=1", "filter=status%3D%22busy%22", "by=caller", "bucket=2h", "by=type&by=status"])
      expect(parseStats(query(text), T).ok).toBe(false);
  });
});

describe("[QRY-10] a question for records", () => {
  it("has a period of at most 31 days", () => {
    const asked = (text: string) => pointers(parseCdrs(query(text)));
    expect(asked(`from=${iso(T)}&to=${iso(T + 31 * DAY_MS)}`)).toEqual([]);
    expect(asked(`from=${iso(T)}&to=${iso(T + 31 * DAY_MS + 1)}`)).toEqual(["?to"]);
    expect(asked(`to=${iso(T)}`)).toEqual(["?from"]);
    expect(asked(`from=${iso(T)}`)).toEqual(["?to"]);
    expect(asked(`from=${iso(T)}&to=${iso(T + 1)}&type=a`)).toEqual(["?type"]);
  });
});

describe("[QRY-8] a question for an export", () => {
  it("takes every filter, and the id behind which it goes on", () => {
    const id = "01900000-0000-7000-8000-000000000000";
    const asked = (text: string) => parseExport(query(text), "acme" as TenantId);
    expect(asked(`type=a&data.n=1&after=${id.toUpperCase()}&format=csv`)).toMatchObject({
      ok: true,
      value: { format: "csv", query: { after: id, order: "oldest_first" } },
    });
    for (const text of ["after=1", `after=${id}&after=${id}`, "format=xml", "limit=5"]) expect(asked(text).ok).toBe(false);
  });
});

describe("[QRY-9] a question for a timeline", () => {
  it("is answered as the parameter says, else as the reader accepts, else in JSON", () => {
    const format = (text: string, accept: string) => {
      const parsed = parseTimeline(query(text), accept);
      return parsed.ok ? parsed.value.format : parsed.error;
    };
    expect([
      format("", "*/*"),
      format("", "text/plain;q=0.9, */*"),
      format("format=json", "text/plain"),
      format("format=text", ""),
    ]).toEqual(["json", "text", "json", "text"]);
    for (const text of ["longGapMs=-1", "longGapMs=99999999", "type=a"]) expect(parseTimeline(query(text), "").ok).toBe(false);
  });
});
