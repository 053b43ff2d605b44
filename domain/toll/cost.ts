/** What a call costs, and what it is taken to cost before it has been held. */
import type { CallState } from "../call/state.ts";
import type { Plan, PlannedDestination, PlannedRate } from "../routing/plan.ts";

const MINUTE_S = 60;
const SECOND_MS = 1_000;
/** A call is booked with this much talk before it begins; the rest is settled while it lasts and when it ends. */
const EXPECTED_TALK_MS = 180_000;

/** In micro-units: the connection, and every begun increment of talk. Nothing for a call that was not answered. */
export function costMicros(rate: PlannedRate, talkMs: number | null): number {
  if (talkMs === null) return 0;
  const billedS = Math.ceil(Math.max(talkMs, 1) / SECOND_MS / rate.incrementS) * rate.incrementS;
  return rate.connectMicros + Math.ceil((rate.perMinuteMicros * billedS) / MINUTE_S);
}

/** What is booked for a plan in advance: by the dearest of its destinations, since nobody knows which will answer. */
export function expectedMicros(plan: Plan): number {
  const talkMs = Math.min(EXPECTED_TALK_MS, (plan.action === "route" ? plan.maxDurationMs : undefined) ?? Infinity);
  return Math.max(0, ...plan.destinations.map(({ rate }) => (rate === undefined ? 0 : costMicros(rate, talkMs))));
}

/**
 * What a call has cost so far, by the destination that it was left with after its failovers.
 * @param untilMs when it ended, or now.
 */
export function accruedMicros(plan: Plan, state: CallState, untilMs: number): number {
  const index = Math.min(state.failovers.length, plan.destinations.length - 1);
  const destination: PlannedDestination | undefined = plan.destinations[index];
  if (destination?.rate === undefined || state.answeredAtMs === null) return 0;
  return costMicros(destination.rate, Math.max(0, untilMs - state.answeredAtMs));
}
