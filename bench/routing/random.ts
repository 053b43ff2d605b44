/** The same numbers every time: mulberry32. */
export type Random = {
  /** An integer from 0 to below `bound`. */
  readonly below: (bound: number) => number;
  readonly digits: (count: number) => string;
  readonly of: <T>(values: readonly T[]) => T;
  /** True in so many of a hundred cases. */
  readonly percent: (share: number) => boolean;
};

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (bound: number): number => Math.floor(next() * bound);
  return {
    below,
    digits: (count) => Array.from({ length: count }, () => below(10)).join(""),
    of: (values) => values[below(values.length)]!,
    percent: (share) => next() * 100 < share,
  };
}
