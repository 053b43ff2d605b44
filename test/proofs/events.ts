/**
 * `npm run prove -- events`: the event store against a naive model, on a simulated platform that fails in every way.
 *
 *   npm run prove -- events                            1,000 seeds
 *   npm run prove -- events --seeds 500 --from 1       so many, from this one on
 *   npm run prove -- events --seed 4711 --trace        one, with everything that happened
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "../../local/paths.ts";
import type { Played } from "../domain/simulation/play.ts";
import { playAll, seedsFrom } from "../domain/simulation/pool.ts";

const SCRIPT = join(ROOT, "test", "domain", "events", "store-model", "worker.ts");
const DEFAULT_SEEDS = "1000";
const PROGRESS_MS = 5_000;
const SHOWN_LINES = 60;
const MS_PER_S = 1_000;

const text = { type: "string" } as const;
const flag = { type: "boolean", default: false } as const;

function numberIn(given: string): number {
  if (/^\d{1,9}$/.test(given)) return Number(given);
  throw new Error(`"${given}" is no number`);
}

/** @returns whether everything held. */
export async function proveEvents(args: readonly string[]): Promise<boolean> {
  const { values } = parseArgs({
    args: [...args],
    options: { seeds: text, from: text, seed: text, threads: text, trace: flag, all: flag },
  });
  const first = numberIn(values.seed ?? values.from ?? "1");
  const count = values.seed === undefined ? numberIn(values.seeds ?? DEFAULT_SEEDS) : 1;
  const threads = Math.max(1, Math.min(count, numberIn(values.threads ?? "2")));
  const failed: Played[] = [];
  const startedMs = performance.now();
  let [played, actions, shownMs] = [0, 0, startedMs];
  const progress = (): string => {
    const seconds = (performance.now() - startedMs) / MS_PER_S;
    return `${played} of ${count} seeds, ${(played / seconds).toFixed(1)} seeds/s, ${actions} actions, ${failed.length} failed`;
  };
  const take = (result: Played): boolean => {
    played += 1;
    actions += result.actions;
    if (values.trace) console.log(result.trace.join("\n"));
    if (result.violated !== null) {
      failed.push(result);
      if (!values.trace && !values.all) console.error(result.trace.slice(-SHOWN_LINES).join("\n"));
      console.error(`seed ${result.seed}: ${result.violated}`);
    }
    if (performance.now() - shownMs >= PROGRESS_MS) {
      shownMs = performance.now();
      console.error(progress());
    }
    return values.all || result.violated === null;
  };
  await playAll(seedsFrom(first, count), threads, values.trace, take, SCRIPT);
  console.log(progress());
  const [worst] = failed;
  if (worst !== undefined)
    console.error(`Again, with everything that happened: npm run prove -- events --seed ${worst.seed} --trace`);
  return failed.length === 0;
}
