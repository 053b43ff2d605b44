/** `npm run token -- --role <role> [--tenant demo]`: a token for the local system, alone on stdout. */
import { parseArgs } from "node:util";
import { ROLES } from "../domain/identity/principal.ts";
import { parseTenantId } from "../domain/shared/ids.ts";
import { DEFAULT_STATE_DIR } from "./paths.ts";
import { DEMO_TENANT, readSecrets } from "./secrets.ts";
import { mintToken, parseRole } from "./tokens.ts";

const USAGE_ERROR = 2;

function fail(message: string, exitCode: number): never {
  process.stderr.write(`${message}\n`);
  process.exit(exitCode);
}

function readArguments(): { role?: string | undefined; tenant: string } {
  try {
    return parseArgs({ options: { role: { type: "string" }, tenant: { type: "string", default: DEMO_TENANT } } }).values;
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error), USAGE_ERROR);
  }
}

const { role: roleText, tenant } = readArguments();
const role = parseRole(roleText ?? "");
if (role === undefined)
  fail(
    `${roleText === undefined ? "--role is missing" : `There is no role "${roleText}"`}. Roles: ${ROLES.join(", ")}.`,
    USAGE_ERROR,
  );
if (!parseTenantId(tenant).ok) fail(`"${tenant}" is no tenant: lower-case letters, digits and dashes.`, USAGE_ERROR);
const secrets = readSecrets(DEFAULT_STATE_DIR);
if (secrets === undefined)
  fail("The system has never been started here, so there is no key to sign with: run `npm start` once.", 1);
process.stdout.write(`${await mintToken(secrets, role, tenant)}\n`);
