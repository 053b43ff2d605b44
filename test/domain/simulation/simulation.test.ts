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
const PLAYED: ReadonlySet<number> = new Set([
  ...FOUND.map(([seed]) => seed),
  ...seedsFrom(1, SEEDS),
  ...seedsFrom(fresh, FRESH_SEEDS),
]);

async function resultsOf(seeds: Iterable<number>, threads: number): Promise<Map<number, Played>> {
  const results = new Map<number, Played>();
  await playAll(seeds, threads, false, (played) => {
    results.set(played.seed, played);
    return true;
  });
  return results;
}

describe("[VER-3] sessions, carrier, event log and projection that fail in every way", () => {
  let results: Map<number, Played>;
  beforeAll(async () => {
    results = await resultsOf(PLAYED, THREADS);
  }, PATIENCE_MS);

  it("[EVT-3] [TMR-1] [LEG-3] [PRJ-4] keep what they promised under every seed", () => {
    const failed = [...results.values()].filter(({ violated }) => violated !== null);
    expect(failed.map(({ seed, violated }) => `--seed ${seed}: ${violated}`)).toEqual([]);
    expect(results.size).toBe(PLAYED.size);
  });

  it(
    "have the same history when a seed is played again, whatever was played before it",
    async () => {
      const again = await resultsOf([...seedsFrom(1, REPEATED_SEEDS)].toReversed(), 1);
      const digests = [...again.values()].map(({ digest }) => digest);
      expect([...again.keys()].map((seed) => results.get(seed)?.digest)).toEqual(digests);
      expect(new Set(digests).size).toBe(REPEATED_SEEDS);
    },
    PATIENCE_MS,
  );

  it.each(FOUND)("seed %i: no longer that %s", (seed) => {
    expect(results.get(seed)?.violated).toBeNull();
  });
});
