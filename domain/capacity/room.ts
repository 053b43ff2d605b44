/** Whether there is room for one more call. */
import type { CapacityPolicy } from "../configuration/model.ts";
import { CAPACITY_KINDS, type CapacityKind } from "./kinds.ts";

/** How many calls of each kind there are. */
export type InUse = Readonly<Record<CapacityKind, number>>;

export const NONE_IN_USE: InUse = { low: 0, normal: 0, high: 0, emergency: 0 };

export function totalOf(inUse: InUse): number {
  return CAPACITY_KINDS.reduce((sum, kind) => sum + inUse[kind], 0);
}

/** How many lines calls of this kind and of lighter ones may take together: what is kept for heavier ones is not among them. */
export function openTo(kind: CapacityKind, maxCalls: number, reserved: CapacityPolicy["reserved"]): number {
  const unreserved = maxCalls - reserved.emergency - reserved.high - reserved.normal;
  switch (kind) {
    case "low":
      return unreserved;
    case "normal":
      return unreserved + reserved.normal;
    case "high":
      return unreserved + reserved.normal + reserved.high;
    case "emergency":
      return maxCalls;
  }
}

/**
 * Whether one more call of the kind may begin ([CAP-2]). One line is as good as another, so that calls can be thought to have moved to the
 * most reserved lines that they may use: then there is room exactly when each kind fits, with all lighter ones, into what is open to it.
 */
export function hasRoom({ maxCalls, reserved }: CapacityPolicy, inUse: InUse, kind: CapacityKind): boolean {
  if (maxCalls === null || kind === "emergency") return true;
  let used = 0;
  return CAPACITY_KINDS.every((level, weight) => {
    used += inUse[level];
    return weight < CAPACITY_KINDS.indexOf(kind) || used < openTo(level, maxCalls, reserved);
  });
}
