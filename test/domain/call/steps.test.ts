import { describe, expect, it } from "vitest";
import { sessionJson } from "../../../contracts/sessions.ts";
import { toCloudEvent } from "../../../domain/events/event.ts";
import { timeOfId } from "../../../domain/shared/ids.ts";
import { MAX_EVENTS_PER_SESSION } from "../../../durable-objects/call-session/record.ts";
import type { SessionRow } from "../../../durable-objects/call-session/row.ts";
import { type IncomingReport, announce, emptyRow, endByItself, report } from "../../../durable-objects/call-session/steps.ts";
import { viewOf } from "../../../durable-objects/call-session/view.ts";
import { CALL, IDENTITY, REJECTED, ROUTED, START_MS, TENANT, at, incoming, namesOf } from "./fixtures.ts";

const opened = (): SessionRow => announce(emptyRow(IDENTITY, START_MS), CALL, ROUTED, "digest", at(START_MS));
const refused = (): SessionRow => announce(emptyRow(IDENTITY, START_MS), CALL, REJECTED, null, at(START_MS));

function reportAll(row: SessionRow, ...reports: readonly IncomingReport[]): SessionRow {
  return reports.reduce((known, each, index) => report(known, each, at(START_MS + 1_000 + index)).row, row);
}

describe("[SESS-10] an announced call", () => {
  it("records what was received, what was decided and that the session is open", () => {
    const row = opened();
    expect(namesOf(row)).toEqual(["call.received", "call.routed", "session.opened"]);
    expect(row.events[0]!.data).toEqual({
      channel: "pbx",
      from: "+15551230001",
      to: "+15551230002",
      trunk: "main",
      priority: "normal",
      callId: "a84b4c76e66710",
    });
    expect(row.events[1]!.data).toMatchObject({ action: "route", ruleId: "us", destinations: ["carrier-a"] });
    expect(row).toMatchObject({ call: CALL, plan: ROUTED, fingerprint: "digest", endRecordedMs: null });
  });
});

describe("[SESS-4] a refused call", () => {
  it("ends with its announcement, by exactly one session.failed", () => {
    const row = refused();
    expect(namesOf(row)).toEqual(["call.received", "call.routed", "session.opened", "session.failed"]);
    expect(row.events[3]!.data).toEqual({
      disposition: "rejected",
      sipCode: 403,
      endedAt: new Date(START_MS).toISOString(),
    });
    expect(row.state).toMatchObject({ phase: "failed", disposition: "rejected" });
    expect(row.endRecordedMs).toBe(START_MS);
  });

  it("takes what is reported afterwards as not applied, without a second end", () => {
    const row = reportAll(refused(), incoming("ended", START_MS + 5));
    expect(namesOf(row).slice(4)).toEqual(["call.ended"]);
    expect(row.events[4]!.data).toMatchObject({ applied: false });
    expect(row.state.disposition).toBe("rejected");
  });

  it("keeps an end that was reported before it was announced", () => {
    const early = reportAll(emptyRow(IDENTITY, START_MS), incoming("cancelled", START_MS));
    const row = announce(early, CALL, REJECTED, null, at(START_MS + 9));
    expect(row.state.disposition).toBe("cancelled");
    expect(namesOf(row).filter((name) => name === "session.failed")).toHaveLength(1);
  });
});

describe("[SESS-2] a repeated report", () => {
  it("with its id stores nothing, whatever else it says", () => {
    const first = report(opened(), incoming("ringing", START_MS + 1, { reportId: "r-1" }), at(START_MS + 1));
    const again = report(first.row, incoming("answered", START_MS + 9, { reportId: "r-1" }), at(START_MS + 9));
    expect(first).toMatchObject({ applied: true, stored: true });
    expect(again).toMatchObject({ row: first.row, applied: false, stored: false });
  });

  it("without an id stores nothing when it says the same", () => {
    const once = report(opened(), incoming("ringing", START_MS + 1, { sipCode: 180 }), at(START_MS + 1));
    expect(report(once.row, incoming("ringing", START_MS + 1, { sipCode: 180 }), at(START_MS + 2)).stored).toBe(false);
    expect(report(once.row, incoming("ringing", START_MS + 1, { sipCode: 183 }), at(START_MS + 2)).stored).toBe(true);
    expect(report(once.row, incoming("ringing", START_MS + 1, { sipCode: 180, routeIndex: 1 }), at(START_MS)).stored).toBe(
      true,
    );
  });

  it("of a fact that can be only once stores nothing under another id either", () => {
    const row = reportAll(opened(), incoming("answered", START_MS + 1, { reportId: "a" }));
    expect(report(row, incoming("answered", START_MS + 1, { reportId: "b" }), at(START_MS + 2))).toMatchObject({
      row,
      applied: false,
      stored: false,
    });
  });
});

describe("[SESS-5] a report that an end contradicts", () => {
  it("is recorded as not applied and changes nothing", () => {
    const ended = reportAll(opened(), incoming("ended", START_MS + 5));
    const outcome = report(ended, incoming("failed", START_MS + 4, { sipCode: 503 }), at(START_MS + 9));
    expect(outcome).toMatchObject({ applied: false, stored: true });
    expect(outcome.row.state).toEqual(ended.state);
    expect(outcome.row.events.at(-1)).toMatchObject({ name: "call.failed", data: { applied: false, sipCode: 503 } });
  });

  it("of an archived session is recorded likewise, numbered after what was there", () => {
    const ended = reportAll(opened(), incoming("ended", START_MS + 5));
    const bare: SessionRow = {
      ...emptyRow(IDENTITY, START_MS),
      state: ended.state,
      sequence: ended.sequence,
      forwarded: ended.sequence,
    };
    const late = report(bare, incoming("failed", START_MS + 4, { sipCode: 486 }), at(START_MS + 999));
    expect(late.row.events).toHaveLength(1);
    expect(late.row.events[0]).toMatchObject({ sequence: ended.sequence + 1, data: { applied: false } });
    expect(late.row.state).toEqual(ended.state);
  });
});

