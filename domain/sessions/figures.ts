/** Figures over many sessions: how many, how many answered, how long they talked, how long it took to ring, why calls failed. */
import type { Direction } from "../call/call.ts";
import type { Lane, TenantId } from "../shared/ids.ts";

export const GROUPINGS = ["trunk", "destination", "rule", "country", "none"] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** Groups beyond the largest are counted together. */
export const MAX_GROUPS = 100;
/** Of post-dial delay. */
export const PERCENTILES = [0.5, 0.95, 0.99] as const;
/** Buckets begin at multiples of their size from here, a Monday: weeks begin as ISO 8601 has them. */
export const BUCKETS_FROM = "1970-01-05T00:00:00.000Z";

/** Sessions that opened from `fromMs` until before `toMs`, Unix milliseconds. */
export type FiguresQuery = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly bucketMs: number;
  readonly by: Grouping;
  readonly lane: Lane | null;
  readonly direction: Direction | null;
};

export type Failure = { readonly disposition: string | null; readonly sipCode: number | null; readonly count: number };

/** Milliseconds, in the order of `PERCENTILES`: each the value of a call that there was. */
export type Percentiles = readonly [number, number, number];

/** The sessions of one group that opened in one bucket. What another system only records has no signalling and is not in it. */
export type Figure = {
  readonly startMs: number;
  /** Null: those that have none, such as calls that never had a destination. Also where nothing is grouped by. */
  readonly group: string | null;
  /** Of all groups beyond the largest. */
  readonly others: boolean;
  readonly sessions: number;
  /** Of which it is known what became of them: answered, or over. */
  readonly seizures: number;
  readonly answered: number;
  /** Mean from answer to end of those that were answered and are over; null: there are none. */
  readonly talkMs: number | null;
  /** From the opening to the first ringing, or to the answer where nobody reported ringing; null: neither of any. */
  readonly postDialDelayMs: Percentiles | null;
  /** Of those that failed, the most frequent first. */
  readonly failures: readonly Failure[];
};

/** @returns by bucket, then the largest group of the whole period first; buckets in which nothing opened are not there. */
export type ReadFigures = (tenant: TenantId, query: FiguresQuery) => Promise<readonly Figure[]>;
