/**
 * `npm run project -- --rebuild`: makes the tables of sessions and their events anew from R2, while the system runs.
 * `npm run project -- --lag`: how far the projection is behind each shard of the event log.
 */
import { parseArgs } from "node:util";
import { DEPLOYMENT_OPTIONS, DEPLOYMENT_USAGE, OperatorError, findDeployment } from "./operator/deployment.ts";
import { LANES, type Lanes, lanesOf } from "./operator/lane-client.ts";
import { emptyProjection, localOwnerUrl } from "./operator/owner.ts";
import { rebuild } from "./operator/rebuild.ts";
import { lagsOf } from "./verify/collect.ts";

const USAGE = `npm run project -- --rebuild     empties the tables of sessions and events, and fills them from R2
npm run project -- --lag         how far the projection is behind, per shard

${DEPLOYMENT_USAGE} To rebuild another one's
tables, DATABASE_OWNER_URL names the connection of their owner. Until it is done, lists are shorter than they should be.`;
const USAGE_ERROR = 2;
const MS_PER_S = 1_000;

function fail(message: string, exitCode = 1): never {
  process.stderr.write(`${message}\n`);
  process.exit(exitCode);
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        ...DEPLOYMENT_OPTIONS,
        rebuild: { type: "boolean", default: false },
        lag: { type: "boolean", default: false },
      },
    });
    if (values.rebuild === values.lag) throw new Error("either --rebuild or --lag");
    return values;
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`, USAGE_ERROR);
  }
}

async function printLag(lanes: Lanes): Promise<void> {
  for (const lane of LANES) {
    for (const { shard, next, end, oldestUnreadMs } of await lagsOf(lanes[lane])) {
      const age = oldestUnreadMs === null ? "" : `, the oldest ${((Date.now() - oldestUnreadMs) / MS_PER_S).toFixed(1)} s old`;
      process.stdout.write(`${lane.padEnd(9)}  ${shard}  ${end - next} events behind${age}\n`);
    }
  }
}

async function runRebuild(lanes: Lanes, ownerUrl: string): Promise<void> {
  const startedMs = Date.now();
  const { events, leftOut, unreadable } = await rebuild(
    lanes,
    () => emptyProjection(ownerUrl),
    ({ hours, events: soFar }, of) => process.stderr.write(`${hours} of ${of} hours, ${soFar} events\n`),
  );
  for (const key of unreadable) process.stdout.write(`unreadable: ${key}\n`);
  const seconds = ((Date.now() - startedMs) / MS_PER_S).toFixed(1);
  process.stdout.write(
    `${events} events in ${seconds} s, ${leftOut} left out. \`npm run verify\` says whether they are all there.\n`,
  );
  if (unreadable.length > 0) process.exitCode = 1;
}

const given = readArguments();
try {
  const deployment = findDeployment(given, process.env);
  const lanes = lanesOf(deployment);
  if (given.lag) await printLag(lanes);
  else {
    const ownerUrl = process.env["DATABASE_OWNER_URL"] ?? (deployment.isLocal ? localOwnerUrl() : undefined);
    if (ownerUrl === undefined)
      throw new OperatorError("DATABASE_OWNER_URL is not set: the Workers' role may not empty tables.");
    await runRebuild(lanes, ownerUrl);
  }
} catch (error) {
  if (error instanceof OperatorError) fail(error.message);
  throw error;
}
