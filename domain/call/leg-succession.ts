/** What follows when the present leg is given up: the next destination, a redirect, or the end of the call. */
import type { Plan } from "../routing/plan.ts";
import { type Cause, sipCodeOf } from "./causes.ts";
import { type Leg, givenUp, newLeg, replaceableAt } from "./leg-state.ts";
import { type LegsStep, currentOf, dialled, done, isOpen, withLeg, withReport } from "./leg-step.ts";
import { MAX_LEGS } from "./leg-timing.ts";

type RoutePlan = Extract<Plan, { action: "route" }>;

/** The caller gave up (RFC 3261 §21.4.25). */
const CANCELLED = { sipCode: 487 } as const;

/** As rules name it: the SIP code, for a bare Q.850 cause the code that stands for it, or nothing was said at all. */
function reroutes(leg: Leg): boolean {
  const { sipCode, q850 }: Cause = leg.cause;
  const code = sipCode ?? (q850 === null ? "unreachable" : sipCodeOf(q850));
  return leg.timedOut || leg.rerouteCauses.some((cause) => cause === code);
}

/** Stands for the leg in the end of a call that never had one. */
const nobody = (step: LegsStep, nowMs: number): Leg => newLeg(step.legs.session, 0, { uri: "", ringTimeoutMs: 0 }, null, nowMs);

/** The end of a call whose present leg has ended by itself. */
function finished(step: LegsStep, leg: Leg, plan: RoutePlan, atMs: number, nowMs: number): LegsStep {
  if (step.legs.answered) return done(withReport(step, leg, "ended", atMs, leg.cause), nowMs);
  // A redirect's failure is its own: what the plan has for its destinations does not speak for it.
  const told = step.legs.legs.length > 0 && leg.routeIndex === null ? undefined : plan.otherwise;
  const sipCode = told?.sipCode ?? leg.cause.sipCode;
  return done(withReport(step, leg, "failed", atMs, { sipCode, q850: leg.cause.q850 }), nowMs);
}

/** While the call is under way: sees to it that somebody is dialled when the present leg is over or may be replaced. */
export function afterCurrent(step: LegsStep, plan: RoutePlan, nowMs: number): LegsStep {
  const { legs } = step;
  if (legs.stage !== "under_way") return step;
  const current = currentOf(legs);
  if (current !== undefined && isOpen(current) && (replaceableAt(current) ?? Infinity) > nowMs) return step;
  // Should the carrier be heard after this, its answer is hung up.
  const left = current === undefined || !isOpen(current) ? step : withLeg(step, givenUp(current, nowMs, false));
  if (legs.redirect !== null) return dialled(left, legs.redirect, null, nowMs, { redirect: null });
  const destination = plan.destinations[legs.next];
  const next = { next: legs.next + 1 };
  if (current === undefined) {
    if (destination !== undefined) return dialled(left, destination, legs.next, nowMs, next);
    return finished(left, nobody(left, nowMs), plan, nowMs, nowMs);
  }
  const atMs = current.endedMs ?? nowMs;
  const mayMove = current.routeIndex !== null && !legs.answered && reroutes(current) && legs.legs.length < MAX_LEGS;
  if (destination === undefined || !mayMove) return finished(left, current, plan, atMs, nowMs);
  return dialled(withReport(left, current, "failover", atMs, current.cause), destination, legs.next, nowMs, next);
}

/** While everything is hung up: tells the end when nothing is open any more. */
export function hungUp(step: LegsStep, nowMs: number): LegsStep {
  const { legs, closing, answered } = step.legs;
  if (closing === null || legs.some(isOpen)) return step;
  const leg = currentOf(step.legs) ?? nobody(step, nowMs);
  if (!answered) return done(withReport(step, leg, "cancelled", closing.atMs, CANCELLED), nowMs);
  // A caller who has gone talks no more; otherwise they talk until the carrier has hung up.
  const atMs = closing.byCaller ? closing.atMs : (leg.endedMs ?? nowMs);
  return done(withReport(step, leg, "ended", atMs, { q850: leg.cause.q850 }), nowMs);
}
