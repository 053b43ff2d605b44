import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { transition } from "../../../domain/call/machine.ts";
import { INBOUND } from "../../../domain/call/state.ts";
import { alarmToSet, archiveDueAt, earliest, endDueAt, forwardRetryAt } from "../../../domain/call/timers.ts";
import { START_MS, reported } from "./fixtures.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

describe("[CALL-12] a session's timers", () => {
  const ringing = transition(INBOUND, reported("ringing", START_MS)).state;
  const answered = transition(ringing, reported("answered", START_MS)).state;
  const ended = transition(answered, reported("ended", START_MS)).state;

  it("take silence for the end after five minutes of setting up and six hours of talking, and never twice", () => {
    expect(endDueAt(INBOUND, START_MS)).toBe(START_MS + 5 * MINUTE_MS);
    expect(endDueAt(ringing, START_MS)).toBe(START_MS + 5 * MINUTE_MS);
    expect(endDueAt(answered, START_MS)).toBe(START_MS + 6 * HOUR_MS);
    expect(endDueAt(ended, START_MS)).toBeNull();
  });

  it("[CALL-12] ends a call that may not last longer a minute after its time, whatever is reported meanwhile", () => {
    const answeredMs = answered.answeredAtMs!;
    expect(endDueAt(answered, answeredMs + 5_000, { maxDurationMs: 600_000 })).toBe(answeredMs + 600_000 + MINUTE_MS);
    expect(endDueAt(answered, answeredMs + 590_000, { maxDurationMs: 600_000 })).toBe(answeredMs + 600_000 + MINUTE_MS);
    expect(endDueAt(ringing, START_MS, { maxDurationMs: 600_000 })).toBe(START_MS + 5 * MINUTE_MS);
  });

  it("[TMR-3] take silence as the trunk says, before the answer and after it", () => {
    const bounds = { setupSilenceMs: 30_000, activeSilenceMs: 10 * MINUTE_MS };
    expect(endDueAt(ringing, START_MS, bounds)).toBe(START_MS + 30_000);
    expect(endDueAt(answered, START_MS + 5_000, bounds)).toBe(START_MS + 5_000 + 10 * MINUTE_MS);
  });

  it("[TMR-3] end a call of our own execution at its longest duration, with no time for a peer to report", () => {
    expect(endDueAt(answered, START_MS, { maxDurationMs: 600_000, overtimeMs: 0 })).toBe(answered.answeredAtMs! + 600_000);
  });

  it("keep an ended session whole for seven days", () => {
    expect(archiveDueAt(START_MS)).toBe(START_MS + 7 * DAY_MS);
  });

  it("[SESS-20] offer events again within seconds at first, and at least twice a minute or nearly so for ever", () => {
    fc.assert(
      fc.property(fc.nat({ max: 5_000 }), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (failures, jitter) => {
        const waitMs = forwardRetryAt(START_MS, failures, jitter) - START_MS;
        expect(waitMs).toBeGreaterThanOrEqual(1_500);
        expect(waitMs).toBeLessThanOrEqual(failures === 0 ? 2_500 : 37_500);
      }),
    );
  });

  it("wait longer after every refusal, and not all sessions equally long", () => {
    const waits = [0, 1, 2, 3].map((failures) => forwardRetryAt(0, failures, 0.5));
    expect(waits).toEqual([2_000, 4_000, 8_000, 16_000]);
    expect(forwardRetryAt(0, 3, 0.9)).toBeGreaterThan(forwardRetryAt(0, 3, 0.1));
  });
});

describe("the one alarm", () => {
  const nowMs = START_MS;

  it("[TMR-1] stands at or before whatever is due, after any series of due times", () => {
    const times = fc.array(fc.tuple(fc.option(fc.integer({ min: 1, max: 1_000 })), fc.nat({ max: 100 })), { maxLength: 50 });
    fc.assert(
      fc.property(times, (series) => {
        let standing: number | null = null;
        let now = 0;
        for (const [inMs, passMs] of series) {
          const dueMs = inMs === null ? null : now + inMs;
          standing = alarmToSet(standing, dueMs, now) ?? standing;
          expect(dueMs === null || (standing !== null && standing <= dueMs)).toBe(true);
          now += passMs;
          // It has come, and is used up.
          if (standing !== null && standing <= now) standing = null;
        }
      }),
    );
  });

  it("[TMR-2] is left alone while it comes early enough, and set when something is due before it", () => {
    expect(alarmToSet(nowMs + 100, nowMs + 200, nowMs)).toBeNull();
    expect(alarmToSet(nowMs + 300, nowMs + 200, nowMs)).toBe(nowMs + 200);
    expect(alarmToSet(null, nowMs + 200, nowMs)).toBe(nowMs + 200);
    expect(alarmToSet(nowMs - 1, nowMs + 200, nowMs)).toBe(nowMs + 200);
    expect(alarmToSet(null, null, nowMs)).toBeNull();
  });

  it("[TMR-1] knows the earliest of several times, and that there may be none", () => {
    expect([earliest(3, null, 2), earliest(null, null), earliest()]).toEqual([2, null, null]);
  });
});
