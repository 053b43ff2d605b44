/** How many frames a client may send: a token bucket, small enough to stand in the socket's attachment. */

/** Frames a second, in the long run. An acknowledgement stands for many events, so that this is far above what a client needs. */
export const MAX_FRAMES_PER_S = 50;
/** Frames at once. */
export const MAX_FRAMES_AT_ONCE = 100;

export type Bucket = { readonly tokens: number; readonly atMs: number };

export function fullBucket(nowMs: number): Bucket {
  return { tokens: MAX_FRAMES_AT_ONCE, atMs: nowMs };
}

/** Null when there is no token left. A clock that steps back gives none. */
export function takeToken(bucket: Bucket, nowMs: number): Bucket | null {
  const earned = (Math.max(0, nowMs - bucket.atMs) / 1000) * MAX_FRAMES_PER_S;
  const tokens = Math.min(MAX_FRAMES_AT_ONCE, bucket.tokens + earned) - 1;
  return tokens < 0 ? null : { tokens, atMs: nowMs };
}
