/**
 * The legs of one call that Trunkline places itself: which destination is dialled when, and what becomes of the others. Decides, and does
 * nothing else: time and randomness are arguments, what the carrier is to be asked is told by `dueActions`.
 *
 * Destinations are tried one after another, those that the plan has together at once. Legs are given up before the next one is dialled:
 * the carrier has confirmed it, or `CANCEL_DEADLINE_MS` has passed. Until then an answer that crossed the cancellation is the call; after
 * that it is hung up. Of legs that ring together the first answer that is heard is the call, and the others are taken back, answered or not.
 * So at most one leg is connected with the caller, whatever is lost, repeated or late on the way.
 */
import type { Plan } from "../routing/plan.ts";
import type { SessionId } from "../shared/ids.ts";
import { type Result, assertNever } from "../shared/result.ts";
import type { CarrierError, LegCallback, LegStatus } from "./carrier.ts";
import type { Cause } from "./causes.ts";
import { afterPresent, hungUp, replaceableFrom } from "./leg-succession.ts";
import { type Leg, NO_CAUSE, type RedirectTarget, givenUp, over } from "./leg-state.ts";
import {
  type LegFact,
  type Legs,
  type LegsStep,
  changed,
  currentOf,
  endAll,
  isOpen,
  presentOf,
  withEachLeg,
  withLeg,
} from "./leg-step.ts";
import { ANSWER_MS, MAX_LEGS, MAX_PLACE_ATTEMPTS, pauseMs } from "./leg-timing.ts";
import { heard, wordOfCallback, wordOfStatus } from "./leg-word.ts";

export type { Leg, LegFact, Legs, LegsStep };

/** What is to be asked of the carrier. */
export type LegAction =
  | { readonly kind: "place"; readonly leg: Leg }
  | { readonly kind: "end"; readonly leg: Leg; readonly unlessAnswered: boolean }
  | { readonly kind: "status"; readonly leg: Leg };

export type LegsInput =
  | { readonly kind: "start" }
  /** Look what is due. */
  | { readonly kind: "time" }
  | { readonly kind: "callback"; readonly callback: LegCallback }
  /** The carrier answered a request, or did not. */
  | {
      readonly kind: "answer";
      readonly leg: number;
      readonly action: LegAction["kind"];
      readonly result: Result<LegStatus, CarrierError>;
    }
  /** End everything: a command, silence, or a call that has lasted too long. */
  | { readonly kind: "hang_up" }
  /** Takes no effect while everything is being hung up, or when there have been `MAX_LEGS` legs (`mayRedirect`). */
  | { readonly kind: "redirect"; readonly target: RedirectTarget };

export function beginLegs(session: SessionId): Legs {
  return { session, legs: [], stage: "new", next: 0, redirect: null, closing: null, answered: false };
}

function close(step: LegsStep, atMs: number, nowMs: number, byCaller: boolean): LegsStep {
  const ending = endAll(step, nowMs);
  if (step.legs.stage === "done" || step.legs.stage === "closing") return ending;
  return changed(ending, { stage: "closing", closing: { atMs, byCaller }, redirect: null });
}

/** A carrier's clock is not ours: the caller had not gone before there was anybody to leave. */
function callerGoneMs(legs: Legs, atMs: number, nowMs: number): number {
  const leg = currentOf(legs);
  return Math.max(leg?.answeredMs ?? leg?.sinceMs ?? nowMs, Math.min(atMs, nowMs));
}

/** The carrier does not take it; what has reached it all the same is taken back. */
function notTaken(leg: Leg, nowMs: number, cause = NO_CAUSE): Leg {
  return { ...givenUp(leg, nowMs, true), cause };
}

/** Its only request was refused, so there is nothing to take back; should the carrier speak of it all the same, it is hung up. */
function refusedAtOnce(leg: Leg, nowMs: number, cause: Cause): Leg {
  return { ...over(leg, false, nowMs), cause };
}

function expired(leg: Leg, nowMs: number): Leg {
  switch (leg.phase) {
    case "placing":
      return leg.asked >= MAX_PLACE_ATTEMPTS && leg.askAtMs <= nowMs ? notTaken(leg, nowMs) : leg;
    case "dialling":
    case "ringing":
      if (leg.dueMs === null || leg.dueMs > nowMs) return leg;
      return { ...givenUp(leg, nowMs, true), cause: { sipCode: 408, q850: null }, timedOut: true };
    case "ending":
      return leg.dueMs !== null && leg.dueMs <= nowMs ? over(leg, false) : leg;
    case "answered":
    case "over":
      return leg;
    default:
      return assertNever(leg.phase);
  }
}

/** The carrier could not be asked, or did not want to. */
function refused(
  step: LegsStep,
  leg: Leg,
  action: LegAction["kind"],
  error: CarrierError,
  nowMs: number,
  jitter: number,
): LegsStep {
  const isPlacing = action === "place" && leg.phase === "placing";
  if (!isPlacing && !(action === "end" && leg.phase === "ending")) return step;
  if (isPlacing && error.tag === "refused") {
    const cause = { sipCode: error.sipCode, q850: null };
    return withLeg(step, leg.asked > 1 ? notTaken(leg, nowMs, cause) : refusedAtOnce(leg, nowMs, cause));
  }
  if (isPlacing && leg.asked >= MAX_PLACE_ATTEMPTS) return withLeg(step, notTaken(leg, nowMs));
  return withLeg(step, { ...leg, askAtMs: Math.min(leg.askAtMs, nowMs + pauseMs(leg.asked, jitter)) });
}

