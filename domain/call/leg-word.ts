/**
 * What a carrier says of a leg, by callback or by answer, late, twice or in any order. A leg's phase only moves forward, and what the
 * carrier calls ended stays so. Of a leg that was given up, its answer counts only while no other leg has taken its place; of several
 * that ring together, the first answer that is heard.
 */
import { assertNever } from "../shared/result.ts";
import type { LegCallback, LegStatus } from "./carrier.ts";
import type { Cause } from "./causes.ts";
import { type Leg, connected, givenUp, mayTalk, over, taken } from "./leg-state.ts";
import { type LegsStep, changed, presentOf, withEachLeg, withFact, withLeg, withReport } from "./leg-step.ts";

/** Not the callee's answer but the echo of our own cancellation (RFC 3261 §9.1). */
const CANCELLED_CODE = 487;

/** `answeredMs` of an ended leg: null where nobody answered, or nobody says when. */
export type Word =
  | { readonly tag: "unknown" }
  | { readonly tag: "dialling" | "ringing"; readonly atMs: number }
  | { readonly tag: "answered"; readonly atMs: number }
  | {
      readonly tag: "ended";
      readonly atMs: number;
      readonly talked: boolean;
      readonly answeredMs: number | null;
      readonly cause: Cause;
    };

export function wordOfStatus(status: LegStatus, nowMs: number): Word {
  switch (status.tag) {
    case "unknown":
      return status;
    case "dialling":
    case "ringing":
      return { tag: status.tag, atMs: nowMs };
    case "answered":
      return { tag: "answered", atMs: status.answeredAtMs };
    case "ended": {
      const { endedAtMs, answeredAtMs, sipCode, q850 } = status;
      return {
        tag: "ended",
        atMs: endedAtMs,
        talked: answeredAtMs !== null,
        answeredMs: answeredAtMs,
        cause: { sipCode, q850 },
      };
    }
    default:
      return assertNever(status);
  }
}

export function wordOfCallback(callback: Exclude<LegCallback, { type: "caller_hung_up" }>): Word {
  switch (callback.type) {
    case "ringing":
    case "answered":
      return { tag: callback.type, atMs: callback.atMs };
    case "failed":
    case "ended": {
      const { atMs, sipCode, q850 } = callback;
      const talked = callback.type === "ended";
      const answeredMs = callback.type === "ended" ? (callback.answeredAtMs ?? null) : null;
      return { tag: "ended", atMs, talked, answeredMs, cause: { sipCode, q850 } };
    }
    default:
      return assertNever(callback);
  }
}

/** A carrier's clock is not ours: nothing has happened before the leg was, or will happen. */
function bounded(leg: Leg, atMs: number, nowMs: number): number {
  return Math.max(leg.sinceMs, Math.min(atMs, nowMs));
}

function placed(step: LegsStep, leg: Leg, atMs: number): LegsStep {
  if (leg.taken) return step;
  return withFact(step, { kind: "placed", atMs, leg: leg.number, routeIndex: leg.routeIndex });
}

/** The legs that were dialled together with this one; null: others have taken their place, or one of them has the call. */
function rivals(step: LegsStep, leg: Leg): readonly Leg[] | null {
  const present = presentOf(step.legs);
  const others = present.filter(({ number }) => number !== leg.number);
  return others.length === present.length || others.some(({ talked }) => talked) ? null : others;
}

/** Whether an answer of this leg makes it the call. */
function mayAnswer(step: LegsStep, leg: Leg): boolean {
  return step.legs.stage === "under_way" && leg.phase !== "answered" && mayTalk(leg) && rivals(step, leg) !== null;
}

/** The call has been answered elsewhere: whatever these have reached is taken back. */
function losing(step: LegsStep, winner: Leg, nowMs: number): LegsStep {
  const others = new Set(presentOf(step.legs).map(({ number }) => number));
  others.delete(winner.number);
  return withEachLeg(step, (leg) => (others.has(leg.number) && leg.phase !== "over" ? givenUp(leg, nowMs, false) : leg));
}

