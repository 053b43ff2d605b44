/** One leg of a call that Trunkline places: a destination being dialled, talking or being taken back. All times are Unix milliseconds. */
import type { PlannedDestination, RerouteCause } from "../routing/plan.ts";
import type { SessionId } from "../shared/ids.ts";
import type { LegId } from "./carrier.ts";
import type { Cause } from "./causes.ts";
import { CANCEL_DEADLINE_MS, ENDING_MS } from "./leg-timing.ts";

export const LEG_PHASES = ["placing", "dialling", "ringing", "answered", "ending", "over"] as const;
/**
 * `placing`: the carrier is to take it. `dialling`, `ringing`: it has. `answered`: connected with the caller. `ending`: given up, and the
 * carrier has not confirmed it. `over`: the carrier says so, or has not said otherwise for `ENDING_MS`.
 */
export type LegPhase = (typeof LEG_PHASES)[number];

export type Leg = {
  /** In its session, from 0. */
  readonly number: number;
  readonly id: LegId;
  /** Place in the plan; null: a redirect's. */
  readonly routeIndex: number | null;
  /** Dialled at the same time as the leg before it. */
  readonly together?: true;
  readonly uri: string;
  readonly ringTimeoutMs: number;
  readonly rerouteCauses: readonly RerouteCause[];
  readonly phase: LegPhase;
  /** When it was decided to dial it. */
  readonly sinceMs: number;
  /** Whether the carrier was ever asked to place it. */
  readonly offered: boolean;
  /** Whether the carrier has said that it has it. */
  readonly taken: boolean;
  /** How often the carrier has been asked for what the phase wants: to place it, or to end it. */
  readonly asked: number;
  /** When to ask for it next; of no meaning in other phases. */
  readonly askAtMs: number;
  /** When the phase is over by itself: the ring time, or the time that ending may take; null: never. */
  readonly dueMs: number | null;
  /** While it is ended: whether an answer would still count, so that the carrier has to spare it. */
  readonly unlessAnswered: boolean;
  /** When it was given up; null: it was not. */
  readonly givenUpMs: number | null;
  /** Whether it was connected with the caller. */
  readonly talked: boolean;
  /** When it was answered; null: it was not, or it is not known. */
  readonly answeredMs: number | null;
  /** When it was over; null: it is not, or nobody has said. */
  readonly endedMs: number | null;
  /** Whether it is over by the carrier's own word, which it does not take back. */
  readonly confirmed: boolean;
  /** Why it failed; of no meaning while it goes on. */
  readonly cause: Cause;
  /** Given up for want of an answer, which always leads to the next destination. */
  readonly timedOut: boolean;
  /** The session has been told that this destination was left for others. */
  readonly left?: true;
};

export const NO_CAUSE: Cause = { sipCode: null, q850: null };

export type RedirectTarget = { readonly uri: string; readonly ringTimeoutMs: number };

/** Whom a leg calls, and its place in the plan; null: it has none. */
export type LegTarget = {
  readonly target: RedirectTarget & Partial<Pick<PlannedDestination, "rerouteCauses">>;
  readonly routeIndex: number | null;
};

/** A leg that is to be placed at once. */
export function newLeg(session: SessionId, number: number, { target, routeIndex }: LegTarget, nowMs: number): Leg {
  const { uri, ringTimeoutMs, rerouteCauses = [] } = target;
  return {
    number,
    id: `${session}.${number}`,
    routeIndex,
    uri,
    ringTimeoutMs,
    rerouteCauses,
    phase: "placing",
    sinceMs: nowMs,
    offered: false,
    taken: false,
    asked: 0,
    askAtMs: nowMs,
    dueMs: null,
    unlessAnswered: false,
    givenUpMs: null,
    talked: false,
    answeredMs: null,
    endedMs: null,
    confirmed: false,
    cause: NO_CAUSE,
    timedOut: false,
  };
}

/** The carrier has it. */
export function taken(leg: Leg, nowMs: number): Leg {
  return { ...leg, phase: "dialling", taken: true, dueMs: nowMs + leg.ringTimeoutMs };
}

/** @param answeredMs null: it was answered, and nobody has said when. */
export function connected(leg: Leg, answeredMs: number | null): Leg {
  return { ...leg, phase: "answered", taken: true, talked: true, answeredMs, dueMs: null, givenUpMs: null, timedOut: false };
}

/** @param endedMs null: nobody has said when. */
export function over(leg: Leg, confirmed: boolean, endedMs: number | null = null): Leg {
  return { ...leg, phase: "over", confirmed, endedMs, dueMs: null };
}

/**
 * To be ended from now on. What was never offered to the carrier is over at once.
 * @param unlessAnswered an answer that crosses this would make it the call.
 */
export function givenUp(leg: Leg, nowMs: number, unlessAnswered: boolean): Leg {
  const settled = leg.phase === "ending" && (unlessAnswered || !leg.unlessAnswered);
  if (settled || (leg.phase === "over" && leg.confirmed)) return leg;
  if (!leg.offered && !leg.taken) return over(leg, true, nowMs);
  return {
    ...leg,
    phase: "ending",
    asked: 0,
    askAtMs: nowMs,
    dueMs: nowMs + ENDING_MS,
    unlessAnswered,
    givenUpMs: leg.givenUpMs ?? nowMs,
    confirmed: false,
  };
}

/** Whether the leg talks, or an answer of it could still count. */
export function mayTalk(leg: Leg): boolean {
  if (leg.phase === "ending") return leg.unlessAnswered;
  return leg.phase !== "over";
}

/** When another leg may take the place of one that was given up, though the carrier has not confirmed that; null: it was not. */
export function replaceableAt(leg: Leg): number | null {
  return leg.givenUpMs === null ? null : leg.givenUpMs + CANCEL_DEADLINE_MS;
}
