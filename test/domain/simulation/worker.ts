/** A thread that plays seeds: the real objects run here, on the simulated platform. */
import { parentPort } from "node:worker_threads";
import { standInForThePlatform } from "./hooks.ts";
import { takeOverGlobals } from "./platform/lives.ts";

/** Seeds to play one after another. */
export type Order = { readonly seeds: readonly number[]; readonly keepTrace: boolean };

standInForThePlatform();
takeOverGlobals();
const { play } = await import("./play.ts");

parentPort?.on("message", async ({ seeds, keepTrace }: Order) => {
  for (const seed of seeds) parentPort?.postMessage(await play(seed, keepTrace));
});