/** Whether the caller is known to have talked on this leg from `atMs` on, which nobody had told. */
function hasTalked(step: LegsStep, leg: Leg, atMs: number): boolean {
  const others = rivals(step, leg);
  if (leg.answeredMs !== null || others === null) return false;
  if (leg.talked || mayAnswer(step, leg)) return true;
  // It was given up for another reason than its silence: only what was before that counts, and only where nobody else may have the call.
  if (others.some(mayTalk)) return false;
  return step.legs.stage !== "done" && leg.givenUpMs !== null && atMs <= leg.givenUpMs;
}

function talkedBefore(step: LegsStep, leg: Leg, atMs: number): LegsStep {
  if (!hasTalked(step, leg, atMs)) return step;
  const told = withReport(placed(step, leg, atMs), leg, "answered", atMs);
  return changed(withLeg(told, { ...leg, taken: true, talked: true, answeredMs: atMs }), { answered: true });
}

function live(step: LegsStep, leg: Leg, tag: "dialling" | "ringing", atMs: number, nowMs: number): LegsStep {
  switch (leg.phase) {
    case "placing":
    case "dialling": {
      const ours = leg.phase === "placing" ? taken(leg, nowMs) : leg;
      const told = placed(step, leg, atMs);
      if (tag === "dialling") return withLeg(told, ours);
      return withReport(withLeg(told, { ...ours, phase: "ringing" }), leg, "ringing", atMs);
    }
    case "over":
      // The carrier had not been heard, or did not know it yet: it is there after all.
      return leg.confirmed ? step : withLeg(step, givenUp(leg, nowMs, false));
    case "ringing":
    case "answered":
    case "ending":
      return step;
    default:
      return assertNever(leg.phase);
  }
}

function answered(step: LegsStep, leg: Leg, atMs: number, nowMs: number): LegsStep {
  if (mayAnswer(step, leg)) {
    const told = withReport(placed(step, leg, atMs), leg, "answered", atMs);
    return losing(changed(withLeg(told, connected(leg, atMs)), { answered: true }), leg, nowMs);
  }
  const told = talkedBefore(step, leg, atMs);
  if (leg.phase === "answered" || (leg.phase === "over" && leg.confirmed)) return told;
  // Nobody waits for it any more.
  return withLeg(told, givenUp(told.legs.legs[leg.number] ?? leg, nowMs, false));
}

function ended(step: LegsStep, leg: Leg, word: Extract<Word, { tag: "ended" }>, nowMs: number): LegsStep {
  const answeredMs = word.answeredMs === null ? null : bounded(leg, word.answeredMs, nowMs);
  const told = answeredMs === null ? step : talkedBefore(step, leg, answeredMs);
  const known = told.legs.legs[leg.number] ?? leg;
  if (known.phase === "over" && known.confirmed) return told;
  const talked = known.talked || (word.talked && mayAnswer(step, leg));
  // Why we gave it up stands, unless the callee had said something of its own.
  const echo = !talked && known.givenUpMs !== null && (word.cause.sipCode === null || word.cause.sipCode === CANCELLED_CODE);
  const reason = echo ? {} : { cause: word.cause, timedOut: false };
  const closed = withLeg(told, { ...over(known, true, bounded(leg, word.atMs, nowMs)), ...reason, talked });
  return talked ? changed(closed, { answered: true }) : closed;
}

function unknown(step: LegsStep, leg: Leg, nowMs: number): LegsStep {
  // One that is being placed is not known yet; of any other, the carrier has lost it.
  return leg.phase === "placing" || leg.phase === "over" ? step : withLeg(step, over(leg, false, nowMs));
}

/** Takes the carrier's word on one leg. */
export function heard(step: LegsStep, leg: Leg, word: Word, nowMs: number): LegsStep {
  switch (word.tag) {
    case "unknown":
      return unknown(step, leg, nowMs);
    case "dialling":
    case "ringing":
      return live(step, leg, word.tag, bounded(leg, word.atMs, nowMs), nowMs);
    case "answered":
      return answered(step, leg, bounded(leg, word.atMs, nowMs), nowMs);
    case "ended":
      return ended(step, leg, word, nowMs);
    default:
      return assertNever(word);
  }
}
