/** A thread that plays seeds: the real store runs here, on the simulated platform. */
import { parentPort } from "node:worker_threads";
import { standInForThePlatform } from "../../simulation/hooks.ts";
import { takeOverGlobals } from "../../simulation/platform/lives.ts";
import type { Order } from "../../simulation/worker.ts";

// Checksums of gzip are what finds damage.
standInForThePlatform((path) => path === "adapters/r2/gzip.ts");
takeOverGlobals();
const { play } = await import("./play.ts");

parentPort?.on("message", async ({ seed, keepTrace }: Order) => {
  parentPort?.postMessage(await play(seed, keepTrace), []);
});
