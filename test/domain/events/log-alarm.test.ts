import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type LogAlarm,
  type Rewaking,
  WAKE_FIRST_MS,
  WAKE_MAX_MS,
  flushDelayMs,
  nextLogAlarm,
  rewakingAfter,
  wakePauseMs,
} from "../../../domain/events/log-alarm.ts";
import { retryDelayS } from "../../../domain/events/retry-delay.ts";

const NOW = 1_800_000_000_000;
const AGE_MS = 30_000;

describe("pauses", () => {
  it("[EVT-18] a head waits for its age; after failures longer and longer, up to a minute or its age", () => {
    expect([0, 1, 2, 3, 5, 6, 20].map((failures) => flushDelayMs(failures, AGE_MS))).toEqual([
      30_000, 2_000, 4_000, 8_000, 32_000, 60_000, 60_000,
    ]);
    expect(flushDelayMs(20, 600_000)).toBe(600_000);
  });

  it("[PRJ-2] followers are woken again after 5 s, and with pauses that grow to 30 s", () => {
    expect([1, 2, 3, 4, 5, 100].map(wakePauseMs)).toEqual([5_000, 10_000, 20_000, 30_000, 30_000, 30_000]);
  });

  it("[PRJ-5] messages that failed come back after growing pauses, not all at once, and never after more than 30 s", () => {
    expect([1, 2, 3, 4, 9].map((attempts) => retryDelayS(attempts, 1))).toEqual([5, 10, 20, 30, 30]);
    expect([1, 2, 3, 4, 9].map((attempts) => retryDelayS(attempts, 0))).toEqual([3, 5, 10, 15, 15]);
    expect(retryDelayS(0, 0.5)).toBe(4);
  });
});

describe("the alarm of a shard", () => {
  const at = (ms: number, purpose: LogAlarm["purpose"]): LogAlarm => ({ atMs: NOW + ms, purpose });

  it("[PRJ-2] is not set for a wake-up when a flush is due in time anyway", () => {
    const rewaking = rewakingAfter(NOW, 1, true);
    expect(nextLogAlarm(at(AGE_MS, "flush"), NOW + AGE_MS, rewaking)).toBeNull();
    expect(nextLogAlarm(null, NOW + AGE_MS, rewaking)).toEqual(at(AGE_MS, "flush"));
  });

  it("[PRJ-2] wakes by itself when nothing else is to come, or comes too late, or the queue refused", () => {
    expect(nextLogAlarm(null, null, rewakingAfter(NOW, 1, true))).toEqual(at(WAKE_FIRST_MS, "wake"));
    expect(nextLogAlarm(at(600_000, "flush"), NOW + 600_000, rewakingAfter(NOW, 1, true))).toEqual(at(WAKE_FIRST_MS, "wake"));
    expect(nextLogAlarm(at(AGE_MS, "flush"), NOW + AGE_MS, rewakingAfter(NOW, 1, false))).toEqual(at(WAKE_FIRST_MS, "wake"));
  });

  it("[PRJ-2] is not set when nothing is to be done", () => {
    expect(nextLogAlarm(null, null, null)).toBeNull();
    expect(nextLogAlarm(at(1_000, "wake"), null, null)).toBeNull();
  });

  it("[EVT-18] for a flush it is brought forward over one for a wake-up, never over another for a flush", () => {
    expect(nextLogAlarm(at(10_000, "wake"), NOW + 2_000, null)).toEqual(at(2_000, "flush"));
    expect(nextLogAlarm(at(10_000, "flush"), NOW + 2_000, null)).toBeNull();
  });

  const delay = fc.integer({ min: 0, max: 700_000 });
  const purpose = fc.constantFrom<LogAlarm["purpose"]>("flush", "wake");
  const alarm = fc.option(fc.record({ atMs: delay.map((ms) => NOW + ms), purpose }));
  const due = fc.option(delay.map((ms) => NOW + ms));
  const rewaking: fc.Arbitrary<Rewaking | null> = fc.option(
    fc.tuple(fc.integer({ min: 1, max: 50 }), fc.boolean()).map(([sent, accepted]) => rewakingAfter(NOW, sent, accepted)),
  );

  it("[PRJ-2] whatever is set and due: an alarm is there in time for followers, and an alarm that was in time is left alone", () => {
    fc.assert(
      fc.property(alarm, due, rewaking, (set, flushDueMs, wake) => {
        const next = nextLogAlarm(set, flushDueMs, wake);
        const inForce = next ?? set;
        const hasWork = flushDueMs !== null || wake !== null;
        expect(inForce !== null || !hasWork, "an alarm where there is work").toBe(true);
        expect(wake === null || (inForce !== null && inForce.atMs <= Math.max(wake.latestMs, wake.dueMs))).toBe(true);
        expect(next === null || set === null || next.atMs < set.atMs, "a row only for an earlier one").toBe(true);
        expect(wake === null || wake.latestMs - NOW <= WAKE_MAX_MS).toBe(true);
      }),
    );
  });

  it("a flush that is due is never put off beyond both its time and the alarm for a flush that was set", () => {
    fc.assert(
      fc.property(alarm, delay, rewaking, (set, flushMs, wake) => {
        const inForce = nextLogAlarm(set, NOW + flushMs, wake) ?? set!;
        const latest = set?.purpose === "flush" ? set.atMs : NOW + flushMs;
        expect(inForce.atMs).toBeLessThanOrEqual(latest);
      }),
    );
  });
});
