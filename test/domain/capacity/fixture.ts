import type { CapacityKind } from "../../../domain/capacity/kinds.ts";
import type { Bound, TakeRequest } from "../../../domain/capacity/lease.ts";
import { type CapacityPolicy, UNBOUNDED } from "../../../domain/configuration/model.ts";
import type { SessionId } from "../../../domain/shared/ids.ts";

export const T0 = Date.parse("2026-11-22T10:00:00Z");

export const session = (number: number): SessionId => `ses_${number}` as SessionId;

export function policy(
  maxCalls: number | null,
  reserved: Partial<CapacityPolicy["reserved"]> = {},
  maxCallsPerSecond: number | null = null,
): CapacityPolicy {
  return { maxCalls, maxCallsPerSecond, reserved: { ...UNBOUNDED.reserved, ...reserved } };
}

export const bound = (scope: string, of: CapacityPolicy): Bound => ({ scope, policy: of });

export function asks(
  number: number,
  kind: CapacityKind,
  always: readonly Bound[],
  places: TakeRequest["places"] = [[]],
  redirects = false,
): TakeRequest {
  return { session: session(number), kind, always, places, redirects };
}
