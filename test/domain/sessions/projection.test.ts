import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { IntakeIds } from "../../../domain/events/intake-ids.ts";
import { INTAKE_EPOCH } from "../../../domain/shared/ids.ts";
import type { CloudEvent } from "../../../domain/events/event.ts";
import { type ProjectedSession, mergeRows, summaryOfRow } from "../../../domain/sessions/projected.ts";
import { type ProjectedBatch, foldEvents } from "../../../domain/sessions/projection.ts";
import { MAX_EVENT_AGE_MS, MAX_STORED_DEPTH, MAX_STORED_TEXT } from "../../../domain/sessions/storable.ts";
import type { TenantId } from "../../../domain/shared/ids.ts";
import { deliveries, timeline, timelines } from "./timelines.ts";

const TENANTS = ["left", "right"] as TenantId[];

/** What a table that takes batch after batch has in the end. */
function table(batches: readonly ProjectedBatch[]): ReadonlyMap<string, ProjectedSession> {
  const rows = new Map<string, ProjectedSession>();
  for (const { sessions } of batches)
    for (const row of sessions) {
      const key = `${row.tenant} ${row.id}`;
      const known = rows.get(key);
      rows.set(key, known === undefined ? row : mergeRows(known, row));
    }
  return rows;
}

const shown = (rows: ReadonlyMap<string, ProjectedSession>) => new Map([...rows].map(([key, row]) => [key, summaryOfRow(row)]));

