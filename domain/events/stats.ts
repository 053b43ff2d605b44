/** How many events of which kind happened when, added up from counts and from single events. */
import { OTHER_VALUE } from "./index/dictionaries.ts";
import { textMatches } from "./query/match.ts";
import type { EventFilter } from "./query/query.ts";
import { STAT_BUCKET_MS, type StatTuple } from "./segment.ts";
import type { EventFacts } from "./stored.ts";

export const STAT_DIMENSIONS = ["type", "direction", "status", "source"] as const;
export type StatDimension = (typeof STAT_DIMENSIONS)[number];

/** Values of the dimension that are told apart; those of the fewest events are told as others. */
export const MAX_STAT_VALUES = 100;
/** Values that are told apart while counting; what comes later counts with the others. With the most buckets they take 24 MB. */
export const MAX_COUNTED_VALUES = 1_000;

export type StatsQuery = {
  /** Of the occurrence, Unix milliseconds, from inclusive, to exclusive; whole `STAT_BUCKET_MS`. */
  readonly fromMs: number;
  readonly toMs: number;
  /** A multiple of `STAT_BUCKET_MS`. */
  readonly bucketMs: number;
  readonly by: StatDimension;
  readonly filter: Pick<EventFilter, StatDimension>;
};

export type StatBucket = {
  readonly startMs: number;
  /** By value of the dimension; the empty text: events without it. */
  readonly counts: Readonly<Record<string, number>>;
  readonly others: number;
  readonly total: number;
};
/** `exact` false: of some events it is not known whether they are asked for, and they are left out. */
export type Stats = { readonly buckets: readonly StatBucket[]; readonly total: number; readonly exact: boolean };

/** One kind of events in one stretch of `STAT_BUCKET_MS`. */
export type Counted = Readonly<Record<StatDimension, string>> & { readonly bucketMs: number; readonly count: number };

export type StatCounter = {
  readonly add: (counted: Counted) => void;
  /** Every bucket of the period, also where nothing happened. */
  readonly stats: () => Stats;
};

export function countedOf([bucketMs, type, direction, status, source, count]: StatTuple): Counted {
  return { bucketMs, type, direction, status, source, count };
}

export function countedEvent({ atMs, type, direction, status, source }: EventFacts): Counted {
  return { bucketMs: Math.floor(atMs / STAT_BUCKET_MS) * STAT_BUCKET_MS, type, direction, status, source, count: 1 };
}

/** Null: an index that has too many values does not tell. */
function isAsked({ filter }: StatsQuery, counted: Counted): boolean | null {
  const answers = STAT_DIMENSIONS.map((name): boolean | null => {
    const wanted = filter[name];
    const value = counted[name];
    if (wanted === undefined) return true;
    if (value === OTHER_VALUE) return null;
    return wanted.some((match) => (typeof match === "string" ? match === value : textMatches(match, value)));
  });
  return answers.includes(false) ? false : answers.includes(null) ? null : true;
}

type Column = { readonly counts: Float64Array; total: number };

const sumOf = (numbers: Iterable<number>): number => {
  let sum = 0;
  for (const number of numbers) sum += number;
  return sum;
};

export function createStatCounter(query: StatsQuery): StatCounter {
  const { fromMs, toMs, bucketMs, by } = query;
  const firstMs = Math.floor(fromMs / bucketMs) * bucketMs;
  const length = Math.ceil((toMs - firstMs) / bucketMs);
  const columns = new Map<string, Column>();
  const beyond = new Float64Array(length);
  let exact = true;

  function column(value: string): Column | null {
    const known = columns.get(value);
    if (known !== undefined) return known;
    if (value === OTHER_VALUE || columns.size >= MAX_COUNTED_VALUES) return null;
    const fresh: Column = { counts: new Float64Array(length), total: 0 };
    columns.set(value, fresh);
    return fresh;
  }

  return {
    add(counted) {
      if (counted.bucketMs < fromMs || counted.bucketMs >= toMs) return;
      const asked = isAsked(query, counted);
      if (asked === null) exact = false;
      if (asked !== true) return;
      const index = Math.floor((counted.bucketMs - firstMs) / bucketMs);
      const own = column(counted[by]);
      (own?.counts ?? beyond)[index]! += counted.count;
      if (own !== null) own.total += counted.count;
    },
    stats() {
      const ranked = [...columns].sort(([a, x], [b, y]) => y.total - x.total || (a < b ? -1 : 1));
      const shown = ranked.slice(0, MAX_STAT_VALUES).sort(([a], [b]) => (a < b ? -1 : 1));
      const hidden = ranked.slice(MAX_STAT_VALUES).map(([, { counts }]) => counts);
      const buckets = Array.from({ length }, (_, index): StatBucket => {
        const there = shown.flatMap(([value, { counts }]) => (counts[index] === 0 ? [] : [[value, counts[index]!] as const]));
        const others = beyond[index]! + sumOf(hidden.map((counts) => counts[index]!));
        const total = others + sumOf(there.map(([, count]) => count));
        return { startMs: firstMs + index * bucketMs, counts: Object.fromEntries(there), others, total };
      });
      return { buckets, total: sumOf(buckets.map(({ total }) => total)), exact };
    },
  };
}
