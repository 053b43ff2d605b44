/**
 * Whether something is asked again, and when. Only what may be asked twice (RFC 9110 §9.2.2 calls it idempotent) comes here; who else fails
 * fails.
 */

export type RetryPolicy = {
  /** The first one included. */
  readonly attempts: number;
  /** Full jitter: a pause is anything from nothing to this, doubled with each attempt. */
  readonly firstMs: number;
  readonly maxMs: number;
};

/** `status`: an answer, of HTTP. `unanswered`: the connection failed or broke off. `late`: the deadline was missed. */
export type Failure =
  | { readonly tag: "status"; readonly status: number; readonly retryAfterMs: number | null }
  | { readonly tag: "unanswered" }
  | { readonly tag: "late" };

/** Statuses that say "later": RFC 9110 §15.5.9 and §15.6, RFC 8470 §5.2, RFC 6585 §4. */
export const LATER_STATUSES: readonly number[] = [408, 425, 429, 500, 502, 503, 504];

/** What missed its deadline has used up its time: asking again would only add to the load that made it late. */
export function isRetryable(failure: Failure): boolean {
  if (failure.tag === "status") return LATER_STATUSES.includes(failure.status);
  return failure.tag === "unanswered";
}

/**
 * @param attempts that were made, from 1. @param fraction random, from 0 to 1. @param leftMs what is left of the whole's deadline.
 * @returns milliseconds until the next attempt; null: that was the last, or there would be no time for it.
 */
export function retryAfterMs(
  { attempts: most, firstMs, maxMs }: RetryPolicy,
  failure: Failure,
  attempts: number,
  fraction: number,
  leftMs: number,
): number | null {
  if (attempts >= most || !isRetryable(failure)) return null;
  const pause = Math.round(Math.min(maxMs, firstMs * 2 ** Math.min(attempts - 1, 16)) * fraction);
  const asked = failure.tag === "status" ? (failure.retryAfterMs ?? 0) : 0;
  const waitMs = Math.max(pause, asked);
  return waitMs < leftMs ? waitMs : null;
}
