/** A thread that plays seeds: the real objects run here, on the simulated platform. */
import { parentPort } from "node:worker_threads";
import { standInForThePlatform } from "./hooks.ts";
import { takeOverGlobals } from "./platform/lives.ts";

/** A seed to play; each is answered by what was `Played`. */
export type Order = { readonly seed: number; readonly keepTrace: boolean };

standInForThePlatform();
takeOverGlobals();
const { play } = await import("./play.ts");

parentPort?.on("message", async ({ seed, keepTrace }: Order) => {
  parentPort?.postMessage(await play(seed, keepTrace), []);
});
