/**
 * API keys: `tlk_<tenant>_<keyId>_<secret>`. The prefix lets secret scanners find a leaked key; tenant and key id find the record
 * without a search; the secret alone proves anything, and only its hash is kept.
 */
import { type TenantId, type TrunkId, parseTenantId } from "../shared/ids.ts";
import { type Result, err, ok } from "../shared/result.ts";
import type { Permission } from "./principal.ts";

export const API_KEY_PREFIX = "tlk_";

const KEY_ID_CHARS = 12;
const SECRET_BYTES = 32;

/** How many random bytes a new key takes. */
export const API_KEY_RANDOM_BYTES = KEY_ID_CHARS + SECRET_BYTES;

export type ApiKeyRecord = {
  readonly id: string;
  readonly tenant: TenantId;
  /** SHA-256 of the secret's text, hex. */
  readonly secretHash: string;
  /** Names, as in `Principal`. */
  readonly roles: readonly string[];
  /** The one trunk that the key may act for; absent: every trunk of the tenant. */
  readonly trunk?: TrunkId;
  /** What the key is good for at most; absent: everything that its roles grant. */
  readonly scopes?: readonly Permission[];
  /** Networks from which it may be used, CIDR (RFC 4632, RFC 4291); absent or empty: any. */
  readonly allowedNetworks?: readonly string[];
  /** With which its holder may sign requests instead of sending the key: `ed25519:<base64>`. */
  readonly publicKey?: string;
  /** RFC 3339. */
  readonly expiresAt?: string;
  /** RFC 3339. A record that carries it is refused from then on, whatever the time. */
  readonly revokedAt?: string;
};

export type ApiKeyParts = { readonly tenant: TenantId; readonly keyId: string; readonly secret: string };

/** A tenant's slug has no underscore, so that the first two after the prefix separate; those in the secret are its own. */
const API_KEY = /^tlk_([^_]+)_([0-9a-z]{12})_([A-Za-z0-9_-]{43})$/;

export function parseApiKey(raw: string): Result<ApiKeyParts, "bad_api_key"> {
  const match = API_KEY.exec(raw);
  if (match === null) return err("bad_api_key");
  const tenant = parseTenantId(match[1]!);
  return tenant.ok ? ok({ tenant: tenant.value, keyId: match[2]!, secret: match[3]! }) : err("bad_api_key");
}

const KEY_ID_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz";
const BASE64URL_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Base64url without padding (RFC 4648 §5). */
function base64Url(bytes: Uint8Array): string {
  let text = "";
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      text += BASE64URL_ALPHABET[(held >> bits) & 0x3f];
    }
    held &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + BASE64URL_ALPHABET[(held << (6 - bits)) & 0x3f];
}

/**
 * A new key. `text` is shown to its owner once and never stored.
 * @param random at least `API_KEY_RANDOM_BYTES` bytes from a cryptographic source.
 */
export function mintApiKey(tenant: TenantId, random: Uint8Array): { keyId: string; secret: string; text: string } {
  if (random.length < API_KEY_RANDOM_BYTES) throw new RangeError(`an API key takes ${API_KEY_RANDOM_BYTES} random bytes`);
  let keyId = "";
  // The remainder favours some characters a little, which matters to a secret and not to a name.
  for (const byte of random.subarray(0, KEY_ID_CHARS)) keyId += KEY_ID_ALPHABET[byte % KEY_ID_ALPHABET.length];
  const secret = base64Url(random.subarray(KEY_ID_CHARS, API_KEY_RANDOM_BYTES));
  return { keyId, secret, text: `${API_KEY_PREFIX}${tenant}_${keyId}_${secret}` };
}
