/**
 * `npm run admin -- create-tenant <id> [--name "Name"]`: makes a tenant and prints a key of its first administrator, alone on stdout. For a
 * tenant that exists it makes another such key.
 */
import { parseArgs } from "node:util";
import { LANE_TOKEN_HEADER, laneToken, tenantPurpose } from "../../adapters/identity/lane-token.ts";
import { OperatorError } from "../operator/deployment.ts";
import { DEFAULT_PORT, DEFAULT_STATE_DIR } from "../paths.ts";
import { readSecrets } from "../secrets.ts";
import { type AdminCommand, UsageError } from "./command.ts";

const DEADLINE_MS = 30_000;

type Wanted = { readonly id: string; readonly name: string };

function wantedBy(words: readonly string[]): Wanted {
  const { values, positionals } = parsed(words);
  const [id, ...more] = positionals;
  if (id === undefined || more.length > 0) throw new UsageError("one tenant is to be named");
  return { id, name: values.name ?? id };
}

function parsed(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options: { name: { type: "string" } }, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** The standard Worker: it alone makes tenants, and has Postgres. */
export function findStandard(): { readonly url: string; readonly configKey: string } {
  const { TRUNKLINE_URL: url, CONFIG_KEY: configKey, PORT } = process.env;
  if ((url === undefined) !== (configKey === undefined)) throw new UsageError("TRUNKLINE_URL and CONFIG_KEY go together.");
  if (url !== undefined && configKey !== undefined) return { url: url.replace(/\/+$/, ""), configKey };
  const secrets = readSecrets(DEFAULT_STATE_DIR);
  if (secrets === undefined) throw new OperatorError("The system has never been started here: run `npm start` first.");
  return { url: `http://127.0.0.1:${Number(PORT ?? DEFAULT_PORT) + 1}`, configKey: secrets.configKey };
}

async function ask({ id, name }: Wanted): Promise<{ readonly key: string; readonly created: boolean; readonly id: string }> {
  const { url, configKey } = findStandard();
  const token = await laneToken(configKey, tenantPurpose(id), Date.now());
  const answer = await fetch(`${url}/internal/tenants`, {
    method: "POST",
    headers: { "Content-Type": "application/json", [LANE_TOKEN_HEADER]: token },
    body: JSON.stringify({ id, name }),
    signal: AbortSignal.timeout(DEADLINE_MS),
  }).catch((error: unknown) => {
    throw new OperatorError(`${url} does not answer: ${error instanceof Error ? error.message : String(error)}`);
  });
  const text = await answer.text();
  if (answer.status === 404) throw new OperatorError(`${url} does not take this configuration key, or is no standard Worker.`);
  if (answer.status === 422)
    throw new OperatorError(
      `"${id}" is no tenant: lower-case letters, digits and inner dashes, at most 32. A name has 1 to 128 characters.`,
    );
  if (answer.status !== 201) throw new OperatorError(`${url} answered ${answer.status}: ${text}`);
  return JSON.parse(text) as { readonly key: string; readonly created: boolean; readonly id: string };
}

export const createTenant: AdminCommand = {
  usage: `create-tenant <id> [--name "Name"]     makes a tenant, or another administrator's key for one that exists`,
  run: async (words) => {
    const wanted = wantedBy(words);
    const { id, key, created } = await ask(wanted);
    process.stderr.write(
      `${created ? `Tenant ${wanted.id} is there. ` : ""}Key ${id}, administrator of ${wanted.id}; shown this once:\n`,
    );
    process.stdout.write(`${key}\n`);
    return 0;
  },
};
