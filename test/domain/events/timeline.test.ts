import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { timelineOf } from "../../../domain/events/timeline.ts";
import { byOccurrence } from "../../../domain/events/event.ts";
import type { TenantId } from "../../../domain/shared/ids.ts";
import { timeline } from "../sessions/timelines.ts";
import { DAY_OF_CALLS_MS as T, storedEvent } from "./stored-events.ts";

const CALL = [
  storedEvent({ type: "call.started", atMs: T }),
  storedEvent({ type: "call.ringing", atMs: T + 1_500 }),
  storedEvent({ type: "call.answered", atMs: T + 4_000 }),
  storedEvent({ type: "call.ended", atMs: T + 64_000 }),
  storedEvent({ type: "survey.sent", atMs: T + 70_000 }),
];

describe("[QRY-9] a call's timeline", () => {
  it("has each event's distance from the first and from the one before, and marks the long ones", () => {
    const { events } = timelineOf(CALL.toReversed(), 5_000);
    expect(events.map(({ event, sinceStartMs, gapMs, isLongGap }) => [event.type, sinceStartMs, gapMs, isLongGap])).toEqual([
      ["call.started", 0, 0, false],
      ["call.ringing", 1_500, 1_500, false],
      ["call.answered", 4_000, 2_500, false],
      ["call.ended", 64_000, 60_000, true],
      ["survey.sent", 70_000, 6_000, true],
    ]);
  });

  it("tells how long the call was set up, rang, was talked on and was followed up", () => {
    expect(timelineOf(CALL, 5_000).phases.map(({ name, durationMs }) => [name, durationMs])).toEqual([
      ["setup", 1_500],
      ["ringing", 2_500],
      ["talk", 60_000],
      ["wrap_up", 6_000],
    ]);
  });

  it("leaves open what lasts", () => {
    expect(timelineOf(CALL.slice(0, 3), 5_000).phases.at(-1)).toEqual({
      name: "talk",
      fromMs: T + 4_000,
      toMs: null,
      durationMs: null,
    });
  });

  it("of what is no call has events and no phases", () => {
    const { phases, record, events } = timelineOf([CALL[4]!], 5_000);
    expect([phases, record, events.length]).toEqual([[], null, 1]);
  });

  it("compares times, whatever offset they are written with", () => {
    const later = storedEvent({ type: "call.ended", atMs: T + 60_000, time: "2026-06-01T02:01:00+02:00" });
    const sooner = storedEvent({ type: "call.answered", atMs: T + 30_000, time: "2026-06-01T00:00:30Z" });
    expect(timelineOf([later, sooner], 5_000).events.map(({ sinceStartMs }) => sinceStartMs)).toEqual([0, 30_000]);
  });

  it("has a session's events in the session's own order", () => {
    fc.assert(
      fc.property(timeline(["left" as TenantId]), ({ events }) => {
        const shown = timelineOf(events, 5_000).events.map(({ event }) => event.id);
        expect(shown).toEqual(events.toSorted(byOccurrence).map(({ id }) => id));
      }),
      { numRuns: 100 },
    );
  });
});
