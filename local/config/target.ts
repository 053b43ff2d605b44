/** Which system the command talks to, and as whom. */
import { parseTenantId } from "../../domain/shared/ids.ts";
import { DEFAULT_PORT, DEFAULT_STATE_DIR } from "../paths.ts";
import { DEMO_TENANT, readSecrets } from "../secrets.ts";
import { mintToken } from "../tokens.ts";
import { Trouble } from "./trouble.ts";

export type Target = { readonly url: string; readonly token: string; readonly isLocal: boolean };

type Environment = Readonly<Record<string, string | undefined>>;

function localUrl(port: string): string {
  const gate = Number(port);
  if (!Number.isInteger(gate) || gate < 1) throw new Trouble(`PORT has to be a port's number, not "${port}".`);
  return `http://127.0.0.1:${gate + 1}`;
}

/**
 * TRUNKLINE_URL and TRUNKLINE_TOKEN; without them the system that `npm start` runs, with a token made for it.
 * @throws {Trouble} when there is nothing to make a token with.
 */
export async function findTarget(environment: Environment, tenant: string | undefined): Promise<Target> {
  const given = environment["TRUNKLINE_URL"];
  if (given !== undefined && !/^https?:$/.test(URL.parse(given)?.protocol ?? ""))
    throw new Trouble(`TRUNKLINE_URL has to be a URL such as https://api.eu.trunkline.example, not "${given}".`);
  const url = given?.replace(/\/+$/, "") ?? localUrl(environment["PORT"] ?? String(DEFAULT_PORT));
  const isLocal = given === undefined;
  const token = environment["TRUNKLINE_TOKEN"];
  if (token !== undefined) {
    if (tenant !== undefined) throw new Trouble("The tenant is the one of TRUNKLINE_TOKEN: leave --tenant out.");
    return { url, token, isLocal };
  }
  const parsed = parseTenantId(tenant ?? DEMO_TENANT);
  if (!parsed.ok) throw new Trouble(`"${tenant}" is no tenant: lower-case letters, digits and dashes.`);
  if (!isLocal && !/^(127\.0\.0\.1|localhost|\[::1\])$/.test(new URL(url).hostname))
    throw new Trouble(`TRUNKLINE_TOKEN is needed for ${url}: a token or an API key of an admin.`);
  const secrets = readSecrets(DEFAULT_STATE_DIR);
  if (secrets === undefined)
    throw new Trouble(
      `No system has been started with the state folder ${DEFAULT_STATE_DIR}, so there is no key to sign a token with.\nRun \`npm start\` once, or give TRUNKLINE_URL and TRUNKLINE_TOKEN.`,
    );
  return { url, token: await mintToken(secrets, "admin", parsed.value), isLocal };
}
