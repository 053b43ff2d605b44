/** When a session has to look at itself: its logical timers, as far as its row says. */
import type { CallBounds } from "../../domain/call/timers.ts";
import { ACTIVE_SILENCE_MS, WATCH_MS, earliest, endDueAt } from "../../domain/call/timers.ts";
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

/**
 * By when the alarm has to come for a row as it was just written.
 * @param offerAgainMs when to offer to the log again, for an ended session that has been told something since; null: its end is being offered now.
 */
export function lookDueAt(row: SessionRow, nowMs: number, offerAgainMs: number | null): number | null {
  const legsMs = row.legs === undefined ? null : legsDueAt(row.legs);
  // A recorded session goes on for as long as nobody ends it: once the log has everything, there is nothing to look after.
  if (row.recorded !== undefined && row.endRecordedMs === null) return row.forwarded < row.sequence ? nowMs + WATCH_MS : null;
  if (row.endRecordedMs === null) return earliest(endDue(row), nowMs + WATCH_MS, legsMs);
  // Should what follows the end not come about, the session finds out as early as a live one would.
  return earliest(offerAgainMs ?? nowMs + WATCH_MS, legsMs);
}
