/**
 * `npm run verify`: compares session objects, event store and Postgres for a period, names every difference, and ends with 0 only when there
 * is none. What both lanes' logs hold is moved to R2 first.
 */
import { parseArgs } from "node:util";
import { DEPLOYMENT_OPTIONS, DEPLOYMENT_USAGE, OperatorError, findDeployment } from "./operator/deployment.ts";
import { lanesOf } from "./operator/lane-client.ts";
import { reportLines } from "./verify/report.ts";
import { isClean, verify } from "./verify/verify.ts";

const USAGE = `npm run verify -- [--from <time>] [--to <time>] [--wait <seconds>] [--limit <lines>]
                 [--url <emergency Worker> --standard-url <standard Worker>]

Times are RFC 3339; without them the last 7 days until now. ${DEPLOYMENT_USAGE}`;
const USAGE_ERROR = 2;
const DAY_MS = 24 * 3_600_000;
const DEFAULT_DAYS = 7;
const MS_PER_S = 1_000;

function fail(message: string, exitCode = 1): never {
  process.stderr.write(`${message}\n`);
  process.exit(exitCode);
}

function readArguments() {
  try {
    return parseArgs({
      options: {
        ...DEPLOYMENT_OPTIONS,
        from: { type: "string" },
        to: { type: "string" },
        wait: { type: "string", default: "60" },
        limit: { type: "string", default: "200" },
      },
    }).values;
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`, USAGE_ERROR);
  }
}

function instant(text: string | undefined, otherwise: number): number {
  const ms = text === undefined ? otherwise : Date.parse(text);
  return Number.isNaN(ms) ? fail(`"${text}" is no time.\n\n${USAGE}`, USAGE_ERROR) : ms;
}

function count(text: string, option: string): number {
  return /^\d{1,6}$/.test(text) ? Number(text) : fail(`${option} takes a number, not "${text}".\n\n${USAGE}`, USAGE_ERROR);
}

const given = readArguments();
const toMs = instant(given.to, Date.now());
const fromMs = instant(given.from, toMs - DEFAULT_DAYS * DAY_MS);
if (fromMs >= toMs) fail(`--from has to be before --to.\n\n${USAGE}`, USAGE_ERROR);
const waitMs = count(given.wait, "--wait") * MS_PER_S;
const limit = count(given.limit, "--limit");
try {
  const lanes = lanesOf(findDeployment(given, process.env));
  const period = { fromMs, toMs };
  const outcome = await verify(lanes, period, waitMs, (text) => process.stderr.write(`${text}\n`));
  process.stdout.write(`${reportLines(outcome, period, limit).join("\n")}\n`);
  process.exitCode = isClean(outcome) ? 0 : 1;
} catch (error) {
  if (error instanceof OperatorError) fail(error.message);
  throw error;
}
