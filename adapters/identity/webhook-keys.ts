/**
 * What signs deliveries to an endpoint: a shared secret (HMAC-SHA256, `v1`) and a key pair (Ed25519, `v1a`), as Standard Webhooks 1.0
 * has them. Both are made together, sealed together and rotated together.
 */
import { base64url } from "jose";
import type { TenantId } from "../../domain/shared/ids.ts";
import { utf8 } from "./bytes.ts";
import type { DataKeys } from "./data-keys.ts";
import {
  ID_HEADER,
  SECRET_PREFIX,
  SIGNATURE_HEADER,
  TIMESTAMP_HEADER,
  hmac,
  parseWebhookSecret,
  signedContent,
} from "./standard-webhooks.ts";

/** 256 bits, within the 192 to 512 of the specification. */
export const WEBHOOK_SECRET_BYTES = 32;
const PUBLIC_KEY_PREFIX = "whpk_";

export type WebhookKeys = {
  /** `whsec_` and base64. */
  readonly secret: string;
  /** Of the Ed25519 key, base64url as in a JWK (RFC 8037): the private part and the public one. */
  readonly d: string;
  readonly x: string;
};

const toBase64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));

/** What an endpoint's keys are bound to. Length-prefixed, so that no two endpoints share it. */
export function webhookSealContext(tenant: TenantId, endpoint: string): string {
  return `webhook|${tenant.length}:${tenant}|${endpoint.length}:${endpoint}`;
}

/** @param random `WEBHOOK_SECRET_BYTES` random bytes; the key pair brings its own. */
export async function mintWebhookKeys(random: Uint8Array): Promise<WebhookKeys> {
  const pair = (await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"])) as CryptoKeyPair;
  const { d, x } = (await crypto.subtle.exportKey("jwk", pair.privateKey)) as JsonWebKey;
  return { secret: SECRET_PREFIX + toBase64(random), d: d!, x: x! };
}

/** The public key as receivers take it: `whpk_` and base64 of its 32 bytes. */
export function publicKeyOf({ x }: WebhookKeys): string {
  return PUBLIC_KEY_PREFIX + toBase64(base64url.decode(x));
}

type Sealing = Pick<DataKeys, "seal">;
type Opening = Pick<DataKeys, "open">;

export function sealWebhookKeys(keys: WebhookKeys, by: Sealing, tenant: TenantId, endpoint: string): Promise<string> {
  return by.seal(JSON.stringify(keys), webhookSealContext(tenant, endpoint));
}

/** Null for what was sealed elsewhere, or under another key. */
async function openWebhookKeys(sealed: string, by: Opening, tenant: TenantId, endpoint: string): Promise<WebhookKeys | null> {
  const opened = await by.open(sealed, webhookSealContext(tenant, endpoint));
  return opened.ok ? (JSON.parse(opened.value) as WebhookKeys) : null;
}

/** Those of them that open. */
export async function openAllKeys(
  sealed: readonly string[],
  by: Opening,
  tenant: TenantId,
  endpoint: string,
): Promise<readonly WebhookKeys[]> {
  const opened = await Promise.all(sealed.map((text) => openWebhookKeys(text, by, tenant, endpoint)));
  return opened.filter((keys) => keys !== null);
}

async function ed25519({ d, x }: WebhookKeys, content: Uint8Array): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey("jwk", { kty: "OKP", crv: "Ed25519", d, x }, "Ed25519", false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("Ed25519", key, content as Uint8Array<ArrayBuffer>));
}

async function signaturesOf(keys: WebhookKeys, content: Uint8Array): Promise<readonly string[]> {
  const secret = parseWebhookSecret(keys.secret);
  if (!secret.ok) throw new TypeError("a webhook secret is not base64 of at least 24 bytes");
  return [`v1,${toBase64(await hmac(secret.value, content))}`, `v1a,${toBase64(await ed25519(keys, content))}`];
}

/**
 * The headers of a delivery, signed with all of the keys.
 * @param id of the event: visible ASCII. @param body as it is sent.
 */
export async function deliveryHeaders(
  keys: readonly WebhookKeys[],
  id: string,
  nowMs: number,
  body: string,
): Promise<Readonly<Record<string, string>>> {
  const timestamp = String(Math.floor(nowMs / 1_000));
  const content = signedContent(id, timestamp, utf8(body));
  const signatures = await Promise.all(keys.map((one) => signaturesOf(one, content)));
  return { [ID_HEADER]: id, [TIMESTAMP_HEADER]: timestamp, [SIGNATURE_HEADER]: signatures.flat().join(" ") };
}
