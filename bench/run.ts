/** `npm run bench -- calls`, `cost`, `live`, `routing`, `replay`, `publish`, `events`, `api` and `emergency`. */
import { writeFileSync } from "node:fs";
import { cleanUp, guardRun } from "./cleanup.ts";
import { type Options, USAGE, parseOptions } from "./options.ts";
import { benchApi } from "./api/run.ts";
import { benchCalls } from "./calls/run.ts";
import { benchCost } from "./cost/run.ts";
import { benchEmergency } from "./emergency/run.ts";
import { benchEvents } from "./events/run.ts";
import { benchLive } from "./live/run.ts";
import { benchPublish } from "./publish/run.ts";
import { benchReplay } from "./replay/run.ts";
import { benchRouting } from "./routing/run.ts";
import { createWorkspace } from "./workspace.ts";

const BENCHES = {
  calls: benchCalls,
  cost: benchCost,
  live: benchLive,
  routing: benchRouting,
  replay: benchReplay,
  publish: benchPublish,
  events: benchEvents,
  api: benchApi,
  emergency: benchEmergency,
};
const RUN_DEADLINE_MS = 45 * 60_000;

function optionsOrUsage(): Options {
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`);
    process.exit(2);
  }
}

const options = optionsOrUsage();
guardRun(RUN_DEADLINE_MS);
try {
  const workspace = await createWorkspace();
  const { text, data, missed } = await BENCHES[options.command](workspace, options);
  process.stdout.write(`${text}\n`);
  if (options.jsonFile !== undefined) writeFileSync(options.jsonFile, `${JSON.stringify(data, null, 2)}\n`);
  for (const target of missed) process.stdout.write(`MISSED ${target}\n`);
  process.exitCode = options.assert && missed.length > 0 ? 1 : 0;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await cleanUp();
}
