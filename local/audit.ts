/** `npm run audit -- verify`: whether the audit trails are what was written. Exit code 1 when one of them is not. */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { OPERATOR_PATHS } from "../contracts/operator.ts";
import { type AuditPeriod, type Verdict, describeFault, verifyExport, verifyTrail } from "./operator/audit.ts";
import { DEPLOYMENT_OPTIONS, DEPLOYMENT_USAGE, OperatorError, findDeployment } from "./operator/deployment.ts";
import { LANES, type Lanes, lanesOf } from "./operator/lane-client.ts";

const USAGE = `npm run audit -- verify [--tenant <tenant>] [--from <time>] [--to <time>]
                                    follows the chains in Postgres and compares them with the objects that wrote them
npm run audit -- verify --file <export.ndjson>
                                    follows the chain of an export of GET /v1/audit/export, without asking anybody

Times are RFC 3339, such as 2026-11-21T00:00:00Z. ${DEPLOYMENT_USAGE}`;
const USAGE_ERROR = 2;

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
        tenant: { type: "string" },
        from: { type: "string" },
        to: { type: "string" },
        file: { type: "string" },
      },
    });
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`, USAGE_ERROR);
  }
}

function instant(text: string): number {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? fail(`"${text}" is no time.\n\n${USAGE}`, USAGE_ERROR) : ms;
}

const say = (text: string): void => void process.stdout.write(`${text}\n`);

function isSound(name: string, { fault, entries, waiting, disputed }: Verdict): boolean {
  const later = waiting === 0 ? "" : `, ${waiting} wait for Postgres`;
  if (fault !== null) say(`${name}: ${describeFault(fault)}`);
  for (const sequence of disputed) say(`${name}: Postgres had something else for entry ${sequence} when it was handed over`);
  if (fault !== null || disputed.length > 0) return false;
  say(`${name}: ${entries} entries, whole${later}`);
  return true;
}

async function tenantsOf(lanes: Lanes): Promise<readonly string[]> {
  const { tenants } = (await lanes.standard.ask("GET", OPERATOR_PATHS.tenants)) as { tenants: string[] };
  return tenants;
}

async function verifyAll(lanes: Lanes, tenant: string | undefined, period: AuditPeriod): Promise<boolean> {
  let sound = true;
  for (const name of tenant === undefined ? await tenantsOf(lanes) : [tenant])
    for (const lane of LANES) sound = isSound(`${name} ${lane}`, await verifyTrail(lanes[lane], name, period)) && sound;
  return sound;
}

async function verifyFile(path: string): Promise<boolean> {
  const { tenant, lane, fault, entries } = await verifyExport(readFileSync(path, "utf8"));
  say(`${tenant} ${lane}: ${fault === null ? `${entries} entries, whole` : describeFault(fault)}`);
  return fault === null;
}

const { values: given, positionals } = readArguments();
if (positionals.length !== 1 || positionals[0] !== "verify") fail(USAGE, USAGE_ERROR);
const period = {
  ...(given.from === undefined ? {} : { fromMs: instant(given.from) }),
  ...(given.to === undefined ? {} : { toMs: instant(given.to) }),
};
try {
  const sound =
    given.file === undefined
      ? await verifyAll(lanesOf(findDeployment(given, process.env)), given.tenant, period)
      : await verifyFile(given.file);
  process.exitCode = sound ? 0 : 1;
} catch (error) {
  if (error instanceof OperatorError) fail(error.message);
  throw error;
}
