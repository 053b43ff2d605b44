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
const FORWARD_RETRY_MAX_MS = 5 * 60_000;

/**
 * When this call has to be over, because nobody has spoken of it or because it may not last longer; null when it has ended.
 * @param maxDurationMs what the plan grants it from the answer on; undefined: no bound.
 */
export function endDueAt(state: CallState, lastNewsMs: number, maxDurationMs?: number): number | null {
  if (isTerminal(state.phase)) return null;
  if (state.answeredAtMs === null) return lastNewsMs + SETUP_SILENCE_MS;
  const overtimeMs = maxDurationMs === undefined ? Infinity : state.answeredAtMs + maxDurationMs + OVERTIME_MS;
  return Math.min(lastNewsMs + ACTIVE_SILENCE_MS, overtimeMs);
}

/** A session whose process died between an end and its forwarding is found by its alarm: it looks at itself at least this often. */
export const WATCH_MS = 15 * 60_000;

/** When a live session looks at itself next; null when it has ended. */
export function watchDueAt(state: CallState, lastNewsMs: number, nowMs: number, maxDurationMs?: number): number | null {
  const dueMs = endDueAt(state, lastNewsMs, maxDurationMs);
  return dueMs === null ? null : Math.min(dueMs, nowMs + WATCH_MS);
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
