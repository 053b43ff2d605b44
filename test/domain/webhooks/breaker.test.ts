import { describe, expect, it } from "vitest";
import {
  type Breaker,
  CLOSED,
  DISABLE_AFTER_MS,
  MAX_PAUSE_MS,
  OPEN_AFTER_FAILURES,
  afterFailure,
  allowedAtOnce,
  hasFailedTooLong,
  stateOf,
} from "../../../domain/webhooks/breaker.ts";

/** Fails so often, each attempt as soon as it may be made. */
function failed(times: number, from: Breaker = CLOSED, startMs = 0): { breaker: Breaker; nowMs: number; pauses: number[] } {
  let breaker = from;
  let nowMs = startMs;
  const pauses: number[] = [];
  for (let time = 0; time < times; time++) {
    nowMs = Math.max(nowMs, breaker.openUntilMs ?? 0);
    breaker = afterFailure(breaker, nowMs, nowMs, null, 0);
    if (breaker.openUntilMs !== null) pauses.push(breaker.openUntilMs - nowMs);
  }
  return { breaker, nowMs, pauses };
}

describe("the circuit breaker of an endpoint", () => {
  it("[HOOK-5] stays closed for a few failures, and then asks with growing pauses", () => {
    expect(failed(OPEN_AFTER_FAILURES - 1).breaker.openUntilMs).toBeNull();
    expect(failed(OPEN_AFTER_FAILURES + 6).pauses).toEqual([
      10_000,
      20_000,
      40_000,
      80_000,
      160_000,
      MAX_PAUSE_MS,
      MAX_PAUSE_MS,
    ]);
  });

  it("[HOOK-5] allows nothing while it is open, then one attempt at a time", () => {
    const { breaker, nowMs } = failed(OPEN_AFTER_FAILURES);
    expect(stateOf(breaker, nowMs)).toBe("open");
    expect(allowedAtOnce(breaker, nowMs, 5)).toBe(0);
    expect(allowedAtOnce(breaker, breaker.openUntilMs!, 5)).toBe(1);
    expect(allowedAtOnce(CLOSED, nowMs, 5)).toBe(5);
  });

  it("[HOOK-5] is opened no further by attempts that were under way when it opened", () => {
    const { breaker, nowMs } = failed(OPEN_AFTER_FAILURES);
    const late = afterFailure(breaker, nowMs + 1, nowMs - 1, null, 0);
    expect(late.failures).toBe(breaker.failures);
  });

  it("[HOOK-3] leaves an endpoint alone for as long as it asks", () => {
    expect(afterFailure(CLOSED, 1_000, 1_000, 60_000, 0).openUntilMs).toBe(61_000);
  });

  it("[HOOK-4] gives an endpoint up after five days of nothing but failure", () => {
    const first = afterFailure(CLOSED, 1_000, 1_000, null, 0);
    const later = (ms: number) => afterFailure(first, 1_000 + ms, 1_000 + ms, null, 0);
    expect(hasFailedTooLong(later(DISABLE_AFTER_MS - 1), 1_000 + DISABLE_AFTER_MS - 1)).toBe(false);
    expect(hasFailedTooLong(later(DISABLE_AFTER_MS), 1_000 + DISABLE_AFTER_MS)).toBe(true);
    expect(hasFailedTooLong(CLOSED, 1_000 + DISABLE_AFTER_MS)).toBe(false);
  });
});
