/** `npm run events`: the event stores of both lanes. How far merging is, merging now, and making the index anew from the segments alone. */
import { parseArgs } from "node:util";
import { DEPLOYMENT_OPTIONS, DEPLOYMENT_USAGE, OperatorError, findDeployment } from "./operator/deployment.ts";
import { type Say, compact, printStatus, rebuildIndex } from "./operator/events.ts";
import { LANES, type LaneClient, lanesOf } from "./operator/lane-client.ts";

const USAGE = `npm run events -- status            what is to be merged, per shard, and what there is, per tenant
npm run events -- compact [--now]   merges what is due; with --now also what goes on still
npm run events -- rebuild-index [--tenant <tenant>] [--from <day> --to <day>]
                                    makes manifests, indexes, catalogues and calendars anew; without days, of the last 400

Days are those of storing, such as 2026-11-21. ${DEPLOYMENT_USAGE}`;
const USAGE_ERROR = 2;
const DAY_MS = 24 * 3_600_000;
const DEFAULT_DAYS = 400;
const ISO_DAY = /^\d{4}-\d{2}-\d{2}$/;

function fail(message: string, exitCode = 1): never {
  process.stderr.write(`${message}\n`);
  process.exit(exitCode);
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        ...DEPLOYMENT_OPTIONS,
        now: { type: "boolean", default: false },
        tenant: { type: "string" },
        from: { type: "string" },
        to: { type: "string" },
      },
    });
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`, USAGE_ERROR);
  }
}

const isoDay = (ms: number): string => new Date(ms).toISOString().slice(0, "YYYY-MM-DD".length);

function dayFrom(text: string | undefined, otherwise: number): string {
  if (text === undefined) return isoDay(otherwise);
  return ISO_DAY.test(text) && !Number.isNaN(Date.parse(text)) ? text : fail(`"${text}" is no day.\n\n${USAGE}`, USAGE_ERROR);
}

const { values: given, positionals } = readArguments();
const scope = {
  tenant: given.tenant ?? null,
  from: dayFrom(given.from, Date.now() - DEFAULT_DAYS * DAY_MS),
  to: dayFrom(given.to, Date.now()),
};
const say: Say = (text) => void process.stdout.write(`${text}\n`);

const COMMANDS: Readonly<Record<string, (client: LaneClient) => Promise<boolean>>> = {
  status: async (client) => {
    await printStatus(client, say);
    return true;
  },
  compact: (client) => compact(client, given.now, say),
  "rebuild-index": (client) => rebuildIndex(client, scope, say),
};

const command = COMMANDS[positionals[0] ?? ""];
if (command === undefined || positionals.length !== 1) fail(USAGE, USAGE_ERROR);
try {
  const lanes = lanesOf(findDeployment(given, process.env));
  for (const lane of LANES) if (!(await command(lanes[lane]))) process.exitCode = 1;
} catch (error) {
  if (error instanceof OperatorError) fail(error.message);
  throw error;
}
