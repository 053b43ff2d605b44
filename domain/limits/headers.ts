/** `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10), as structured fields (RFC 9651). */
import type { Standing } from "./slice.ts";
import { type LimitName, type LimitPolicy, windowS } from "./policy.ts";

export const POLICY_HEADER = "RateLimit-Policy";
export const LIMIT_HEADER = "RateLimit";

/** `q`: the quota in requests; `w`: the seconds in which it comes back whole. */
export function policyHeader(name: LimitName, policy: LimitPolicy): string {
  return `"${name}";q=${policy.burst};w=${windowS(policy)}`;
}

/** `r`: what is left; `t`: seconds, see `Standing`. */
export function limitHeader(name: LimitName, { remaining, resetS }: Standing): string {
  return `"${name}";r=${remaining};t=${resetS}`;
}
