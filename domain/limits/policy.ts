/** How many requests a client may make: at once, and for long. */

/** `burst` requests at once out of a full bucket, which fills again by `perS` requests per second. */
export type LimitPolicy = { readonly burst: number; readonly perS: number };

export const LIMIT_NAMES = ["events-read", "events-write"] as const;
export type LimitName = (typeof LIMIT_NAMES)[number];
export type LimitPolicies = Readonly<Record<LimitName, LimitPolicy>>;

/** Each counts requests, not events: a request of many events costs one. */
export const DEFAULT_LIMITS: LimitPolicies = {
  "events-read": { burst: 200, perS: 50 },
  "events-write": { burst: 2_000, perS: 500 },
};

/** In how many seconds an empty bucket is full again. */
export function windowS({ burst, perS }: LimitPolicy): number {
  return Math.max(1, Math.ceil(burst / perS));
}
