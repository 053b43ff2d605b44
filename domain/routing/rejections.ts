/** With what calls are refused when no rule says so. */
import type { Rejection } from "./plan.ts";

/** The number is well formed, and nothing here knows where it leads. */
export const NO_ROUTE: Rejection = { sipCode: 404, reason: "No route" };
/** RFC 3261 §21.4.20. */
export const LOOP: Rejection = { sipCode: 482, reason: "Loop detected" };
/** RFC 3261 §21.4.21. */
export const TOO_MANY_HOPS: Rejection = { sipCode: 483, reason: "Too many hops" };
export const TOLL_CLOSED: Rejection = { sipCode: 403, reason: "This class of numbers is not open" };
/** A callee that must not see the caller would see it. */
export const CANNOT_HIDE: Rejection = { sipCode: 488, reason: "The caller's number cannot be hidden here" };

/** RFC 3261 §21.5.4: as many calls as the tenant has allowed. */
export const AT_CAPACITY: Rejection = { sipCode: 503, reason: "At capacity" };

/** RFC 3261 §21.6.2: the callee does not want the call, and there is no use in trying elsewhere. */
export const BLOCKED: Rejection = { sipCode: 603, reason: "Decline" };
/** RFC 3261 §21.4.18. */
export const UNAVAILABLE: Rejection = { sipCode: 480, reason: "Temporarily unavailable" };
