/** When a session has to look at itself: its logical timers, as far as its row says. */
import type { CallBounds } from "../../domain/call/timers.ts";
import { ACTIVE_SILENCE_MS, HANDOVER_MS, WATCH_MS, earliest, endDueAt } from "../../domain/call/timers.ts";
import { isConnected, legsDueAt } from "../../domain/call/legs.ts";
import type { SessionRow } from "./row.ts";

export function boundsOf({ plan }: SessionRow): CallBounds {
  if (plan === null) return {};
  return {
    setupSilenceMs: plan.silence?.setupMs,
    activeSilenceMs: plan.silence?.activeMs,
    maxDurationMs: plan.action === "route" ? plan.maxDurationMs : undefined,
    // Where we hang up ourselves there is no peer to wait for.
    ...(plan.executor === "self" ? { overtimeMs: 0 } : {}),
  };
}

/** A carrier that has not confirmed by then that somebody talks does not. */
const CONFIRM_MS = 5_000;

/** When anybody last spoke of the call. */
const heardMs = (row: SessionRow): number => Math.max(row.newsMs, row.heardMs ?? 0);

/** When the session has to end by itself; not while a carrier is being asked. */
export function endDue(row: SessionRow): number | null {
  // Whoever recorded the call says when it is over, or nobody does.
  if (row.recorded !== undefined) return null;
  const dueMs = endDueAt(row.state, heardMs(row), boundsOf(row));
  return dueMs === null || row.askedMs === undefined ? dueMs : Math.max(dueMs, row.askedMs + CONFIRM_MS);
}

export type EndCause = "silence" | "max_duration";

/** Why the session has to end by itself now; null: it need not. */
export function overdue(row: SessionRow, nowMs: number): EndCause | null {
  const dueMs = endDue(row);
  if (dueMs === null || dueMs > nowMs) return null;
  const silentMs = endDueAt(row.state, heardMs(row), { ...boundsOf(row), maxDurationMs: undefined });
  return silentMs !== null && silentMs <= nowMs ? "silence" : "max_duration";
}

/**
 * Whether a carrier is to be asked before silence ends the call. Not for ever: after `ACTIVE_SILENCE_MS` without an event a call ends,
 * whatever its carrier says.
 */
export function mayBeTalking({ legs, newsMs }: SessionRow, nowMs: number): boolean {
  return legs !== undefined && isConnected(legs) && nowMs < newsMs + ACTIVE_SILENCE_MS;
}

/** A carrier whose last word is younger than this is not asked whether there is another. */
const LOST_WORD_MS = 60_000;

/** Whether a carrier may have said something that was lost on the way. */
export function mayHaveMissed(row: SessionRow, nowMs: number): boolean {
  return nowMs >= heardMs(row) + LOST_WORD_MS;
}

/** When there is something to do that is not the log's; null: nothing is known to come. */
export function ownDueAt(row: SessionRow): number | null {
  const legsMs = row.legs === undefined ? null : legsDueAt(row.legs);
  return row.endRecordedMs === null ? earliest(endDue(row), legsMs) : legsMs;
}

/**
 * By when the alarm has to come for a row as it was just written.
 * @param offerAgainMs when to offer to the log what it has not taken; null: it is being offered now.
 */
export function lookDueAt(row: SessionRow, nowMs: number, offerAgainMs: number | null): number | null {
  const offerMs = offerAgainMs ?? nowMs + HANDOVER_MS;
  // After the end the alarm says itself whether the log has everything: until it does, there is an offer to come.
  if (row.endRecordedMs !== null) return earliest(offerMs, ownDueAt(row));
  const unconfirmedMs = row.forwarded < row.sequence ? offerMs : null;
  // A recorded session goes on for as long as nobody ends it: once the log has everything, there is nothing to look after.
  return row.recorded === undefined ? earliest(ownDueAt(row), nowMs + WATCH_MS, unconfirmedMs) : unconfirmedMs;
}
