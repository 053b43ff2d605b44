/** When a message that could not be dealt with comes again. */

const RETRY_FIRST_S = 5;
const RETRY_MAX_S = 30;

/**
 * Grows with every attempt and is at least half of what it may be, so that messages that failed together do not come back together.
 * @param attempts that were made, from 1; @param fraction random, from 0 to 1.
 * @returns whole seconds, as queues count.
 */
export function retryDelayS(attempts: number, fraction: number): number {
  const longest = Math.min(RETRY_MAX_S, RETRY_FIRST_S * 2 ** (Math.max(1, attempts) - 1));
  return Math.ceil((longest * (1 + fraction)) / 2);
}
