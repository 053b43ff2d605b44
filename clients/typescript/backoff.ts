/** How long to wait before connecting again. */

const FIRST_MS = 250;
const MAX_MS = 30_000;

/**
 * Doubles with every failure in a row, and varies by half, so that many clients do not come back at the same moment.
 * @param failures from 0.
 * @param random between 0 and 1.
 */
export function backoffMs(failures: number, random: number): number {
  const wholeMs = Math.min(MAX_MS, FIRST_MS * 2 ** Math.min(failures, 16));
  return Math.round(wholeMs * (0.5 + random / 2));
}
