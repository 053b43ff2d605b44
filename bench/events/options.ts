/** How much `bench -- events` measures. */
import type { Options } from "../options.ts";
import { type CostPlan, FULL, QUICK } from "./cost.ts";
import type { Sending } from "./ingest.ts";
import { BATCH } from "./ingest.ts";

export const PARTS = ["ingest", "read", "memory", "cost"] as const;
export type Part = (typeof PARTS)[number];

export type Plan = {
  readonly parts: readonly Part[];
  readonly rounds: number;
  readonly single: Sending;
  readonly batch: Sending;
  /** Taken in batches until all are in R2. */
  readonly sustainedEvents: number;
  /** How many events are stored when questions are asked. */
  readonly sizes: readonly number[];
  /** How often each question is asked. */
  readonly times: number;
  /** Of the days that are merged with a small heap. */
  readonly mergedDays: readonly number[];
  readonly cost: CostPlan;
};

const DEFAULT_SIZES = [50_000, 500_000, 5_000_000] as const;
const QUICK_SIZES = [50_000] as const;
const HEAD_START = 1_000;

export function planOf({ only, rounds, quick, events }: Options): Plan {
  const unknown = only.find((name) => !(PARTS as readonly string[]).includes(name));
  if (unknown !== undefined) throw new Error(`--only knows ${PARTS.join(", ")}`);
  const largest = events ?? (quick ? QUICK_SIZES[0] : DEFAULT_SIZES[2]);
  const sizes = [...new Set([...DEFAULT_SIZES.filter((size) => size < largest), largest])];
  return {
    parts: only.length === 0 ? PARTS : PARTS.filter((part) => only.includes(part)),
    rounds: quick ? 1 : rounds,
    single: { name: "single", perRequest: 1, warmUp: HEAD_START, requests: quick ? 4_000 : 20_000 },
    batch: { name: "batch", perRequest: BATCH, warmUp: HEAD_START / 5, requests: quick ? 600 : 5_000 },
    sustainedEvents: quick ? 100_000 : 2_000_000,
    sizes,
    times: quick ? 50 : 300,
    mergedDays: quick ? [10_000] : [150_000, 1_000_000],
    cost: quick ? QUICK : FULL,
  };
}
