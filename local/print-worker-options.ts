/**
 * Prints Miniflare's options for the environments named as arguments, as JSON on stdout. A process of its own: wrangler is large,
 * slow to load and reads the environment, and none of that should stay in the supervisor.
 */
import { join } from "node:path";
import { unstable_getMiniflareWorkerOptions as readOptions } from "wrangler";
import { ROOT } from "./paths.ts";

const options = process.argv.slice(2).map((environment) => {
  // Rules for modules concern code that Miniflare would collect itself.
  const { modulesRules: _, ...rest } = readOptions(join(ROOT, "wrangler.toml"), environment).workerOptions as Record<
    string,
    unknown
  >;
  return [environment, rest];
});
process.stdout.write(`\n${JSON.stringify(Object.fromEntries(options))}`);
