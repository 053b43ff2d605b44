/** What follows when the present legs are given up: the next destinations, a redirect, or the end of the call. */
import { groupAt } from "../routing/groups.ts";
import type { Plan } from "../routing/plan.ts";
import { type Cause, sipCodeOf } from "./causes.ts";
import { type Leg, givenUp, newLeg, replaceableAt } from "./leg-state.ts";
import {
  type Legs,
  type LegsStep,
  currentOf,
  dialled,
  done,
  isOpen,
  presentOf,
  withEachLeg,
  withLeg,
  withReport,
} from "./leg-step.ts";
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
const nobody = (step: LegsStep, nowMs: number): Leg =>
  newLeg(step.legs.session, 0, { target: { uri: "", ringTimeoutMs: 0 }, routeIndex: null }, nowMs);

/** The end of a call whose present legs have ended by themselves. @param leg the one that was the call, or ended last. */
function finished(step: LegsStep, leg: Leg, plan: RoutePlan, nowMs: number): LegsStep {
  const atMs = leg.endedMs ?? nowMs;
  if (step.legs.answered) return done(withReport(step, leg, "ended", atMs, leg.cause), nowMs);
  // A redirect's failure is its own: what the plan has for its destinations does not speak for it.
  const told = step.legs.legs.length > 0 && leg.routeIndex === null ? undefined : plan.otherwise;
  const sipCode = told?.sipCode ?? leg.cause.sipCode;
  return done(withReport(step, leg, "failed", atMs, { sipCode, q850: leg.cause.q850 }), nowMs);
}

/** Legs whose end has to be waited for before anybody else is dialled. Who has talked is waited for alone: the others have lost. */
function awaited(legs: Legs): readonly Leg[] {
  const present = presentOf(legs);
  return legs.redirect === null && present.some(({ talked }) => talked) ? present.filter(({ talked }) => talked) : present;
}

/** When somebody else may be dialled though the carrier has not confirmed that the present legs are over; null: not by time alone. */
export function replaceableFrom(legs: Legs): number | null {
  const open = awaited(legs).filter(isOpen);
  if (legs.stage !== "under_way" || open.length === 0) return null;
  const from = Math.max(...open.map((leg) => replaceableAt(leg) ?? Infinity));
  return from === Infinity ? null : from;
}

/** Tells of each that its destination was left. */
function leaving(step: LegsStep, legs: readonly Leg[], nowMs: number): LegsStep {
  return legs.reduce((told, leg) => {
    const reported = withReport(told, leg, "failover", leg.endedMs ?? nowMs, leg.cause);
    return withLeg(reported, { ...leg, left: true });
  }, step);
}

const notLeft = (legs: Legs): readonly Leg[] => presentOf(legs).filter(({ left }) => left !== true);

/** Of several legs that ring at once some have failed, and the others go on. */
function someFailed(step: LegsStep, nowMs: number): LegsStep {
  const { legs } = step;
  if (legs.redirect !== null || legs.answered) return step;
  const failed = notLeft(legs).filter((leg) => !isOpen(leg));
  return leaving(step, failed, nowMs);
}

const endOf = (leg: Leg): number => leg.endedMs ?? Infinity;

/** All present legs have failed, or the one that was the call is over. */
function allOver(step: LegsStep, plan: RoutePlan, nowMs: number): LegsStep {
  const { legs } = step;
  const present = presentOf(legs);
  const talked = present.find((leg) => leg.talked);
  if (talked !== undefined || legs.answered) return finished(step, talked ?? present.at(-1)!, plan, nowMs);
  const group = groupAt(plan.destinations, legs.next).slice(0, MAX_LEGS - legs.legs.length);
  // Where one of several would be left for the next destination, the call goes on.
  const mayMove = present.some((leg) => leg.routeIndex !== null && reroutes(leg));
  const failed = notLeft(legs).toSorted((a, b) => endOf(a) - endOf(b) || a.number - b.number);
  if (group.length > 0 && mayMove) {
    const targets = group.map((target, index) => ({ target, routeIndex: legs.next + index }));
    return dialled(leaving(step, failed, nowMs), targets, nowMs, { next: legs.next + group.length });
  }
  const last = failed.at(-1) ?? present.at(-1)!;
  return finished(leaving(step, failed.slice(0, -1), nowMs), last, plan, nowMs);
}

/** While the call is under way: sees to it that somebody is dialled when the present legs are over or may be replaced. */
export function afterPresent(step: LegsStep, plan: RoutePlan, nowMs: number): LegsStep {
  const { legs } = step;
  if (legs.stage !== "under_way") return step;
  if (awaited(legs).some((leg) => isOpen(leg) && (replaceableAt(leg) ?? Infinity) > nowMs)) {
    return someFailed(step, nowMs);
  }
  const present = new Set(presentOf(legs).map(({ number }) => number));
  // Should the carrier be heard after this, its answer is hung up.
  const left = withEachLeg(step, (leg) => (present.has(leg.number) && isOpen(leg) ? givenUp(leg, nowMs, false) : leg));
  if (legs.redirect !== null) {
    return dialled(left, [{ target: legs.redirect, routeIndex: null }], nowMs, { redirect: null });
  }
  if (present.size > 0) return allOver(left, plan, nowMs);
  const first = groupAt(plan.destinations, 0).slice(0, MAX_LEGS);
  if (first.length === 0) return finished(left, nobody(left, nowMs), plan, nowMs);
  return dialled(
    left,
    first.map((target, routeIndex) => ({ target, routeIndex })),
    nowMs,
    { next: first.length },
  );
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
