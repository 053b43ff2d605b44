/** Plays many seeds in threads. */
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Played } from "./play.ts";
import type { Order } from "./worker.ts";

const SCRIPT = join(import.meta.dirname, "worker.ts");
/** A thread that has played this many makes room for a fresh one: what the real code keeps for an isolate's life grows. */
const SEEDS_PER_THREAD = 2_000;

/** Plays one after another. @param next the seed to play; null: no more. @param played takes what came of each. */
async function playInThread(
  script: string,
  next: () => Order | null,
  played: (result: Played) => void,
): Promise<"worn" | "done"> {
  const thread = new Worker(script, { execArgv: ["--disable-warning=ExperimentalWarning"] });
  try {
    return await new Promise((resolve, reject) => {
      let count = 0;
      const order = (): void => {
        if (count++ === SEEDS_PER_THREAD) return resolve("worn");
        const what = next();
        if (what === null) resolve("done");
        else thread.postMessage(what, []);
      };
      thread.on("error", reject);
      thread.on("message", (result: Played) => {
        played(result);
        order();
      });
      order();
    });
  } finally {
    await thread.terminate();
  }
}

/** @param seeds in any order; @param threads at once; @param played is called for each, and says whether to go on; @param script of a thread. */
export async function playAll(
  seeds: Iterable<number>,
  threads: number,
  keepTrace: boolean,
  played: (result: Played) => boolean,
  script: string = SCRIPT,
): Promise<void> {
  const left = seeds[Symbol.iterator]();
  let goesOn = true;
  const next = (): Order | null => {
    const { value, done } = goesOn ? left.next() : { value: 0, done: true };
    return done === true ? null : { seed: value as number, keepTrace };
  };
  const take = (result: Played): void => {
    goesOn = played(result) && goesOn;
  };
  const run = async (): Promise<void> => {
    while ((await playInThread(script, next, take)) === "worn");
  };
  await Promise.all(Array.from({ length: threads }, run));
}

export function* seedsFrom(first: number, count: number): Generator<number> {
  for (let seed = first; seed < first + count; seed++) yield seed;
}
