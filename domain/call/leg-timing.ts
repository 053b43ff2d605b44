/** How long a carrier is waited for, and when it is asked again. */

/** No call is sent to more destinations than this, redirects included. */
export const MAX_LEGS = 32;
/** A carrier that has not taken a leg after so many requests does not. */
export const MAX_PLACE_ATTEMPTS = 3;
/** A request has its answer by then, or has none: longer than any carrier's own deadline. */
export const ANSWER_MS = 2_500;
/** So long after a leg was given up the next one is dialled, though the carrier has not confirmed: the caller is waiting. */
export const CANCEL_DEADLINE_MS = 3_000;
/** So long a leg that was given up is cancelled again and again; after it the carrier's own ring timeout has to end it. */
export const ENDING_MS = 60_000;

const PAUSE_FIRST_MS = 500;
const PAUSE_MAX_MS = 8_000;

/** The pause after `asked` requests in vain, from 1. @param jitter in [0, 1), so that calls do not return to a carrier together. */
export function pauseMs(asked: number, jitter: number): number {
  const pause = Math.min(PAUSE_FIRST_MS * 2 ** Math.max(0, asked - 1), PAUSE_MAX_MS);
  return Math.round(pause * (0.75 + jitter / 2));
}
