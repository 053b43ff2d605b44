/**
 * Where a call has been: a short text that travels with it (as a SIP header, say) and comes back when the call does. It holds a hash of
 * each number that was called here, not the numbers: nothing personal leaves. A hash of 32 bits can be searched through, so it is no
 * secret; it only keeps numbers out of other systems' logs.
 */
import { stableHash } from "./stable-hash.ts";

/** How often one call may pass through here. */
export const MAX_HOPS = 10;

const VERSION = "t1";
const HASH_DIGITS = 8;
const TRAIL = /^t1;[0-9a-f]{8}(?:,[0-9a-f]{8})*$/;
/** Characters; longer ones were not made here. */
const MAX_TRAIL_LENGTH = VERSION.length + MAX_HOPS * (1 + HASH_DIGITS);

/** The code of a hex digit; `bits` may have more than the four lowest set. */
function hexCode(bits: number): number {
  const digit = bits & 0xf;
  return digit + (digit < 10 ? 0x30 : 0x57);
}

/** By character codes: every call that is routed gets one, and `toString(16).padStart` costs several times as much. */
function hashOf(calledKey: string): string {
  const hash = stableHash(calledKey);
  return String.fromCharCode(
    hexCode(hash >>> 28),
    hexCode(hash >>> 24),
    hexCode(hash >>> 20),
    hexCode(hash >>> 16),
    hexCode(hash >>> 12),
    hexCode(hash >>> 8),
    hexCode(hash >>> 4),
    hexCode(hash),
  );
}

/** The hops of a trail; none when it is absent, or malformed: it came from outside, and a bad one must not stop a call. */
function hopsOf(trail: string | null): readonly string[] {
  if (trail === null || trail.length > MAX_TRAIL_LENGTH || !TRAIL.test(trail)) return [];
  return trail.slice(VERSION.length + 1).split(",");
}

/** What is wrong with a call that comes with this trail: "loop" when the number was called here before, "too_many_hops"; null: nothing. */
export function trailProblem(trail: string | null, calledKey: string): "loop" | "too_many_hops" | null {
  if (trail === null) return null;
  const hops = hopsOf(trail);
  if (hops.includes(hashOf(calledKey))) return "loop";
  return hops.length >= MAX_HOPS ? "too_many_hops" : null;
}

/** The trail with which the call goes on: `t1;` and 8 hex digits per hop, separated by commas. */
export function extendTrail(trail: string | null, calledKey: string): string {
  const hops = hopsOf(trail);
  const own = hashOf(calledKey);
  return hops.length === 0 ? `${VERSION};${own}` : `${VERSION};${hops.join(",")},${own}`;
}