function redirected(step: LegsStep, target: RedirectTarget, nowMs: number): LegsStep {
  if (!mayRedirect(step.legs)) return step;
  const { uri, ringTimeoutMs } = target;
  return changed(endAll(step, nowMs), { stage: "under_way", redirect: { uri, ringTimeoutMs } });
}

function taken(step: LegsStep, input: LegsInput, nowMs: number, jitter: number): LegsStep {
  switch (input.kind) {
    case "start":
      return step.legs.stage === "new" ? changed(step, { stage: "under_way" }) : step;
    case "time":
      return withEachLeg(step, (leg) => expired(leg, nowMs));
    case "callback": {
      const { callback } = input;
      if (callback.session !== step.legs.session) return step;
      if (callback.type === "caller_hung_up") return close(step, callerGoneMs(step.legs, callback.atMs, nowMs), nowMs, true);
      const leg = step.legs.legs.find(({ id }) => id === callback.leg);
      return leg === undefined ? step : heard(step, leg, wordOfCallback(callback), nowMs);
    }
    case "answer": {
      const leg = step.legs.legs[input.leg];
      if (leg === undefined) return step;
      if (!input.result.ok) return refused(step, leg, input.action, input.result.error, nowMs, jitter);
      return heard(step, leg, wordOfStatus(input.result.value, nowMs), nowMs);
    }
    case "hang_up":
      return close(step, nowMs, nowMs, false);
    case "redirect":
      return redirected(step, input.target, nowMs);
    default:
      return assertNever(input);
  }
}

/**
 * The next state, and what the session is to be told. Total: never throws, and ignores what contradicts what the carrier has said before.
 * What changes nothing gives the same object.
 * @param jitter in [0, 1), varies the pauses before the carrier is asked again.
 */
export function advanceLegs(
  legs: Legs,
  plan: Extract<Plan, { action: "route" }>,
  input: LegsInput,
  nowMs: number,
  jitter: number,
): LegsStep {
  const step = taken({ legs, facts: [] }, input, nowMs, jitter);
  return step.legs.stage === "closing" ? hungUp(step, nowMs) : afterPresent(step, plan, nowMs);
}

function actionOf(leg: Leg, nowMs: number): LegAction | null {
  if (leg.askAtMs > nowMs) return null;
  if (leg.phase === "placing") return leg.asked < MAX_PLACE_ATTEMPTS ? { kind: "place", leg } : null;
  return leg.phase === "ending" ? { kind: "end", leg, unlessAnswered: leg.unlessAnswered } : null;
}

/** What the carrier is to be asked now. First `markAsked` is committed, then the carrier is asked, then each answer is fed back. */
export function dueActions(legs: Legs, nowMs: number): readonly LegAction[] {
  return legs.legs.flatMap((leg) => actionOf(leg, nowMs) ?? []);
}

/** Notes that these are being asked now: if no answer comes, because the process dies, they are due again later. */
export function markAsked(legs: Legs, actions: readonly LegAction[], nowMs: number, jitter: number): Legs {
  const asked = new Map(actions.flatMap(({ kind, leg }) => (kind === "status" ? [] : [[leg.number, kind] as const])));
  const mark = (leg: Leg): Leg => {
    const kind = asked.get(leg.number);
    const isMeant = (kind === "place" && leg.phase === "placing") || (kind === "end" && leg.phase === "ending");
    if (!isMeant) return leg;
    const times = leg.asked + 1;
    const askAtMs = nowMs + ANSWER_MS + pauseMs(times, jitter);
    return { ...leg, offered: leg.offered || kind === "place", asked: times, askAtMs };
  };
  return { ...legs, legs: legs.legs.map(mark) };
}

function dueAt(leg: Leg): readonly (number | null)[] {
  switch (leg.phase) {
    case "placing":
      return [leg.askAtMs];
    case "dialling":
    case "ringing":
      return [leg.dueMs];
    case "ending":
      return [leg.askAtMs, leg.dueMs];
    case "answered":
    case "over":
      return [];
    default:
      return assertNever(leg.phase);
  }
}

/** When `dueActions` or the input `time` has something to do, Unix milliseconds; null: not before the carrier says something. */
export function legsDueAt(legs: Legs): number | null {
  const due = [...legs.legs.flatMap(dueAt), replaceableFrom(legs)].filter((atMs) => atMs !== null);
  return due.length === 0 ? null : Math.min(...due);
}

/** What is asked in case that a callback was lost: the status of the legs that ring, or of the one that talks. */
export function pollLegs(legs: Legs): readonly LegAction[] {
  return presentOf(legs)
    .filter(({ phase }) => phase === "dialling" || phase === "ringing" || phase === "answered")
    .map((leg) => ({ kind: "status", leg }));
}

/** A leg is connected with the caller. */
export function isConnected(legs: Legs): boolean {
  return presentOf(legs).some(({ phase }) => phase === "answered");
}

/** Some leg is not over: there is something to ask or to wait for. */
export function anyOpen(legs: Legs): boolean {
  return legs.legs.some(isOpen);
}

/** Whether a redirect would be taken. */
export function mayRedirect(legs: Legs): boolean {
  return (legs.stage === "new" || legs.stage === "under_way") && legs.legs.length < MAX_LEGS;
}
