/**
 * How an opening is repeated that its session's object has refused or not answered: the caller has been answered already, so that nobody
 * else will ask again.
 */
import { type SessionId, laneOf, timeOfId } from "../shared/ids.ts";

const FIRST_PAUSE_MS = 250;
/** Whoever is overloaded gets time: a few attempts in a row would only add to it. */
const MAX_PAUSE_MS = 2_000;
/** No attempt begins later than this after the first. The platform keeps work alive for 30 s behind an answer, and an attempt may take three. */
export const INSIST_MS = 26_000;

/**
 * @param failures attempts that have failed, at least one.
 * @param elapsedMs since the first attempt began.
 * @param jitter in [0, 1), so that calls do not return together.
 * @returns the pause before the next attempt, milliseconds; null: there is no time for another.
 */
export function openAgainAfter(failures: number, elapsedMs: number, jitter: number): number | null {
  const pauseMs = Math.round(Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), MAX_PAUSE_MS) * (0.75 + jitter / 2));
  return elapsedMs + pauseMs > INSIST_MS ? null : pauseMs;
}

/** Longer than an opening is repeated, with room for clocks that differ. */
export const OPENING_MS = 5 * 60_000;

const VERSION_DIGIT = 14;

/**
 * Whether a session that nobody has announced may be one whose opening is still being repeated: its caller has our answer, and reports on
 * it. A fresh id says when it was made; a derived one does not, and may be as young.
 */
export function mayBeOpening(id: SessionId, nowMs: number): boolean {
  if (laneOf(id) !== "emergency") return false;
  if (id[VERSION_DIGIT] !== "7") return true;
  return Math.abs(nowMs - timeOfId(id)) <= OPENING_MS;
}
