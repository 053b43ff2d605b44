/** When a log shard's one alarm goes off: to flush its head, and to wake followers again that have not come. Times in Unix milliseconds. */

const FLUSH_RETRY_FIRST_MS = 1_000;
const FLUSH_RETRY_MAX_MS = 60_000;
export const WAKE_FIRST_MS = 5_000;
export const WAKE_MAX_MS = 30_000;

/** How long a head waits for its flush. @param failures of the flush since it last succeeded; @param ageMs at which a head is flushed. */
export function flushDelayMs(failures: number, ageMs: number): number {
  const delay = failures === 0 ? ageMs : FLUSH_RETRY_FIRST_MS * 2 ** failures;
  return Math.min(delay, Math.max(FLUSH_RETRY_MAX_MS, ageMs));
}

/** How long followers have to come. @param sent wake-ups since they last came, from 1. */
export function wakePauseMs(sent: number): number {
  return Math.min(WAKE_MAX_MS, WAKE_FIRST_MS * 2 ** (sent - 1));
}

/** When followers are to be woken again. An alarm costs a row: one that goes off until `latestMs` anyway does for this, too. */
export type Rewaking = { readonly dueMs: number; readonly latestMs: number };

/**
 * @param sent wake-ups since the followers last came, this one included.
 * @param accepted whether the queue took it. The first that it took hardly ever gets lost.
 */
export function rewakingAfter(nowMs: number, sent: number, accepted: boolean): Rewaking {
  const dueMs = nowMs + wakePauseMs(sent);
  return { dueMs, latestMs: accepted && sent === 1 ? nowMs + WAKE_MAX_MS : dueMs };
}

/** What an alarm was set for. One for a flush is never set anew: whatever it finds in the head, it flushes. */
export type AlarmPurpose = "flush" | "wake";
export type LogAlarm = { readonly atMs: number; readonly purpose: AlarmPurpose };

/**
 * The alarm to set, or null where the one that is set (or none) will do. One that is set too early is left alone: it is answered by this
 * question.
 * @param flushDueMs null when the head is empty; @param rewaking null when no follower is behind.
 */
export function nextLogAlarm(set: LogAlarm | null, flushDueMs: number | null, rewaking: Rewaking | null): LogAlarm | null {
  const flush: LogAlarm | null =
    flushDueMs !== null && (set === null || (set.purpose === "wake" && flushDueMs < set.atMs))
      ? { atMs: flushDueMs, purpose: "flush" }
      : null;
  const planned = flush ?? set;
  if (rewaking === null || (planned !== null && planned.atMs <= rewaking.latestMs)) return flush;
  return { atMs: rewaking.dueMs, purpose: "wake" };
}
