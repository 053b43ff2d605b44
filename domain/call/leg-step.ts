/** What one step does to the legs of a session, and what it tells the session. */
import type { SessionId } from "../shared/ids.ts";
import { type Leg, type LegTarget, type RedirectTarget, givenUp, newLeg } from "./leg-state.ts";
import type { Report, ReportType } from "./machine.ts";

export type Legs = {
  readonly session: SessionId;
  /** In the order in which they were dialled, at most `MAX_LEGS`. Only the present ones can still become the call. */
  readonly legs: readonly Leg[];
  /** `closing`: everything is being hung up. `done`: the end has been told; what is left is taken back. */
  readonly stage: "new" | "under_way" | "closing" | "done";
  /** Place in the plan of the destination that is dialled next. */
  readonly next: number;
  /** Where the call goes as soon as the present leg is given up. */
  readonly redirect: RedirectTarget | null;
  /** Since when it is closing, and whether it is because the caller has gone. */
  readonly closing: { readonly atMs: number; readonly byCaller: boolean } | null;
  /** Whether the caller has talked with anybody. */
  readonly answered: boolean;
};

/** What goes into the session's state machine and record. */
export type LegFact =
  /** The carrier has taken the leg. */
  | { readonly kind: "placed"; readonly atMs: number; readonly leg: number; readonly routeIndex: number | null }
  | { readonly kind: "report"; readonly leg: number; readonly report: Report };

export type LegsStep = { readonly legs: Legs; readonly facts: readonly LegFact[] };

/** Those that were dialled at once last: they ring, one of them talks, or they were given up last. */
export function presentOf({ legs }: Legs): readonly Leg[] {
  const first = legs.findLastIndex(({ together }) => together !== true);
  return legs.slice(Math.max(0, first));
}

/** The one that is the call, or was; where none is, the one that was dialled last. */
export function currentOf(legs: Legs): Leg | undefined {
  return presentOf(legs).find(({ talked }) => talked) ?? legs.legs.at(-1);
}

export function isOpen(leg: Leg): boolean {
  return leg.phase !== "over";
}

export function changed(step: LegsStep, changes: Partial<Legs>): LegsStep {
  return { ...step, legs: { ...step.legs, ...changes } };
}

/** The same step when no leg becomes another one: nothing has to be stored then. */
export function withEachLeg(step: LegsStep, become: (leg: Leg) => Leg): LegsStep {
  const { legs } = step.legs;
  const changedLegs = legs.map(become);
  return changedLegs.every((leg, index) => leg === legs[index]) ? step : changed(step, { legs: changedLegs });
}

/** Puts the leg in its place. */
export function withLeg(step: LegsStep, leg: Leg): LegsStep {
  return withEachLeg(step, (each) => (each.number === leg.number ? leg : each));
}

export function withFact(step: LegsStep, fact: LegFact): LegsStep {
  return { ...step, facts: [...step.facts, fact] };
}

export function withReport(
  step: LegsStep,
  leg: Leg,
  type: ReportType,
  atMs: number,
  codes: Partial<Pick<Report, "sipCode" | "q850">> = {},
): LegsStep {
  const { sipCode = null, q850 = null } = codes;
  const report: Report = { type, atMs, sipCode, q850, routeIndex: leg.routeIndex };
  return withFact(step, { kind: "report", leg: leg.number, report });
}

/** Everything that is open is ended, whether or not it is answered. */
export function endAll(step: LegsStep, nowMs: number): LegsStep {
  return withEachLeg(step, (leg) => (isOpen(leg) ? givenUp(leg, nowMs, false) : leg));
}

/** The call is over: no further fact ends it, and no leg becomes it. */
export function done(step: LegsStep, nowMs: number): LegsStep {
  return changed(endAll(step, nowMs), { stage: "done", redirect: null });
}

/** Further legs, to be placed at once and together. */
export function dialled(
  step: LegsStep,
  targets: readonly LegTarget[],
  nowMs: number,
  changes: Pick<Legs, "next"> | Pick<Legs, "redirect">,
): LegsStep {
  const { session, legs } = step.legs;
  const added = targets.map((target, index): Leg => {
    const leg = newLeg(session, legs.length + index, target, nowMs);
    return index === 0 ? leg : { ...leg, together: true };
  });
  return changed(step, { ...changes, legs: [...legs, ...added] });
}
