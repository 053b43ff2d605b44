/** The local system's own secrets: generated at the first start, readable by nobody else, gone with `npm run reset`. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exportJWK, generateKeyPair } from "jose";
import { z } from "zod";
import { API_KEY_RANDOM_BYTES, mintApiKey } from "../domain/identity/api-key.ts";
import type { TenantId } from "../domain/shared/ids.ts";

const SIGNING_KEY_ID = "local-1";
const CONFIG_KEY_BYTES = 32;
const PASSWORD_BYTES = 24;
const WEBHOOK_SECRET_BYTES = 32;

export const DEMO_TENANT = "demo" as TenantId;
export const OTHER_TENANT = "acme" as TenantId;
/** The trunk that the Kamailio example speaks for. */
export const PBX_TRUNK = "pbx-main";

const jwk = z.record(z.string(), z.union([z.string(), z.boolean(), z.array(z.string())]));

const secretsSchema = z.strictObject({
  /** ES256; both halves as JWK (RFC 7517) with the same `kid`. */
  signing: z.strictObject({ privateKey: jwk, publicKey: jwk }),
  /** 32 bytes, base64: what the configuration's secrets are sealed with. */
  configKey: z.string(),
  /** `demo` and `acme` act for every trunk of their tenant, `pbx` for one. */
  apiKeys: z.strictObject({ demo: z.string(), pbx: z.string(), acme: z.string() }),
  /** Standard Webhooks: `whsec_` and base64. */
  webhookSecret: z.string(),
  /** Of the account at the loopback carrier, in the same form. */
  carrierSecret: z.string(),
  postgres: z.strictObject({ superuser: z.string(), owner: z.string(), app: z.string() }),
});

export type Secrets = z.infer<typeof secretsSchema>;

const secretsFile = (stateDir: string): string => join(stateDir, "secrets.json");
const password = (): string => randomBytes(PASSWORD_BYTES).toString("base64url");
const apiKey = (tenant: TenantId): string => mintApiKey(tenant, randomBytes(API_KEY_RANDOM_BYTES)).text;
const webhookSecret = (): string => `whsec_${randomBytes(WEBHOOK_SECRET_BYTES).toString("base64")}`;

async function generate(): Promise<Secrets> {
  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
  const names = { kid: SIGNING_KEY_ID, alg: "ES256", use: "sig" };
  return secretsSchema.parse({
    signing: {
      privateKey: { ...(await exportJWK(privateKey)), ...names },
      publicKey: { ...(await exportJWK(publicKey)), ...names },
    },
    configKey: randomBytes(CONFIG_KEY_BYTES).toString("base64"),
    apiKeys: { demo: apiKey(DEMO_TENANT), pbx: apiKey(DEMO_TENANT), acme: apiKey(OTHER_TENANT) },
    webhookSecret: webhookSecret(),
    carrierSecret: webhookSecret(),
    postgres: { superuser: password(), owner: password(), app: password() },
  });
}

/** What was kept before there was a carrier gets a secret for it. */
function completed(kept: unknown): unknown {
  const isOlder = typeof kept === "object" && kept !== null && !("carrierSecret" in kept);
  return isOlder ? { ...kept, carrierSecret: webhookSecret() } : kept;
}

function write(stateDir: string, secrets: Secrets): void {
  mkdirSync(stateDir, { recursive: true });
  const fresh = `${secretsFile(stateDir)}.new`;
  writeFileSync(fresh, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  renameSync(fresh, secretsFile(stateDir));
}

/** The secrets of a system that was started before; undefined when it never was. */
export function readSecrets(stateDir: string): Secrets | undefined {
  const file = secretsFile(stateDir);
  if (!existsSync(file)) return undefined;
  try {
    const kept: unknown = JSON.parse(readFileSync(file, "utf8"));
    const whole = completed(kept);
    const secrets = secretsSchema.parse(whole);
    if (whole !== kept) write(stateDir, secrets);
    return secrets;
  } catch {
    throw new Error(`${file} is damaged or of another version: \`npm run reset\` starts over`);
  }
}

export async function ensureSecrets(stateDir: string): Promise<Secrets> {
  const known = readSecrets(stateDir);
  if (known !== undefined) return known;
  const secrets = await generate();
  write(stateDir, secrets);
  return secrets;
}
