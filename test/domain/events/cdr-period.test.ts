import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CallFacts, type CallRecord, foldCdr, recordOf } from "../../../domain/events/cdr.ts";
import { LINGER_MS, MAX_CALL_MS, createCdrPeriod } from "../../../domain/events/cdr-period.ts";
import type { StoredEvent } from "../../../domain/events/stored.ts";
import { type TenantId, derivedSessionId } from "../../../domain/shared/ids.ts";
import { DAY_OF_CALLS_MS as T, eventIdAt, storedEvent } from "./stored-events.ts";

const HOUR = 3_600_000;
const PERIOD = { fromMs: T, toMs: T + HOUR };

const call = (subject: string, startMs: number, talkMs: number): StoredEvent[] => [
  storedEvent({ subject, type: "call.started", atMs: startMs }),
  storedEvent({ subject, type: "call.answered", atMs: startMs + 1_000 }),
  storedEvent({ subject, type: "call.ended", atMs: startMs + 1_000 + talkMs }),
];

const byId = (a: StoredEvent, b: StoredEvent): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** What the route does: everything that happened before the period's end, then what happened after it. */
function records(events: readonly StoredEvent[], period = PERIOD, maxOpen?: number): { all: CallRecord[]; cut: number } {
  const fold = createCdrPeriod(period, maxOpen);
  const before = events.filter(({ time }) => Date.parse(time) < period.toMs).toSorted(byId);
  const after = events.filter(({ time }) => Date.parse(time) >= period.toMs).toSorted(byId);
  const all = before.flatMap((event) => [...fold.take(event)]);
  all.push(...fold.close());
  for (const event of after) if (fold.held() > 0) all.push(...fold.take(event));
  all.push(...fold.rest());
  return { all, cut: fold.cut() };
}

const idsOf = (found: readonly CallRecord[]): string[] => found.map(({ callId }) => callId).sort();

describe("[QRY-10] records of a period", () => {
  it("are those of the calls that began in it", () => {
    const events = [
      ...call("before", T - 1_000, 5_000),
      ...call("first", T, 5_000),
      ...call("last", T + HOUR - 1, 5_000),
      ...call("behind", T + HOUR, 5_000),
    ];
    expect(idsOf(records(events).all)).toEqual(["first", "last"]);
  });

  it("have the end of a call that lasts beyond the period", () => {
    const { all } = records(call("long", T + HOUR - 1_000, 3 * HOUR));
    expect(all).toMatchObject([{ callId: "long", status: "completed", talkMs: 3 * HOUR }]);
  });

  it("have what is noted after the end, and no second record for what comes still later", () => {
    const subject = derivedSessionId(new Uint8Array(32).fill(7), "standard");
    const own = { subject, source: "/tenants/acme/calls", tenant: undefined as unknown as TenantId };
    const noted = (atMs: number, disposition: string) =>
      storedEvent({ ...own, type: "dev.trunkline.session.disposition_set.v1", atMs, data: { disposition } });
    const events = [
      storedEvent({ ...own, type: "dev.trunkline.call.received.v1", atMs: T, data: { from: "+1", to: "+2" } }),
      storedEvent({ ...own, type: "dev.trunkline.session.completed.v1", atMs: T + 1_000, data: { disposition: "answered" } }),
      noted(T + 60_000, "sold"),
      noted(T + 1_000 + LINGER_MS, "returned"),
    ];
    expect(records(events).all).toMatchObject([{ sessionId: subject, disposition: "sold", events: 3 }]);
  });

  it("join what a sender tells under its own call id with the session that the call is", () => {
    const subject = derivedSessionId(new Uint8Array(32).fill(9), "standard");
    const own = { subject, source: "/tenants/acme/calls", tenant: undefined as unknown as TenantId };
    const events = [
      storedEvent({ subject: "outside-1", type: "call.started", atMs: T }),
      storedEvent({ ...own, type: "dev.trunkline.call.received.v1", atMs: T + 10, data: { callId: "outside-1" } }),
      storedEvent({ subject: "outside-1", type: "call.answered", atMs: T + 20 }),
      storedEvent({ ...own, type: "dev.trunkline.session.completed.v1", atMs: T + 30, data: { disposition: "answered" } }),
    ];
    expect(records(events).all).toMatchObject([
      { callId: "outside-1", sessionId: subject, startedMs: T, answeredMs: T + 20, events: 4 },
    ]);
  });

  it("tell a call id that is used again as another call", () => {
    const again = T + 2_000 + LINGER_MS;
    const { all } = records([...call("used", T, 500), ...call("used", again, 700)]);
    expect(all.map(({ startedMs, talkMs }) => [startedMs, talkMs])).toEqual([
      [T, 500],
      [again, 700],
    ]);
  });

  it("hold no more calls than they may, ended ones going first", () => {
    const opened = (count: number) =>
      Array.from({ length: count }, (_, index) =>
        storedEvent({ subject: `open-${index}`, type: "call.started", atMs: T + 5_000 + index }),
      );
    const held = records([...call("over", T, 10), ...opened(3)], PERIOD, 3);
    expect([idsOf(held.all), held.cut]).toEqual([["open-0", "open-1", "open-2", "over"], 0]);
    const beyond = records([...call("over", T, 10), ...opened(4)], PERIOD, 3);
    expect([idsOf(beyond.all), beyond.cut]).toEqual([["open-0", "open-1", "open-2", "open-3", "over"], 1]);
  });

  it("are each call's whole record, however calls overlap and however late their answers are stored", () => {
    const one = fc.record({
      startMs: fc.integer({ min: -HOUR, max: 2 * HOUR }),
      talkMs: fc.integer({ min: 0, max: 2 * HOUR }),
      lateMs: fc.constantFrom(0, 0, 1_000, 60_000),
    });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 12 }), (given) => {
        const calls = given.map(({ startMs, talkMs, lateMs }, index) =>
          call(`call-${index}`, T + startMs, talkMs).map((event, place) => {
            const atMs = Date.parse(event.time);
            return { ...event, id: eventIdAt(atMs + (place === 1 ? lateMs : 0), index * 3 + place) };
          }),
        );
        const wanted = calls
          .map((own) => recordOf(own.reduce<CallFacts | null>(foldCdr, null)!))
          .filter(({ startedMs }) => startedMs >= PERIOD.fromMs && startedMs < PERIOD.toMs);
        const byCall = (a: CallRecord, b: CallRecord) => (a.callId < b.callId ? -1 : 1);
        expect(records(calls.flat()).all.toSorted(byCall)).toEqual(wanted.toSorted(byCall));
      }),
    );
  });

  it("give out what has had no news for as long as a call may last", () => {
    const fold = createCdrPeriod({ fromMs: T, toMs: T + 3 * MAX_CALL_MS });
    fold.take(storedEvent({ subject: "silent", type: "call.started", atMs: T }));
    const given = fold.take(storedEvent({ subject: "other", type: "call.started", atMs: T + MAX_CALL_MS }));
    expect(given).toMatchObject([{ callId: "silent", status: "ongoing", endedMs: null }]);
  });
});
