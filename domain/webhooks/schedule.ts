/** When a delivery that failed is tried again: the schedule that Standard Webhooks recommends (standardwebhooks.com, "Retries"). */

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** Between one attempt and the next. */
const PAUSES_MS = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
] as const;

/** The first one included. */
export const MAX_ATTEMPTS = PAUSES_MS.length + 1;
/** A pause is longer by so much at most, never shorter, so that what failed together does not come back together. */
export const JITTER = 0.1;
/** A longer `Retry-After` counts as this: an endpoint cannot keep its events waiting for ever. */
export const MAX_RETRY_AFTER_MS = 6 * HOUR_MS;

/**
 * @param attempts that were made, from 1; @param fraction random, from 0 to 1; @param retryAfterMs what the endpoint asked for.
 * @returns milliseconds until the next attempt; null: that was the last.
 */
export function retryDelayMs(attempts: number, fraction: number, retryAfterMs: number | null = null): number | null {
  const pause = PAUSES_MS[attempts - 1];
  if (pause === undefined) return null;
  return Math.max(Math.round(pause * (1 + JITTER * fraction)), Math.min(retryAfterMs ?? 0, MAX_RETRY_AFTER_MS));
}

/**
 * A `Retry-After` (RFC 9110 §10.2.3): seconds, or a date.
 * @returns milliseconds from now, at least 0; null: there is none, or it makes no sense.
 */
export function parseRetryAfter(header: string | null, nowMs: number): number | null {
  if (header === null) return null;
  if (/^\d{1,9}$/.test(header)) return Number(header) * SECOND_MS;
  // "Wed, 21 Oct 2026 07:28:00 GMT": whatever else `Date.parse` takes is no HTTP date.
  const atMs = /^[A-Za-z]{3,9},? .*GMT$/.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - nowMs);
}
