/**
 * Keeps secrets that must be read again encrypted at rest: AES-256-GCM (NIST SP 800-38D) under the deployment's own key, as
 * `v1.<base64url iv>.<base64url ciphertext and tag>`. The associated data ties a sealed secret to its place: moved to another tenant or
 * trunk it does not open. What has to be sealed under a key that can be changed is sealed by data-keys.ts, which opens these, too.
 */
import { base64url } from "jose";
import type { TenantId, TrunkId } from "../../domain/shared/ids.ts";
import { type Result, err, ok } from "../../domain/shared/result.ts";
import { fromBase64, utf8 } from "./bytes.ts";

const VERSION = "v1";
const KEY_BYTES = 32;
/** The length for which GCM takes the bytes as they are. Random ones allow some 2^32 seals under one key. */
const IV_BYTES = 12;

const SEALED = /^v1\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{22,})$/;

/** Whether a text has the form of what is sealed here. */
export const isSealed = (text: string): boolean => SEALED.test(text);

export type SealProblem = "bad_key" | "bad_format" | "not_authentic";

/** The associated data for a trunk's secrets. Length-prefixed, so that no two trunks share it. */
export function trunkSealContext(tenant: TenantId, trunk: TrunkId): string {
  return `trunk-secret|${tenant.length}:${tenant}|${trunk.length}:${trunk}`;
}

async function sealingKey(keyBase64: string): Promise<CryptoKey | null> {
  const bytes = fromBase64(keyBase64);
  if (bytes === null || bytes.length !== KEY_BYTES) return null;
  return crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
}

/** The version is authenticated too, so that a later format cannot be passed off as this one. */
const gcm = (iv: Uint8Array, aad: string) => ({ name: "AES-GCM", iv, additionalData: utf8(`${VERSION}|${aad}`) });

/**
 * Seals a secret under a fresh random nonce.
 * @param keyBase64 256 bits, base64. A key of another form is a fault of the deployment and throws.
 */
export async function seal(plaintext: string, keyBase64: string, aad: string): Promise<string> {
  const key = await sealingKey(keyBase64);
  if (key === null) throw new TypeError("the sealing key is not 256 bits in base64");
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const sealed = new Uint8Array(await crypto.subtle.encrypt(gcm(iv, aad), key, utf8(plaintext)));
  return `${VERSION}.${base64url.encode(iv)}.${base64url.encode(sealed)}`;
}

/** Opens what `seal` made with the same key and associated data. */
export async function open(sealed: string, keyBase64: string, aad: string): Promise<Result<string, SealProblem>> {
  const match = SEALED.exec(sealed);
  if (match === null) return err("bad_format");
  const key = await sealingKey(keyBase64);
  if (key === null) return err("bad_key");
  try {
    const iv = Uint8Array.from(base64url.decode(match[1]!));
    const plain = await crypto.subtle.decrypt(gcm(iv, aad), key, Uint8Array.from(base64url.decode(match[2]!)));
    return ok(new TextDecoder().decode(plain));
  } catch {
    return err("not_authentic");
  }
}
