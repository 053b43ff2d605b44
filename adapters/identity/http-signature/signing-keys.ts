/** What a signer signs with, as it is stored: a secret of Standard Webhooks (`whsec_…`) or a public key (`ed25519:…`). */
import { type Result, err, ok } from "../../../domain/shared/result.ts";
import { fromBase64 } from "../bytes.ts";
import { parseWebhookSecret } from "../standard-webhooks.ts";

export type SignatureAlgorithm = "hmac-sha256" | "ed25519";

export type SigningKey = { readonly algorithm: SignatureAlgorithm; readonly bytes: Uint8Array };

export const PUBLIC_KEY_PREFIX = "ed25519:";
/** RFC 8032 §5.1.5. */
const ED25519_BYTES = 32;
/** Before the key in SubjectPublicKeyInfo (RFC 8410 §4): a sequence, the algorithm 1.3.101.112, a bit string. */
const SPKI_HEAD = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
const PEM = /^\s*-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----\s*$/;

/** Base64, of either alphabet. */
const toBytes = (text: string): Uint8Array | null => fromBase64(text.replaceAll("-", "+").replaceAll("_", "/"));

function ofPem(text: string): Uint8Array | null {
  const bytes = fromBase64(text.replaceAll(/\s/g, ""));
  const isEd25519 = bytes?.length === SPKI_HEAD.length + ED25519_BYTES && SPKI_HEAD.every((byte, at) => bytes[at] === byte);
  return bytes !== null && isEd25519 ? bytes.slice(SPKI_HEAD.length) : null;
}

function ofJwk(jwk: Readonly<Record<string, unknown>>): Uint8Array | null {
  const { kty, crv, x, d } = jwk;
  // Whoever sends a private key has to make a new one; to take it would hide that.
  return kty === "OKP" && crv === "Ed25519" && typeof x === "string" && d === undefined ? toBytes(x) : null;
}

/**
 * A public key as its owner writes it, as it is stored.
 * @param given PEM (RFC 7468, SubjectPublicKeyInfo), JWK (RFC 8037), or its 32 bytes in base64.
 */
export function parsePublicKey(given: unknown): Result<string, "bad_public_key"> {
  let bytes: Uint8Array | null = null;
  if (typeof given === "object" && given !== null) bytes = ofJwk(given as Record<string, unknown>);
  if (typeof given === "string") {
    const pem = PEM.exec(given);
    bytes = pem === null ? toBytes(given) : ofPem(pem[1]!);
  }
  if (bytes?.length !== ED25519_BYTES) return err("bad_public_key");
  return ok(`${PUBLIC_KEY_PREFIX}${btoa(String.fromCharCode(...bytes))}`);
}

/** Null for what is neither. */
export function signingKeyOf(stored: string): SigningKey | null {
  if (stored.startsWith(PUBLIC_KEY_PREFIX)) {
    const bytes = fromBase64(stored.slice(PUBLIC_KEY_PREFIX.length));
    return bytes?.length === ED25519_BYTES ? { algorithm: "ed25519", bytes } : null;
  }
  const secret = parseWebhookSecret(stored);
  return secret.ok ? { algorithm: "hmac-sha256", bytes: secret.value } : null;
}

const IMPORT = {
  "hmac-sha256": { name: "HMAC", hash: "SHA-256" },
  ed25519: { name: "Ed25519" },
} as const;

/** Whether the key signed this. In constant time for what is secret: the platform compares. */
export async function isSignedWith(
  { algorithm, bytes }: SigningKey,
  signature: Uint8Array,
  base: Uint8Array,
): Promise<boolean> {
  const how = IMPORT[algorithm];
  const key = await crypto.subtle.importKey("raw", bytes as Uint8Array<ArrayBuffer>, how, false, ["verify"]);
  return crypto.subtle.verify(how.name, key, signature as Uint8Array<ArrayBuffer>, base as Uint8Array<ArrayBuffer>);
}
