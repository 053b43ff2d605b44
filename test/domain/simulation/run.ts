/**
 * `npm run simulate`: sessions, carrier, event log and projection under a seeded scheduler.
 *
 *   npm run simulate                            10,000 seeds
 *   npm run simulate -- --seeds 500 --from 1    so many, from this one on
 *   npm run simulate -- --seed 4711 --trace     one, with everything that happened
 *   npm run simulate -- --all                   does not stop at the first seed that fails
 *
 * Ends with 0 when everything held under every seed.
 */
import { parseArgs } from "node:util";
import type { Played } from "./play.ts";
import { playAll, seedsFrom } from "./pool.ts";

const DEFAULT_SEEDS = 10_000;
const DEFAULT_THREADS = 2;
const PROGRESS_MS = 5_000;
const MS_PER_S = 1_000;
const SHOWN_LINES = 60;

const { values: options } = parseArgs({
  options: {
    seeds: { type: "string" },
    from: { type: "string", default: "1" },
    seed: { type: "string" },
    threads: { type: "string", default: String(DEFAULT_THREADS) },
    trace: { type: "boolean", default: false },
    all: { type: "boolean", default: false },
  },
});

function number(text: string, name: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  console.error(`--${name} takes a whole number, not ${text}`);
  process.exit(2);
}

const first = number(options.seed ?? options.from, options.seed === undefined ? "from" : "seed");
const count = options.seed === undefined ? number(options.seeds ?? String(DEFAULT_SEEDS), "seeds") : 1;
const threads = Math.max(1, Math.min(count, number(options.threads, "threads")));

const startedMs = performance.now();
let shownMs = startedMs;
let played = 0;
let actions = 0;
const failed: Played[] = [];

function progress(): string {
  const seconds = (performance.now() - startedMs) / MS_PER_S;
  return `${played} of ${count} seeds, ${(played / seconds).toFixed(0)} seeds/s, ${actions} actions, ${failed.length} failed`;
}

await playAll(seedsFrom(first, count), threads, options.trace, (result) => {
  played += 1;
  actions += result.actions;
  if (options.trace) console.log(result.trace.join("\n"));
  if (result.violated !== null) {
    failed.push(result);
    if (!options.trace && !options.all) console.error(result.trace.slice(-SHOWN_LINES).join("\n"));
    console.error(`seed ${result.seed}: ${result.violated}`);
  }
  if (performance.now() - shownMs >= PROGRESS_MS) {
    shownMs = performance.now();
    console.error(progress());
  }
  return options.all || result.violated === null;
});

console.log(progress());
if (options.seed !== undefined) for (const { digest } of failed) console.log(`history ${digest}`);
if (failed.length > 0) {
  const [worst] = failed;
  console.error(`Again, with everything that happened: npm run simulate -- --seed ${worst?.seed} --trace`);
  process.exitCode = 1;
}
