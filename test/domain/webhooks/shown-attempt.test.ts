import { describe, expect, it } from "vitest";
import { nextAlarmMs } from "../../../domain/webhooks/alarm.ts";
import { CLOSED } from "../../../domain/webhooks/breaker.ts";
import { type Attempt, shownAttempt } from "../../../domain/webhooks/delivery.ts";

const LINE = JSON.stringify({ specversion: "1.0", id: "e-1", source: "/x", type: "call.ended", caller: "+493012345678" });
const ERASED = JSON.stringify({ specversion: "1.0", id: "e-1", source: "/x", type: "call.ended", erased: "erasure-1" });

const ATTEMPT: Attempt = {
  number: 1,
  atMs: 0,
  durationMs: 5,
  eventId: "e-1",
  eventType: "call.ended",
  attempt: 1,
  status: "delivered",
  reason: "event",
  url: "https://hooks.example.com/in",
  request: { headers: { "webhook-id": "e-1" }, body: { text: LINE, isCut: false } },
  response: { status: 200, headers: { "x-caller": "+493012345678" }, body: { text: LINE, isCut: false } },
  failure: null,
  nextMs: null,
};

describe("[HOOK-6] an attempt in the log of deliveries", () => {
  it("[HOOK-6] is shown whole while the event store has its event", () => {
    expect(shownAttempt(ATTEMPT, LINE)).toEqual(ATTEMPT);
  });

  it.each([ERASED, null])("[HOOK-6] has no bodies when the store has %j of its event", (line) => {
    const shown = shownAttempt(ATTEMPT, line);
    expect(JSON.stringify(shown)).not.toContain("12345678");
    expect(shown).toMatchObject({ eventId: "e-1", request: { body: { isCut: true } }, response: { status: 200 } });
  });

  it("[HOOK-6] of a test is of no event that there is, and shown", () => {
    expect(shownAttempt({ ...ATTEMPT, reason: "test" }, null).request.body.text).toBe(LINE);
  });

  it("[HOOK-6] is forgotten even when nothing else is left to do", () => {
    const idle = { queueDueMs: null, breaker: CLOSED, readingDueMs: null, settleDueMs: null };
    expect(nextAlarmMs({ ...idle, trimDueMs: 7 })).toBe(7);
    expect(nextAlarmMs({ ...idle, trimDueMs: null })).toBeNull();
  });
});
