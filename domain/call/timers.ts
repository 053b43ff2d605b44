/** When a session has to look at itself again. All times are Unix milliseconds. */
import { type CallState, isTerminal } from "./state.ts";

/** Without news for this long, a call that was never answered has been lost by its carrier. Longer than any ring timeout. */
export const SETUP_SILENCE_MS = 5 * 60_000;
/** Without news for this long, an answered call is taken to have ended. Longer than carriers let a call last. */
export const ACTIVE_SILENCE_MS = 6 * 3_600_000;
/** So long after its longest duration a call that nobody has reported as ended is taken to have been cut off by its peer. */
export const OVERTIME_MS = 60_000;
/** How long an ended session keeps its whole state before it becomes a tombstone. */
export const RETENTION_MS = 7 * 24 * 3_600_000;

const FORWARD_RETRY_FIRST_MS = 2_000;
/** A log that is back has everything within a minute of it, whatever it has refused. */
const FORWARD_RETRY_MAX_MS = 30_000;

/** What bounds one call; what is absent: the defaults above, or no bound. */
export type CallBounds = {
  readonly setupSilenceMs?: number | undefined;
  readonly activeSilenceMs?: number | undefined;
  /** From the answer on. */
  readonly maxDurationMs?: number | undefined;
  /** How long a call may outlive its longest duration: the time that its peer has to report the end. 0 where we end it ourselves. */
  readonly overtimeMs?: number | undefined;
};

/** When this call has to be over, because nobody has spoken of it or because it may not last longer; null when it has ended. */
export function endDueAt(state: CallState, lastNewsMs: number, bounds: CallBounds = {}): number | null {
  const {
    setupSilenceMs = SETUP_SILENCE_MS,
    activeSilenceMs = ACTIVE_SILENCE_MS,
    maxDurationMs,
    overtimeMs = OVERTIME_MS,
  } = bounds;
  if (isTerminal(state.phase)) return null;
  if (state.answeredAtMs === null) return lastNewsMs + setupSilenceMs;
  const overMs = maxDurationMs === undefined ? Infinity : state.answeredAtMs + maxDurationMs + overtimeMs;
  return Math.min(lastNewsMs + activeSilenceMs, overMs);
}

/**
 * By then a session looks whether the log has what it has recorded: an offer may have failed, or whoever made it may have died, and nobody
 * was told.
 */
export const HANDOVER_MS = 30_000;

/** A session that has nothing to hand over looks at itself at least this often. */
export const WATCH_MS = 15 * 60_000;

/** The earliest of several due times; null: nothing is due. */
export function earliest(...dueMs: readonly (number | null)[]): number | null {
  const known = dueMs.filter((due) => due !== null);
  return known.length === 0 ? null : Math.min(...known);
}

/**
 * What the one alarm has to be set to so that nothing is missed; null: it may stand as it is. An alarm that comes too early costs less
 * than one that is moved with every step.
 * @param standingMs what it is known to be set to; null: unknown, or used up.
 */
export function alarmToSet(standingMs: number | null, dueMs: number | null, nowMs: number): number | null {
  if (dueMs === null) return null;
  const stands = standingMs !== null && standingMs > nowMs && standingMs <= dueMs;
  return stands ? null : dueMs;
}

/** When an ended session becomes a tombstone. @param endRecordedMs when its end was stored, by our own clock. */
export function archiveDueAt(endRecordedMs: number): number {
  return endRecordedMs + RETENTION_MS;
}

/** When to offer events to the log again after `failures` refusals. @param jitter in [0, 1), so that sessions do not return together. */
export function forwardRetryAt(nowMs: number, failures: number, jitter: number): number {
  const backoff = Math.min(FORWARD_RETRY_FIRST_MS * 2 ** failures, FORWARD_RETRY_MAX_MS);
  return nowMs + Math.round(backoff * (0.75 + jitter / 2));
}
