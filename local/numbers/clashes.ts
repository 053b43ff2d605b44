/** What is taken for an emergency in a country although it is another short number there. */
import {
  COUNTRIES_WITH_NUMBERS,
  EMERGENCY_TEST_NUMBER,
  UNIVERSAL_NUMBERS,
  nationalNumbers,
} from "../../domain/numbers/emergency-numbers.ts";
import type { Grid } from "./country-grid.ts";
import type { ShortNumbers } from "./packages.ts";
import { shortNumberTest } from "./short-numbers.ts";

export type Clashes = {
  readonly always: ReadonlyMap<string, readonly string[]>;
  readonly near: ReadonlyMap<string, readonly string[]>;
};

/** Countries that some place is near to together. */
function neighbours({ cells, lists }: Grid): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const list of new Set(cells)) {
    for (const country of lists[list]!) {
      const others = found.get(country) ?? new Set();
      for (const other of lists[list]!) if (other !== country) others.add(other);
      found.set(country, others);
    }
  }
  return found;
}

export function clashesOf(source: ShortNumbers, grid: Grid): Clashes {
  const near = neighbours(grid);
  const known = COUNTRIES_WITH_NUMBERS.filter((country) => source.regions[country] !== undefined);
  const clashing = (country: string, numbers: Iterable<string>): readonly string[] => {
    const isShort = shortNumberTest(country, source);
    const own = nationalNumbers(country);
    return [...new Set(numbers)].filter((number) => !own.has(number) && isShort(number)).sort();
  };
  const everywhere = [...UNIVERSAL_NUMBERS, EMERGENCY_TEST_NUMBER];
  const listed = (of: (country: string) => readonly string[]) =>
    new Map(known.map((country) => [country, of(country)] as const).filter(([, numbers]) => numbers.length > 0));
  return {
    always: listed((country) => clashing(country, everywhere)),
    near: listed((country) => {
      const across = [...(near.get(country) ?? [])].flatMap((other) => [...nationalNumbers(other).keys()]);
      return clashing(
        country,
        across.filter((number) => !everywhere.includes(number)),
      );
    }),
  };
}
