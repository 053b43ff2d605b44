/** When an endpoint's object has to act next. Times in Unix milliseconds. */
import type { Breaker } from "./breaker.ts";

/** What failed that is not the endpoint's: the event store, the database. */
const FIRST_AGAIN_MS = 5_000;
const MAX_AGAIN_MS = 10 * 60_000;

/** How long the object waits before it asks its Worker again. @param failures one after the other, from 1. */
export function againAfterMs(failures: number): number {
  return Math.min(MAX_AGAIN_MS, FIRST_AGAIN_MS * 2 ** Math.min(failures - 1, 10));
}

export type Duties = {
  /** When the next event may be sent; null: none waits. */
  readonly queueDueMs: number | null;
  readonly breaker: Breaker;
  /** When the event store is to be read; null: nothing is to be read, or there is no room. */
  readonly readingDueMs: number | null;
  /** When the database is to be told; null: it knows. */
  readonly settleDueMs: number | null;
  /** When old attempts are to be forgotten; null: there are none. */
  readonly trimDueMs: number | null;
};

/** Null: nothing is left to do. */
export function nextAlarmMs({ queueDueMs, breaker, readingDueMs, settleDueMs, trimDueMs }: Duties): number | null {
  const sendMs = queueDueMs === null ? null : Math.max(queueDueMs, breaker.openUntilMs ?? 0);
  const due = [sendMs, readingDueMs, settleDueMs, trimDueMs].filter((ms) => ms !== null);
  return due.length === 0 ? null : Math.min(...due);
}
