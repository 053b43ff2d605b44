/**
 * What is answered with 503 and `Retry-After` when there is more to do than can be done: what matters least first, and never what a call
 * under way needs. A Worker's clock stands still while it computes and nobody tells it how busy its processor is: what is waited for, how
 * many wait and what never came is all that there is to go by. Values alone: the time is an argument.
 */

/** In the order in which they are shed. `calls` are those of high priority, and with them all. */
export const SHEDDABLE_KINDS = ["analytics", "lists", "low_calls", "normal_calls", "calls"] as const;
export type SheddableKind = (typeof SHEDDABLE_KINDS)[number];

/** How requests are counted. `kept`: reports, commands and whatever else is never shed. */
export const REQUEST_KINDS = ["analytics", "lists", "calls", "kept"] as const;
export type RequestKind = (typeof REQUEST_KINDS)[number];

export type Load = {
  readonly inFlight: Readonly<Record<RequestKind, number>>;
  /** Smoothed time that sessions' objects take to answer; null: none has been asked lately. */
  readonly answerMs: number | null;
  /** Which part of them missed its deadline or said that it is overloaded, lately: 0 to 1. */
  readonly missed: number;
};

/** Requests in flight in one isolate that are pressure 1. Sound load has a tenth of it: some hundred calls a second of some ten ms each. */
export const IN_FLIGHT_BOUND = 200;
/** Milliseconds that are pressure 1. An object answers within ten, a new one of a busy place within some hundred; callers give up after 3 s. */
export const ANSWER_BOUND_MS = 600;
/** The share of misses that is pressure 1. */
export const MISSED_BOUND = 0.05;
/** Each call has an object of its own: those that answer go on serving calls of high priority, however many others do not. */
const MOST_BY_MISSES = 3.9;

/** From which pressure on a kind is shed. Lists that pile up behind a slow database say nothing of calls, which do not need it. */
const STEPS: readonly { readonly from: number; readonly counts: readonly RequestKind[] }[] = [
  { from: 1, counts: REQUEST_KINDS },
  { from: 1.5, counts: REQUEST_KINDS },
  { from: 2, counts: ["calls", "kept"] },
  { from: 3, counts: ["calls", "kept"] },
  { from: 4, counts: ["calls", "kept"] },
];

/** A kind is taken again when the pressure has been below this part of what shed it for so long: otherwise it would come and go with every answer. */
export const RELEASE_SHARE = 0.7;
export const HOLD_MS = 5_000;

function pressure({ inFlight, answerMs, missed }: Load, counts: readonly RequestKind[]): number {
  const waiting = counts.reduce((sum, kind) => sum + inFlight[kind], 0);
  return Math.max(
    waiting / IN_FLIGHT_BOUND,
    (answerMs ?? 0) / ANSWER_BOUND_MS,
    Math.min(MOST_BY_MISSES, missed / MISSED_BOUND),
  );
}

/** How many kinds, from the first on, the load sheds; `share` of what it takes is enough. */
function levelOf(load: Load, share: number): number {
  return STEPS.findLastIndex(({ from, counts }) => pressure(load, counts) >= from * share) + 1;
}

/** How many of `SHEDDABLE_KINDS` are shed, and when the load last asked for that. */
export type Shedding = { readonly level: number; readonly pressedMs: number };
export const NOTHING_SHED: Shedding = { level: 0, pressedMs: 0 };

/** Up at once, down a step at a time. */
export function shed(before: Shedding, load: Load, nowMs: number): Shedding {
  const asked = levelOf(load, 1);
  if (asked >= before.level) return { level: asked, pressedMs: nowMs };
  if (levelOf(load, RELEASE_SHARE) >= before.level) return { ...before, pressedMs: nowMs };
  const steps = Math.floor((nowMs - before.pressedMs) / HOLD_MS);
  return steps < 1 ? before : { level: Math.max(asked, before.level - steps), pressedMs: nowMs };
}

/** @param floor what an operator has shed at least; empty: nothing. */
export function isShed(kind: SheddableKind, { level }: Shedding, floor: SheddableKind | ""): boolean {
  const by = floor === "" ? 0 : SHEDDABLE_KINDS.indexOf(floor) + 1;
  return SHEDDABLE_KINDS.indexOf(kind) < Math.max(level, by);
}

/** Who has least to lose waits longest. Seconds. */
const RETRY_AFTER_S: Readonly<Record<SheddableKind, number>> = {
  analytics: 15,
  lists: 5,
  low_calls: 5,
  normal_calls: 2,
  calls: 2,
};

/** @param fraction random, from 0 to 1: those who were refused together do not come back together. @returns seconds, up to twice the kind's. */
export function retryAfterS(kind: SheddableKind, fraction: number): number {
  const least = RETRY_AFTER_S[kind];
  return least + Math.round(least * fraction);
}
