/** When an audit trail's one alarm goes off. Times in Unix milliseconds. */

/** Entries wait this long for others that go to Postgres with them. */
export const HAND_OVER_DELAY_MS = 1_000;
const HAND_OVER_RETRY_MAX_MS = 60_000;
/** What has begun and was not heard of for so long is noted as `unknown`: longer than any request may take. */
export const BEGUN_LIMIT_MS = 180_000;

/** How long entries wait for their hand-over. @param failures since it last succeeded. */
export function handOverDelayMs(failures: number): number {
  return Math.min(HAND_OVER_RETRY_MAX_MS, HAND_OVER_DELAY_MS * 2 ** failures);
}

/** What the alarm is for; null: there is nothing of the kind. */
export type TrailDue = {
  readonly handOverMs: number | null;
  readonly oldestBegunMs: number | null;
  readonly soonestWindowMs: number | null;
};

/** When the alarm is to go off; null: not at all. */
export function trailAlarmMs({ handOverMs, oldestBegunMs, soonestWindowMs }: TrailDue): number | null {
  const times = [handOverMs, oldestBegunMs === null ? null : oldestBegunMs + BEGUN_LIMIT_MS, soonestWindowMs];
  const due = times.filter((ms) => ms !== null);
  return due.length === 0 ? null : Math.min(...due);
}
