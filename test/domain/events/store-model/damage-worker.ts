/** A thread that damages stores. */
import { parentPort } from "node:worker_threads";
import { standInForThePlatform } from "../../simulation/hooks.ts";
import { takeOverGlobals } from "../../simulation/platform/lives.ts";
import type { Order } from "../../simulation/worker.ts";

standInForThePlatform((path) => path === "adapters/r2/gzip.ts");
takeOverGlobals();
const { playDamage } = await import("./damage.ts");

parentPort?.on("message", async ({ seed }: Order) => {
  parentPort?.postMessage(await playDamage(seed), []);
});
