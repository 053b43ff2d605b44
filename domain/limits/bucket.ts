/** A token bucket: what a client has left. Pure; time in Unix milliseconds is an argument. */
import type { LimitPolicy } from "./policy.ts";

/** Tokens may be below zero: what was spent on credit is paid back before anything is given. */
export type Bucket = { readonly tokens: number; readonly atMs: number };

export function fullBucket({ burst }: LimitPolicy, nowMs: number): Bucket {
  return { tokens: burst, atMs: nowMs };
}

/** The bucket now. A clock that steps back fills nothing and empties nothing. */
export function filled(bucket: Bucket, { burst, perS }: LimitPolicy, nowMs: number): Bucket {
  const tokens = Math.min(burst, bucket.tokens + (Math.max(0, nowMs - bucket.atMs) / 1000) * perS);
  return { tokens, atMs: Math.max(bucket.atMs, nowMs) };
}

/** How long until there are so many tokens, in milliseconds; 0 when there are. */
export function msUntil({ tokens }: Bucket, wanted: number, { perS }: LimitPolicy): number {
  return tokens >= wanted ? 0 : Math.ceil(((wanted - tokens) / perS) * 1000);
}

/**
 * Takes up to `wanted` whole tokens, as many as there are.
 * @param owed what was spent already without asking; below zero: what is given back.
 */
export function take(
  bucket: Bucket,
  policy: LimitPolicy,
  owed: number,
  wanted: number,
  nowMs: number,
): { readonly bucket: Bucket; readonly granted: number } {
  const { tokens, atMs } = filled(bucket, policy, nowMs);
  // Whoever owes more than a burst would be locked out for longer than the policy says.
  const left = Math.max(-policy.burst, Math.min(policy.burst, tokens - owed));
  const granted = Math.max(0, Math.min(wanted, Math.floor(left)));
  return { bucket: { tokens: left - granted, atMs }, granted };
}
