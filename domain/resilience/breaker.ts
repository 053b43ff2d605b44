/**
 * A circuit breaker for somebody who is asked: after failures in a row, or a share of failures in a sliding window, nobody is asked for a
 * pause that grows; then one probe finds out. Values alone: the time and chance are arguments.
 */
import { type PauseBounds, PAUSE_JITTER, growingPauseMs } from "./pause.ts";

export type BreakerState = "closed" | "open" | "half_open";
export type Outcome = "success" | "failure";

export type BreakerPolicy = {
  /** In a row. */
  readonly failures: number;
  /** Or this share of at least so many outcomes of the last `windowMs`. */
  readonly share: { readonly of: number; readonly from: number; readonly windowMs: number };
  readonly pause: PauseBounds;
  /** A probe that has not reported by then is given up, and another is let through. */
  readonly probeMs: number;
};

/** Outcomes of a part of the window. */
type Slice = { readonly startMs: number; readonly failures: number; readonly all: number };
/** The window slides by a part of this size of it. */
const SLICES = 5;

export type Breaker = {
  readonly state: BreakerState;
  /** When this state began; of a half-open one: when its probe was let through. Unix milliseconds. */
  readonly sinceMs: number;
  /** Open: nobody is asked before. Half-open: the probe is waited for so long. */
  readonly untilMs: number;
  /** Pauses one after the other. */
  readonly pauses: number;
  /** Failures in a row while closed. */
  readonly inARow: number;
  readonly window: readonly Slice[];
  /** Null: none that is remembered. */
  readonly succeededMs: number | null;
};

export const CLOSED: Breaker = {
  state: "closed",
  sinceMs: Number.NEGATIVE_INFINITY,
  untilMs: 0,
  pauses: 0,
  inARow: 0,
  window: [],
  succeededMs: null,
};

/** The state that counts now: an open breaker whose pause is over waits for somebody to find out. */
export function stateOf({ state, untilMs }: Pick<Breaker, "state" | "untilMs">, nowMs: number): BreakerState {
  return state === "open" && nowMs >= untilMs ? "half_open" : state;
}

/** Whether somebody may be asked now. Of those who ask while it is half-open one may: the probe. */
export function admit(breaker: Breaker, policy: BreakerPolicy, nowMs: number): { breaker: Breaker; admitted: boolean } {
  if (breaker.state === "closed") return { breaker, admitted: true };
  if (nowMs < breaker.untilMs) return { breaker, admitted: false };
  return { breaker: { ...breaker, state: "half_open", sinceMs: nowMs, untilMs: nowMs + policy.probeMs }, admitted: true };
}

function slid(
  window: readonly Slice[],
  policy: BreakerPolicy,
  nowMs: number,
  counted: Omit<Slice, "startMs">,
): readonly Slice[] {
  const size = policy.share.windowMs / SLICES;
  const last = window.at(-1);
  if (last !== undefined && nowMs - last.startMs < size)
    return window.with(window.length - 1, { ...last, failures: last.failures + counted.failures, all: last.all + counted.all });
  return [...window.filter(({ startMs }) => nowMs - startMs < policy.share.windowMs), { startMs: nowMs, ...counted }];
}

function fails(inARow: number, window: readonly Slice[], { failures, share }: BreakerPolicy): boolean {
  if (inARow >= failures) return true;
  const all = window.reduce((sum, slice) => sum + slice.all, 0);
  return all >= share.from && window.reduce((sum, slice) => sum + slice.failures, 0) >= all * share.of;
}

/** @param fraction random, from 0 to 1. */
function opened({ pauses, succeededMs }: Breaker, policy: BreakerPolicy, nowMs: number, fraction: number): Breaker {
  const untilMs = nowMs + Math.round(growingPauseMs(policy.pause, pauses, fraction));
  return { ...CLOSED, state: "open", sinceMs: nowMs, untilMs, pauses: pauses + 1, succeededMs };
}

const closed = (nowMs: number, succeededMs: number | null): Breaker => ({ ...CLOSED, sinceMs: nowMs, succeededMs });

export type Counted = { readonly successes: number; readonly failures: number };

/**
 * Several outcomes whose order is not known. The successes are taken for the older ones if there were any: a breaker that is not sure
 * stays closed.
 * @param startedMs when the oldest of them was asked: what was asked before this state began says nothing of it.
 */
export function noteAll(
  breaker: Breaker,
  policy: BreakerPolicy,
  { successes, failures }: Counted,
  { nowMs, startedMs, fraction }: { readonly nowMs: number; readonly startedMs: number; readonly fraction: number },
): Breaker {
  if (startedMs < breaker.sinceMs || successes + failures === 0) return breaker;
  const succeededMs = successes > 0 ? nowMs : breaker.succeededMs;
  if (breaker.state === "closed") {
    const window = slid(breaker.window, policy, nowMs, { failures, all: successes + failures });
    const inARow = (successes > 0 ? 0 : breaker.inARow) + failures;
    const next = { ...breaker, inARow, window, succeededMs };
    return failures > 0 && fails(inARow, window, policy) ? opened(next, policy, nowMs, fraction) : next;
  }
  if (successes > 0) return closed(nowMs, succeededMs);
  // Whoever had to ask in spite of an open breaker (an emergency) makes its pause no longer.
  return breaker.state === "open" ? breaker : opened(breaker, policy, nowMs, fraction);
}

/** @param startedMs when it was asked. @param fraction random, from 0 to 1. */
export function note(
  breaker: Breaker,
  policy: BreakerPolicy,
  outcome: Outcome,
  when: { readonly nowMs: number; readonly startedMs: number; readonly fraction: number },
): Breaker {
  const counted = outcome === "success" ? { successes: 1, failures: 0 } : { successes: 0, failures: 1 };
  return noteAll(breaker, policy, counted, when);
}

/** What another has found out. */
export type News = { readonly to: "open" | "closed"; readonly atMs: number; /** Open: until then. */ readonly untilMs: number };

/**
 * Takes another's word, as far as nothing that was seen here is newer.
 * @param fraction random, from 0 to 1: those who are told the same do not all probe at the same moment.
 */
export function learn(breaker: Breaker, { to, atMs, untilMs }: News, nowMs: number, fraction: number): Breaker {
  if (to === "closed")
    return breaker.state === "closed" || breaker.sinceMs > atMs ? breaker : closed(nowMs, breaker.succeededMs);
  // What became of a probe may be known elsewhere alone: of a call, to whoever hears of its end.
  const knownMs = breaker.state === "half_open" ? breaker.sinceMs : (breaker.succeededMs ?? breaker.sinceMs);
  const knowsBetter = breaker.state === "open" || knownMs >= atMs;
  if (knowsBetter || untilMs <= nowMs) return breaker;
  const until = untilMs + Math.round((untilMs - nowMs) * PAUSE_JITTER * fraction);
  return { ...CLOSED, state: "open", sinceMs: nowMs, untilMs: until, pauses: 1, succeededMs: breaker.succeededMs };
}
