/** The circuit breaker of an endpoint: one that fails is asked with growing pauses by one attempt at a time. */
import { type BreakerState, stateOf as stateOfBreaker } from "../resilience/breaker.ts";
import { growingPauseMs } from "../resilience/pause.ts";
import { MAX_RETRY_AFTER_MS } from "./schedule.ts";

/** Failures one after the other, of whatever events. */
export const OPEN_AFTER_FAILURES = 5;
/** An endpoint that is back is noticed within this time, as long as something is due. */
export const MAX_PAUSE_MS = 5 * 60_000;
const PAUSE = { firstMs: 10_000, maxMs: MAX_PAUSE_MS } as const;
/** Nothing but failure for so long, and the endpoint is disabled: five days. */
export const DISABLE_AFTER_MS = 5 * 24 * 60 * 60_000;

export type Breaker = {
  /** Since the last success. */
  readonly failures: number;
  /** When the first of them was; null: the last attempt succeeded. Unix milliseconds. */
  readonly failingSinceMs: number | null;
  /** Nothing is sent before; null: it is closed. */
  readonly openUntilMs: number | null;
};

export const CLOSED: Breaker = { failures: 0, failingSinceMs: null, openUntilMs: null };

/** `half_open`: one attempt finds out. */
export function stateOf({ openUntilMs }: Breaker, nowMs: number): BreakerState {
  return openUntilMs === null ? "closed" : stateOfBreaker({ state: "open", untilMs: openUntilMs }, nowMs);
}

/** How many attempts may be under way. @param most when nothing is wrong. */
export function allowedAtOnce(breaker: Breaker, nowMs: number, most: number): number {
  const state = stateOf(breaker, nowMs);
  return state === "closed" ? most : state === "half_open" ? 1 : 0;
}

/**
 * @param startedMs when the attempt began: several that were under way when the first of them opened the breaker open it no further.
 * @param retryAfterMs what the endpoint asked for: it is left alone so long, however few failures there were.
 * @param fraction random, from 0 to 1: up to a tenth is added to a pause.
 */
export function afterFailure(
  breaker: Breaker,
  nowMs: number,
  startedMs: number,
  retryAfterMs: number | null,
  fraction: number,
): Breaker {
  const failingSinceMs = breaker.failingSinceMs ?? nowMs;
  const wasOpenedMeanwhile = breaker.openUntilMs !== null && startedMs < breaker.openUntilMs;
  const failures = breaker.failures + (wasOpenedMeanwhile ? 0 : 1);
  const pause = failures < OPEN_AFTER_FAILURES ? 0 : growingPauseMs(PAUSE, failures - OPEN_AFTER_FAILURES, fraction);
  const asked = Math.min(retryAfterMs ?? 0, MAX_RETRY_AFTER_MS);
  const untilMs = nowMs + Math.round(Math.max(pause, asked));
  if (untilMs === nowMs) return { failures, failingSinceMs, openUntilMs: breaker.openUntilMs };
  return { failures, failingSinceMs, openUntilMs: Math.max(untilMs, breaker.openUntilMs ?? 0) };
}

/** Whether it is time to give the endpoint up: it has failed for five days, and just did again. */
export function hasFailedTooLong({ failingSinceMs }: Breaker, nowMs: number): boolean {
  return failingSinceMs !== null && nowMs - failingSinceMs >= DISABLE_AFTER_MS;
}
