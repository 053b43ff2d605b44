/** How lines are used, as the API tells it. */
import type { CapacityPolicy } from "../domain/configuration/model.ts";
import type { ScopeUse } from "../domain/capacity/lease.ts";
import { NONE_IN_USE, totalOf } from "../domain/capacity/room.ts";
import type { CapacityScope } from "../domain/routing/plan.ts";

/** @param use undefined: nobody has been there lately. */
export function scopeUseJson(
  { of, id }: Pick<CapacityScope, "of" | "id">,
  { maxCalls, maxCallsPerSecond, reserved }: CapacityPolicy,
  use: ScopeUse | undefined,
  resting: boolean,
): Record<string, unknown> {
  const inUse = use?.inUse ?? NONE_IN_USE;
  return {
    of,
    id,
    inUse: { ...inUse, total: totalOf(inUse) },
    perSecond: use?.perSecond ?? 0,
    emergencyWaiting: use?.emergencyWaiting ?? 0,
    maxCalls,
    maxCallsPerSecond,
    reserved,
    resting,
  };
}
