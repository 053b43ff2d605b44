/** Starts each round with another variant: none is always the first after a pause. */
export const rotated = <T>(items: readonly T[], by: number): T[] =>
  items.map((_, index) => items[(index + by) % items.length]!);
