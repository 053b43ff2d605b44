/** Pauses that grow. */

/** Doublings after which any pause has long reached its bound. */
const MAX_DOUBLINGS = 16;
/** A pause is longer by so much at most, so that those who began it together do not end it together. */
export const PAUSE_JITTER = 0.1;

export type PauseBounds = { readonly firstMs: number; readonly maxMs: number };

/**
 * @param doublings how often it has been prolonged, from 0. @param fraction random, from 0 to 1.
 * @returns milliseconds, not rounded: from `firstMs` to `maxMs`, and up to a tenth more.
 */
export function growingPauseMs({ firstMs, maxMs }: PauseBounds, doublings: number, fraction: number): number {
  return Math.min(maxMs, firstMs * 2 ** Math.min(doublings, MAX_DOUBLINGS)) * (1 + PAUSE_JITTER * fraction);
}
