import { CloudEvent as ReferenceEvent, HTTP } from "cloudevents";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CloudEvent, mergeTimelines, toCloudEvent } from "../../../domain/events/event.ts";
import { announce, emptyRow, report } from "../../../durable-objects/call-session/steps.ts";
import { CALL, IDENTITY, ROUTED, START_MS, TENANT, TRACEPARENT, at, incoming } from "../call/fixtures.ts";

/** A call whose carrier reports everything with one time stamp, in the wrong order. */
function timeline(): CloudEvent[] {
  const facts = [
    incoming("ended", START_MS),
    incoming("failover", START_MS, { routeIndex: 0, sipCode: 503 }),
    incoming("answered", START_MS),
    incoming("ringing", START_MS),
    incoming("started", START_MS),
  ];
  const row = facts.reduce(
    (known, fact) => report(known, fact, at(START_MS)).row,
    announce(emptyRow(IDENTITY, START_MS), CALL, ROUTED, null, at(START_MS)),
  );
  return row.events.map((event) => toCloudEvent(event, TENANT, IDENTITY.id));
}

describe("[EVT-1] an event on the wire", () => {
  it("is CloudEvents 1.0 to the reference implementation", () => {
    for (const event of timeline()) {
      const read = new ReferenceEvent(event as unknown as Record<string, unknown>, true);
      expect(read.validate()).toBe(true);
      expect(read.toJSON()).toMatchObject({ ...event, time: event.time });
      const parsed = HTTP.toEvent({
        headers: { "content-type": "application/cloudevents+json" },
        body: JSON.stringify(event),
      }) as ReferenceEvent<unknown>;
      expect(parsed).toMatchObject({ id: event.id, subject: IDENTITY.id, recordedtime: event.recordedtime });
    }
  });

  it("says whose call it is, when it happened, when it was stored, and which request brought it", () => {
    const fact = report(emptyRow(IDENTITY, 0), incoming("answered", START_MS - 1_500), at(START_MS)).row.events[0]!;
    expect(toCloudEvent(fact, TENANT, IDENTITY.id)).toEqual({
      specversion: "1.0",
      id: fact.id,
      source: "/tenants/demo/calls",
      type: "dev.trunkline.call.answered.v1",
      subject: IDENTITY.id,
      time: "2026-03-01T11:59:58.500Z",
      recordedtime: "2026-03-01T12:00:00.000Z",
      sequence: "0000000001",
      traceparent: TRACEPARENT,
      datacontenttype: "application/json",
      data: {},
    });
  });

  it("has a sequence that sorts as text", () => {
    const { sequence } = timeline()[0]!;
    const event = report(emptyRow(IDENTITY, 0), incoming("answered", 0), at(0)).row.events[0]!;
    expect(toCloudEvent({ ...event, sequence: 10 }, TENANT, IDENTITY.id).sequence > sequence.replace(/1$/, "9")).toBe(true);
  });
});

describe("[EVT-2] a timeline from several sources", () => {
  const events = timeline();

  it("has every event once and in the order in which things happened, wherever it was read", () => {
    const sources = fc.array(fc.subarray(events), { maxLength: 3 });
    fc.assert(
      fc.property(sources, fc.shuffledSubarray(events, { minLength: events.length }), (parts, whole) => {
        const merged = mergeTimelines(...parts, whole);
        expect(merged.map(({ type }) => type.replace(/^dev\.trunkline\.(.*)\.v1$/, "$1"))).toEqual([
          "call.received",
          "call.routed",
          "session.opened",
          "call.started",
          "call.ringing",
          "call.failover",
          "call.answered",
          "call.ended",
          "session.completed",
        ]);
      }),
    );
  });

  it("goes by time before it goes by cause, and by order of recording last", () => {
    const base = events[0]!;
    const make = (type: string, ms: number, sequence: string, id: string): CloudEvent => ({
      ...base,
      id: id as CloudEvent["id"],
      type: `dev.trunkline.${type}.v1`,
      time: new Date(START_MS + ms).toISOString(),
      sequence,
    });
    const ringing = make("call.ringing", 1, "0000000002", "b");
    const again = make("call.ringing", 1, "0000000010", "a");
    const answered = make("call.answered", 0, "0000000011", "c");
    expect(mergeTimelines([again, ringing, answered])).toEqual([answered, ringing, again]);
  });
});
