import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { Played } from "../simulation/play.ts";
import { playAll } from "../simulation/pool.ts";
import { FOUND } from "./store-model/seeds.ts";

/** `npm run prove -- events` plays as many as one likes. */
const SEEDS = [1, 2, 4] as const;
const FIRST_DAMAGED = 1;
/** Some ten times what it takes on a small machine with nothing else to do. */
const PATIENCE_MS = 120_000;

const script = (name: string): string => join(import.meta.dirname, "store-model", name);

async function played(seeds: Iterable<number>, threads: number, worker: string): Promise<Map<number, Played>> {
  const results = new Map<number, Played>();
  const take = (result: Played): boolean => {
    results.set(result.seed, result);
    return true;
  };
  await playAll(seeds, threads, false, take, script(worker));
  return results;
}

const wrong = (results: ReadonlyMap<number, Played>): string[] =>
  [...results.values()].flatMap(({ seed, violated }) => (violated === null ? [] : [`--seed ${seed}: ${violated}`]));

describe("an event store in which everything fails", () => {
  let results: Map<number, Played>;
  beforeAll(async () => {
    results = await played([...SEEDS, ...FOUND.map(([seed]) => seed)], 2, "worker.ts");
  }, PATIENCE_MS);

  it("[ING-5] [STO-2] [STO-4] [STO-5] [QRY-2] [QRY-4] [QRY-5] [KEEP-3] answers at every moment as a list of its events would", () => {
    expect(wrong(results)).toEqual([]);
    expect(results.size).toBe(SEEDS.length + FOUND.length);
  });

  it.each(FOUND)("seed %i: no longer that %s", (seed) => {
    expect(results.get(seed)?.violated).toBeNull();
  });
});

describe("[STO-7] an event store of whose objects one is not what was written", () => {
  it(
    "says so, answers all else, and never what was not stored",
    async () => {
      const results = await played([FIRST_DAMAGED], 1, "damage-worker.ts");
      expect([wrong(results), results.size]).toEqual([[], 1]);
    },
    PATIENCE_MS,
  );
});