describe("[SESS-9] the end of a session", () => {
  it("says how and when, and how long they talked", () => {
    const row = reportAll(
      opened(),
      incoming("answered", START_MS + 2_000),
      incoming("ended", START_MS + 62_000, { sipCode: 200 }),
    );
    expect(row.events.at(-1)).toMatchObject({
      name: "session.completed",
      atMs: START_MS + 62_000,
      data: { disposition: "answered", sipCode: 200, talkMs: 60_000 },
    });
    expect(row.endRecordedMs).toBe(START_MS + 1_001);
  });

  it("says no talk time where nobody answered, and never a negative one", () => {
    expect(reportAll(opened(), incoming("failed", START_MS + 9, { sipCode: 486 })).events.at(-1)!.data).not.toHaveProperty(
      "talkMs",
    );
    const skewed = reportAll(opened(), incoming("answered", START_MS + 900), incoming("ended", START_MS + 800));
    expect(skewed.events.at(-1)!.data["talkMs"]).toBe(0);
  });
});

describe("[SESS-8] a silent session", () => {
  it("ends itself once, at the time when the silence was noticed", () => {
    const once = endByItself(opened(), at(START_MS + 300_000), "silence");
    expect(namesOf(once).slice(3)).toEqual(["session.failed"]);
    expect(once.events.at(-1)).toMatchObject({ atMs: START_MS + 300_000, data: { disposition: "timeout" } });
    expect(endByItself(once, at(START_MS + 600_000), "silence")).toEqual(once);
  });
});

describe("[SESS-6] [SESS-7] the row's bounds", () => {
  const ring = (index: number): IncomingReport => incoming("ringing", START_MS + index, { reportId: `r-${index}` });

  it("hold while a peer reports in a loop", () => {
    let row = opened();
    for (let index = 0; index < MAX_EVENTS_PER_SESSION + 100; index++) {
      row = report({ ...row, forwarded: row.sequence }, ring(index), at(START_MS + index)).row;
    }
    expect(row.sequence).toBe(MAX_EVENTS_PER_SESSION);
    expect(row.events.length).toBeLessThanOrEqual(64);
    expect(row.reportIds.length).toBeLessThanOrEqual(256);
    const refusedToo = report(row, ring(99_999), at(START_MS));
    expect(refusedToo).toMatchObject({ row, applied: false, stored: false });
  });

  it("never cost an event that the log has not confirmed", () => {
    let row = opened();
    for (let index = 0; index < 200; index++) row = report(row, ring(index), at(START_MS + index)).row;
    expect(row.events.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 203 }, (_, index) => index + 1));
    const confirmed = report({ ...row, forwarded: 150 }, ring(200), at(START_MS + 200)).row;
    const kept = new Set(confirmed.events.map(({ sequence }) => sequence));
    for (let sequence = 140; sequence <= 204; sequence++) expect(kept.has(sequence)).toBe(sequence > 140);
    expect(kept.size).toBe(64);
  });

  it("still let a session end by itself when it may store no more reports", () => {
    const full: SessionRow = { ...opened(), sequence: MAX_EVENTS_PER_SESSION };
    expect(endByItself(full, at(START_MS + 300_000), "silence").state.phase).toBe("failed");
  });
});

describe("[SESS-12] a row", () => {
  it("is the same after a trip through storage, and so is what is made of it afterwards", () => {
    const row = reportAll(opened(), incoming("ringing", START_MS + 1), incoming("failover", START_MS + 2, { routeIndex: 0 }));
    const loaded = JSON.parse(JSON.stringify(row)) as SessionRow;
    expect(loaded).toEqual(row);
    const next = report(loaded, incoming("answered", START_MS + 3), at(START_MS + 3)).row;
    expect(next.events.at(-1)!.sequence).toBe(row.sequence + 1);
    expect(next.events.at(-1)!.id > row.events.at(-1)!.id).toBe(true);
  });

  it("gives events whose ids carry the time of recording and whose trace is the request's", () => {
    const [event] = opened().events;
    expect(timeOfId(event!.id)).toBe(START_MS);
    expect(toCloudEvent(event!, TENANT, IDENTITY.id)).toMatchObject({ traceparent: at(0).traceparent, subject: IDENTITY.id });
  });
});

describe("[SESS-11] a session in JSON", () => {
  const view = (row: SessionRow) => sessionJson(viewOf(row));

  it("has its talk time, its failovers and its status whatever the order of the reports", () => {
    const reports = [
      incoming("ended", START_MS + 62_000),
      incoming("failover", START_MS + 1_000, { routeIndex: 0, sipCode: 503 }),
      incoming("answered", START_MS + 2_000),
    ];
    const [one, other] = [reports, reports.toReversed()].map((order) => view(reportAll(opened(), ...order)));
    expect(one).toMatchObject({
      status: "completed",
      state: "completed",
      disposition: "answered",
      talkMs: 60_000,
      answeredAt: "2026-03-01T12:00:02.000Z",
      failovers: [{ at: "2026-03-01T12:00:01.000Z", routeIndex: 0, sipCode: 503 }],
    });
    expect({ ...one, updatedAt: null }).toEqual({ ...other, updatedAt: null });
  });

  it("says nothing of a call that has not been announced but that it is ongoing", () => {
    expect(view(emptyRow(IDENTITY, START_MS))).toMatchObject({
      announced: false,
      status: "ongoing",
      from: null,
      plan: null,
      talkMs: null,
      endedAt: null,
    });
  });
});
