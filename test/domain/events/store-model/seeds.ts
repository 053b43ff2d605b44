/**
 * Seeds under which something did not hold once, and what it was. A history changes with everything that takes part in it: a seed that is
 * green keeps what it found only as an example.
 */
export const FOUND: readonly (readonly [seed: number, what: string])[] = [
  [
    69,
    "segments were deleted while their shard, which had not heard that they are merged, still named their manifest: readers saw damage",
  ],
];
