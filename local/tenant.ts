/**
 * `npm run tenant -- <id> [--name "Name"]`: makes a tenant and prints a key of its first administrator, alone on stdout. For a tenant that
 * exists it makes another such key. For whoever runs the deployment: it takes the configuration key, which tenants do not have.
 */
import { parseArgs } from "node:util";
import { LANE_TOKEN_HEADER, laneToken, tenantPurpose } from "../adapters/identity/lane-token.ts";
import { DEFAULT_PORT, DEFAULT_STATE_DIR } from "./paths.ts";
import { readSecrets } from "./secrets.ts";

const USAGE = `npm run tenant -- <id> [--name "Name"]     makes a tenant, or another administrator's key for one that exists

The local system is used unless TRUNKLINE_URL (of a standard Worker) and CONFIG_KEY name another one.`;
const USAGE_ERROR = 2;
const DEADLINE_MS = 30_000;

function fail(message: string, exitCode = 1): never {
  process.stderr.write(`${message}\n`);
  process.exit(exitCode);
}

function readArguments(): { id: string; name: string } {
  try {
    const { values, positionals } = parseArgs({ options: { name: { type: "string" } }, allowPositionals: true });
    const [id, ...more] = positionals;
    if (id === undefined || more.length > 0) throw new Error("one tenant is to be named");
    return { id, name: values.name ?? id };
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`, USAGE_ERROR);
  }
}

function findDeployment(): { url: string; configKey: string } {
  const { TRUNKLINE_URL: url, CONFIG_KEY: configKey, PORT } = process.env;
  if ((url === undefined) !== (configKey === undefined))
    fail(`TRUNKLINE_URL and CONFIG_KEY go together.\n\n${USAGE}`, USAGE_ERROR);
  if (url !== undefined && configKey !== undefined) return { url: url.replace(/\/+$/, ""), configKey };
  const secrets = readSecrets(DEFAULT_STATE_DIR);
  if (secrets === undefined) return fail("The system has never been started here: run `npm start` first.");
  return { url: `http://127.0.0.1:${Number(PORT ?? DEFAULT_PORT) + 1}`, configKey: secrets.configKey };
}

const { id, name } = readArguments();
const { url, configKey } = findDeployment();
const token = await laneToken(configKey, tenantPurpose(id), Date.now());
const answer = await fetch(`${url}/internal/tenants`, {
  method: "POST",
  headers: { "Content-Type": "application/json", [LANE_TOKEN_HEADER]: token },
  body: JSON.stringify({ id, name }),
  signal: AbortSignal.timeout(DEADLINE_MS),
}).catch((error: unknown) => fail(`${url} does not answer: ${error instanceof Error ? error.message : String(error)}`));
const text = await answer.text();
if (answer.status === 404) fail(`${url} does not take this configuration key, or is no standard Worker.`);
if (answer.status === 422)
  fail(`"${id}" is no tenant: lower-case letters, digits and inner dashes, at most 32. A name has 1 to 128 characters.`);
if (answer.status !== 201) fail(`${url} answered ${answer.status}: ${text}`);
const made = JSON.parse(text) as { readonly key: string; readonly created: boolean; readonly id: string };
process.stderr.write(
  `${made.created ? `Tenant ${id} is there. ` : ""}Key ${made.id}, administrator of ${id}; shown this once:\n`,
);
process.stdout.write(`${made.key}\n`);
