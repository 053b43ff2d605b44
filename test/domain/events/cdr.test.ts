import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CallFacts, foldCdr, isCall, joinCalls, recordOf } from "../../../domain/events/cdr.ts";
import type { StoredEvent } from "../../../domain/events/stored.ts";
import type { TenantId } from "../../../domain/shared/ids.ts";
import { timeline } from "../sessions/timelines.ts";
import { DAY_OF_CALLS_MS as T, storedEvent } from "./stored-events.ts";

const fold = (events: readonly StoredEvent[]): CallFacts => events.reduce<CallFacts | null>(foldCdr, null)!;

const PLAIN = [
  storedEvent({ type: "call.started", atMs: T, caller: "+4915112345678", callee: "+33123456789", direction: "inbound" }),
  storedEvent({ type: "call.ringing", atMs: T + 1_000 }),
  storedEvent({ type: "com.example.call.answered", atMs: T + 4_000 }),
  storedEvent({ type: "recording.completed", atMs: T + 5_000 }),
  storedEvent({ type: "call.completed", atMs: T + 64_000, status: "normal", data: { sipCode: 200, trunk: "gw-1" } }),
];

describe("[QRY-10] a call detail record", () => {
  it("tells from a sender's own events when the call rang, was answered and ended", () => {
    expect(recordOf(fold(PLAIN))).toEqual({
      callId: "call-1",
      sessionId: null,
      direction: "inbound",
      caller: "+4915112345678",
      callee: "+33123456789",
      trunk: "gw-1",
      startedMs: T,
      ringingMs: T + 1_000,
      answeredMs: T + 4_000,
      endedMs: T + 64_000,
      durationMs: 64_000,
      talkMs: 60_000,
      disposition: "normal",
      sipCode: 200,
      status: "completed",
      events: 5,
    });
  });

  it("of a call that fails on its first way counts the end of the last", () => {
    const tried = [
      storedEvent({ type: "call.failed", atMs: T + 500, data: { sipCode: 503 } }),
      storedEvent({ type: "call.busy", atMs: T + 900, data: { sipCode: 486 } }),
    ];
    expect(recordOf(fold(tried))).toMatchObject({ status: "failed", disposition: "busy", sipCode: 486, endedMs: T + 900 });
  });

  it("of a session that another system has ended says how only if that has been told", () => {
    const ended = storedEvent({ type: "dev.trunkline.session.completed.v1", atMs: T, source: "/tenants/acme/calls", data: {} });
    expect(recordOf(fold([ended]))).toMatchObject({ status: "completed", disposition: null });
  });

  it("is made of calls alone", () => {
    expect(
      isCall(fold([storedEvent({ type: "survey.sent", atMs: T }), storedEvent({ type: "recording.ended", atMs: T })])),
    ).toBe(false);
  });

  it("says of our own sessions what their record says, in whatever order their events come", () => {
    const cases = timeline(["left" as TenantId]).chain(({ events, summary }) =>
      fc.record({
        shuffled: fc.shuffledSubarray([...events], { minLength: events.length }),
        summary: fc.constant(summary),
      }),
    );
    fc.assert(
      fc.property(cases, ({ shuffled, summary }) => {
        const record = recordOf(fold(shuffled));
        expect(record).toMatchObject({
          sessionId: summary.id,
          callId: summary.externalId ?? summary.id,
          caller: summary.caller,
          callee: summary.callee,
          trunk: summary.trunk,
          ringingMs: summary.ringingMs,
          answeredMs: summary.answeredMs,
          disposition: summary.disposition,
          sipCode: summary.endCode,
          status: summary.status,
          events: shuffled.length,
        });
        expect(record.endedMs === null).toBe(summary.endedMs === null);
      }),
      { numRuns: 300 },
    );
  });

  it("is the same of parts joined in any order", () => {
    const types = ["call.started", "call.ringing", "call.answered", "call.failed", "call.ended", "note"];
    const event = fc
      .record({
        type: fc.constantFrom(...types),
        afterMs: fc.integer({ min: 0, max: 5 }),
        caller: fc.constantFrom("", "+1", "+2"),
      })
      .map(({ afterMs, ...given }) => ({ ...given, atMs: T + afterMs }));
    const parts = fc.tuple(...[0, 1, 2].map(() => fc.array(event, { minLength: 1, maxLength: 4 })));
    fc.assert(
      fc.property(parts, (given) => {
        let count = 0;
        const [a, b, c] = given.map((events) => fold(events.map((each) => storedEvent({ ...each, count: count++ })))) as [
          CallFacts,
          CallFacts,
          CallFacts,
        ];
        expect(joinCalls(a, b)).toEqual(joinCalls(b, a));
        expect(joinCalls(joinCalls(a, b), c)).toEqual(joinCalls(a, joinCalls(b, c)));
      }),
    );
  });
});
