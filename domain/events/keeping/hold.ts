/** Legal holds: what is neither deleted nor erased before they are lifted. */
import { DAY_MS, beginOf } from "../keys.ts";
import type { StoredEvent } from "../stored.ts";
import { digitsOf, mentions, numberFinder } from "./numbers.ts";

export type HoldScope =
  | { readonly tag: "everything" }
  | { readonly tag: "call"; readonly callId: string }
  | { readonly tag: "number"; readonly number: string };

/** Bounds are of the occurrence, Unix milliseconds, from inclusive, to exclusive; null: without bound. */
export type Hold = {
  readonly id: string;
  readonly scope: HoldScope;
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly reason: string;
  readonly createdMs: number;
  readonly createdBy: string;
  readonly liftedMs: number | null;
  readonly liftedBy: string | null;
};

/** Holds in force at a time, per tenant: they are read with every answer while somebody is being erased. */
export const MAX_ACTIVE_HOLDS = 500;

type Period = { readonly fromMs: number; readonly toMs: number };

const overlaps = ({ fromMs, toMs }: Hold, period: Period): boolean =>
  (fromMs === null || fromMs < period.toMs) && (toMs === null || toMs > period.fromMs);

/**
 * Whether a day is kept whole: as soon as a hold in force reaches into it. That keeps more than the hold covers, and never less.
 * @param day of storing; @param occurred between which times its events happened, both inclusive, which may be long before.
 */
export function isHeldDay(
  day: string,
  occurred: { readonly minAtMs: number; readonly maxAtMs: number },
  holds: readonly Hold[],
): boolean {
  const began = beginOf(day);
  const period = { fromMs: Math.min(began, occurred.minAtMs), toMs: Math.max(began + DAY_MS, occurred.maxAtMs + 1) };
  return holds.some((hold) => hold.liftedMs === null && overlaps(hold, period));
}

/** Whether a hold in force covers an event. */
export function isHeld(event: StoredEvent, hold: Hold): boolean {
  const atMs = Date.parse(event.time);
  if (hold.liftedMs !== null || !overlaps(hold, { fromMs: atMs, toMs: atMs + 1 })) return false;
  switch (hold.scope.tag) {
    case "everything":
      return true;
    case "call":
      return event.subject === hold.scope.callId;
    case "number":
      return mentions(event, numberFinder([digitsOf(hold.scope.number)]));
  }
}

/**
 * The hold that forbids erasing a number, as far as it can be told without looking at events: one of everything, or of this number.
 * Bounds do not matter: an erasure is of all that is stored.
 */
export function holdOfNumber(digits: string, holds: readonly Hold[]): Hold | null {
  const forbids = ({ scope, liftedMs }: Hold): boolean =>
    liftedMs === null && (scope.tag === "everything" || (scope.tag === "number" && digitsOf(scope.number) === digits));
  return holds.find(forbids) ?? null;
}

/** Whether a hold in force forbids erasing a call, as far as it can be told without looking at its events. Bounds do not matter, as above. */
export function holdOfCalls(calls: readonly string[], holds: readonly Hold[]): Hold | null {
  const forbids = ({ scope, liftedMs }: Hold): boolean =>
    liftedMs === null && (scope.tag === "everything" || (scope.tag === "call" && calls.includes(scope.callId)));
  return holds.find(forbids) ?? null;
}
