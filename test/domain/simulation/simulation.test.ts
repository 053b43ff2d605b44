import { beforeAll, describe, expect, it } from "vitest";
import type { Played } from "./play.ts";
import { playAll, seedsFrom } from "./pool.ts";
import { FOUND } from "./seeds.ts";

const SEEDS = 180;
const FRESH_SEEDS = 20;
const REPEATED_SEEDS = 5;
const THREADS = 2;
/** Some ten times what it takes on a small machine with nothing else to do. */
const PATIENCE_MS = 120_000;

const fresh = Date.now() % 2 ** 31;

async function resultsOf(seeds: Iterable<number>): Promise<Map<number, Played>> {
  const results = new Map<number, Played>();
  await playAll(seeds, THREADS, false, (played) => {
    results.set(played.seed, played);
    return true;
  });
  return results;
}

/** As they are to be run again. */
const failures = (results: Iterable<Played>): string[] =>
  [...results].filter(({ violated }) => violated !== null).map(({ seed, violated }) => `--seed ${seed}: ${violated}`);

async function historiesOf(seeds: Iterable<number>): Promise<string[]> {
  return [...(await resultsOf(seeds))].map(([seed, { digest }]) => `${seed} ${digest}`).toSorted();
}

describe("[VER-3] sessions, carrier, event log and projection that fail in every way", () => {
  let found: Map<number, Played>;
  beforeAll(async () => {
    found = await resultsOf(FOUND.map(([seed]) => seed));
  }, PATIENCE_MS);

  it(
    "[EVT-3] [TMR-1] [LEG-3] [PRJ-4] keep what they promised under every seed",
    async () => {
      const results = await resultsOf([...seedsFrom(1, SEEDS), ...seedsFrom(fresh, FRESH_SEEDS)]);
      expect(failures(results.values())).toEqual([]);
      expect(results.size).toBe(SEEDS + FRESH_SEEDS);
    },
    PATIENCE_MS,
  );

  it(
    "have the same history when a seed is played again",
    async () => {
      const once = await historiesOf(seedsFrom(1, REPEATED_SEEDS));
      expect(await historiesOf(seedsFrom(1, REPEATED_SEEDS))).toEqual(once);
      expect(new Set(once.map((line) => line.split(" ")[1])).size).toBe(REPEATED_SEEDS);
    },
    PATIENCE_MS,
  );

  it.each(FOUND)("seed %i: no longer that %s", (seed) => {
    expect(found.get(seed)?.violated).toBeNull();
  });
});