describe("[PRJ-4] the rows of sessions", () => {
  it("are what the sessions say of themselves, whatever the order, the repetitions and the batches", () => {
    const cases = timelines(TENANTS, 4).chain((all) => fc.tuple(fc.constant(all), deliveries(all)));
    fc.assert(
      fc.property(cases, ([all, batches]) => {
        const expected = new Map(all.map(({ summary }) => [`${summary.tenant} ${summary.id}`, summary]));
        expect(shown(table(batches.map(foldEvents)))).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it("are joined alike in every order and grouping, and by themselves not at all", () => {
    const parts = timeline(TENANTS).chain(({ events }) =>
      fc.tuple(
        fc.subarray([...events], { minLength: 1 }),
        fc.subarray([...events], { minLength: 1 }),
        fc.subarray([...events], { minLength: 1 }),
      ),
    );
    fc.assert(
      fc.property(parts, (subsets) => {
        const [a, b, c] = subsets.map((events) => foldEvents(events).sessions[0]!) as [
          ProjectedSession,
          ProjectedSession,
          ProjectedSession,
        ];
        expect(mergeRows(a, b)).toEqual(mergeRows(b, a));
        expect(mergeRows(mergeRows(a, b), c)).toEqual(mergeRows(a, mergeRows(b, c)));
        expect(mergeRows(a, a)).toEqual(a);
      }),
      { numRuns: 500 },
    );
  });

  it("[PRJ-8] are changed by what was recorded without effect in nothing but their last event", () => {
    fc.assert(
      fc.property(timeline(TENANTS), ({ events, summary }) => {
        const last = events.at(-1)!;
        const late: CloudEvent = {
          ...last,
          id: last.id.replace(/^.{8}/, "ffffffff") as CloudEvent["id"],
          type: "dev.trunkline.call.answered.v1",
          sequence: "0000009999",
          recordedtime: new Date(summary.updatedMs + 1).toISOString(),
          data: { applied: false },
        };
        const [row] = foldEvents([...events, late]).sessions;
        expect(summaryOfRow(row!)).toEqual({ ...summary, sequence: 9_999, updatedMs: summary.updatedMs + 1 });
      }),
    );
  });
});

const EVENT: CloudEvent = {
  specversion: "1.0",
  id: "01a1fec8-0000-7000-8000-000000000001" as CloudEvent["id"],
  source: "/tenants/left/calls",
  type: "dev.trunkline.call.received.v1",
  subject: "01a1fec8-0000-7000-8000-00000000000a",
  time: "2026-03-01T12:00:00.000Z",
  recordedtime: "2026-03-01T12:00:00.000Z",
  sequence: "0000000001",
  datacontenttype: "application/json",
  data: { channel: "pbx", from: "+15551230001", to: "+15551230002", trunk: "main", priority: "normal" },
};

const BY_API = new IntakeIds("standard", { epoch: INTAKE_EPOCH, number: 3 }, null, new Uint8Array(16)).next(1_800_000_000_000);

describe("[PRJ-4] events that do not fit", () => {
  const nested = (levels: number): Record<string, unknown> => (levels === 0 ? {} : { in: nested(levels - 1) });

  it.each<[string, object, string]>([
    ["no id", { id: "one" }, "bad_envelope"],
    ["an id of an event that came in by the API, whose source may say anything", { id: BY_API }, "bad_envelope"],
    ["no tenant", { source: "/tenants//calls" }, "bad_envelope"],
    ["a tenant that would be several", { source: "/tenants/left,right/calls" }, "bad_envelope"],
    ["no session", { subject: "somebody" }, "bad_envelope"],
    ["no sequence", { sequence: "-1" }, "bad_envelope"],
    ["a sequence that no column holds", { sequence: "9999999999" }, "bad_envelope"],
    ["no data", { data: null }, "bad_envelope"],
    ["a list as data", { data: [] }, "bad_envelope"],
    ["an endless type", { type: "x".repeat(MAX_STORED_TEXT + 1) }, "bad_envelope"],
    ["no time of recording", { recordedtime: "yesterday" }, "bad_time"],
    ["a time of recording that no calendar has", { recordedtime: "+012026-01-01T00:00:00.000Z" }, "bad_time"],
    ["data without end", { data: nested(MAX_STORED_DEPTH + 1) }, "too_deep"],
  ])("are told and left out: %s", (_, changes, reason) => {
    const bad = { ...EVENT, ...changes } as CloudEvent;
    const good = { ...EVENT, id: EVENT.id.replace(/1$/, "2") as CloudEvent["id"] };
    expect(foldEvents([bad, good])).toMatchObject({ skipped: [{ id: bad.id, reason }], events: [{ id: good.id }] });
    expect(foldEvents([bad]).sessions).toEqual([]);
  });

  it("keep what is left when text cannot be stored", () => {
    const [event] = foldEvents([{ ...EVENT, data: { "a\0": ["\ud800", { b: "c\0d" }] } }]).events;
    expect(event?.data).toEqual({ "a\ufffd": ["\ufffd", { b: "c\ufffdd" }] });
  });

  it("[PRJ-7] are not older than a year, and have a time even if they say none", () => {
    const recordedMs = Date.parse(EVENT.recordedtime);
    const atMs = (time: string) => foldEvents([{ ...EVENT, time }]).events[0]?.atMs;
    expect(atMs("2025-03-01T12:00:00.000Z")).toBe(recordedMs - MAX_EVENT_AGE_MS);
    expect(atMs("2025-03-01T11:59:59.999Z")).toBe(recordedMs - MAX_EVENT_AGE_MS);
    expect(atMs("1970-01-01T00:00:00.000Z")).toBe(recordedMs - MAX_EVENT_AGE_MS);
    expect(atMs("never")).toBe(recordedMs);
    expect(atMs("+275760-09-13T00:00:00.000Z")).toBe(Date.parse("9999-12-31T23:59:59.999Z"));
  });

  it("[PRJ-7] end no session before it began", () => {
    const failed = { ...EVENT, id: EVENT.id.replace(/1$/, "2") as CloudEvent["id"], sequence: "0000000002" };
    const end = {
      ...failed,
      type: "dev.trunkline.session.failed.v1",
      time: "2026-03-01T11:00:00.000Z",
      data: { disposition: "busy" },
    };
    const [row] = foldEvents([EVENT, end]).sessions;
    expect(summaryOfRow(row!)).toMatchObject({
      status: "failed",
      disposition: "busy",
      openedMs: Date.parse(EVENT.time),
      endedMs: Date.parse(EVENT.time),
    });
  });
});
