/**
 * Encrypts personal data and secrets at rest: AES-256-GCM (NIST SP 800-38D) as `d1.<key id>.<base64url iv>.<base64url ciphertext and tag>`.
 * The associated data is the value's place (its context): moved to another row or member it does not open.
 *
 * Each key of the ring is the secret of an HKDF (RFC 5869), from which the encrypting key comes, so that no key serves two purposes.
 */
import { base64url } from "jose";
import { DERIVED_KEY_ID } from "../../contracts/data-keys.ts";
import type { Environment } from "../../contracts/environment.ts";
import { type Result, err, ok } from "../../domain/shared/result.ts";
import { fromBase64, utf8 } from "./bytes.ts";
import { isSealed as isSealedByConfigKey, open as openSealed } from "./sealing.ts";

const VERSION = "d1";
/** The length for which GCM takes the bytes as they are. Random ones allow some 2^32 seals under one key: then it is time to rotate. */
const IV_BYTES = 12;
const KEY_BITS = 256;

const SEALED = /^d1\.([a-z0-9]{1,16})\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{22,})$/;

/** `unknown_key`: the ring does not have it (any more). `not_authentic`: another place, another key of that id, or damaged. */
export type SealProblem = "bad_format" | "unknown_key" | "not_authentic";

export type DataKeys = {
  /** Seals under the current key and a fresh random nonce. @param context the value's place (`placeOf`). */
  readonly seal: (plain: string, context: string) => Promise<string>;
  /** Opens what any key of the ring has sealed for this place, and what CONFIG_KEY itself has (`seal` of sealing.ts). */
  readonly open: (sealed: string, context: string) => Promise<Result<string, SealProblem>>;
  /** Keyed hash (HMAC-SHA-256, base64url) of a text that the caller has normalised: equal texts are found by it, and nothing else is told. */
  readonly index: (text: string) => Promise<string>;
  /** Whether it was sealed under the current key. */
  readonly isCurrent: (sealed: string) => boolean;
  /** The id of the current key. */
  readonly current: string;
};

/** The place of a value, for the associated data. Length-prefixed, so that no two places share it. */
export function placeOf(kind: string, ...parts: readonly string[]): string {
  return [kind, ...parts.map((part) => `${part.length}:${part}`)].join("|");
}

/** The id of the key that a sealed value was made with; null for anything else. */
export function keyIdOf(sealed: string): string | null {
  return SEALED.exec(sealed)?.[1] ?? null;
}

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => utf8(text) as Uint8Array<ArrayBuffer>;
const decoded = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(base64url.decode(text));

async function derive(secret: Uint8Array, purpose: string): Promise<Uint8Array<ArrayBuffer>> {
  const base = await crypto.subtle.importKey("raw", Uint8Array.from(secret), "HKDF", false, ["deriveBits"]);
  const parameters = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: bytesOf(`trunkline ${purpose}`) };
  return new Uint8Array(await crypto.subtle.deriveBits(parameters, base, KEY_BITS));
}

const macKey = (bytes: Uint8Array<ArrayBuffer>): Promise<CryptoKey> =>
  crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);

async function encryptingKey(secret: Uint8Array): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", await derive(secret, "data encryption"), "AES-GCM", false, ["encrypt", "decrypt"]);
}

const macOf = async (key: CryptoKey, text: string): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.sign("HMAC", key, bytesOf(text)));

/** Version and key are authenticated too: neither can be passed off as another. */
const gcm = (iv: Uint8Array, keyId: string, context: string) => ({
  name: "AES-GCM",
  iv: Uint8Array.from(iv),
  additionalData: bytesOf(placeOf(VERSION, keyId, context)),
});

function secretOf(base64: string): Uint8Array {
  const bytes = fromBase64(base64);
  if (bytes === null) throw new TypeError("a key is not base64");
  return bytes;
}

function createDataKeysOf({ CONFIG_KEY, DATA_KEYS: ring }: KeySettings): DataKeys {
  const current = ring?.current ?? DERIVED_KEY_ID;
  const imported = new Map<string, Promise<CryptoKey>>();
  let index: Promise<CryptoKey> | undefined;

  function keyOf(id: string): Promise<CryptoKey> | null {
    const known = imported.get(id);
    if (known !== undefined) return known;
    const given = ring !== null && Object.hasOwn(ring.keys, id) ? ring.keys[id] : undefined;
    if (given === undefined && id !== DERIVED_KEY_ID) return null;
    const fresh =
      given === undefined ? derive(secretOf(CONFIG_KEY), "data keys").then(encryptingKey) : encryptingKey(secretOf(given));
    imported.set(id, fresh);
    return fresh;
  }

  const importIndex = async (): Promise<CryptoKey> => {
    const own = ring?.index === undefined ? null : secretOf(ring.index);
    return macKey(await (own === null ? derive(secretOf(CONFIG_KEY), "index key") : derive(own, "index")));
  };

  /** Secrets of before there was a ring: snapshots of then have them, and go on being read. */
  async function openByConfigKey(sealed: string, context: string): Promise<Result<string, SealProblem>> {
    const opened = await openSealed(sealed, CONFIG_KEY, context);
    return opened.ok ? opened : err(opened.error === "bad_key" ? "unknown_key" : opened.error);
  }

  return {
    current,
    seal: async (plain, context) => {
      const key = await keyOf(current);
      if (key === null) throw new TypeError("the current key is not in the ring");
      const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
      const sealed = await crypto.subtle.encrypt(gcm(iv, current, context), key, bytesOf(plain));
      return `${VERSION}.${current}.${base64url.encode(iv)}.${base64url.encode(new Uint8Array(sealed))}`;
    },
    open: async (sealed, context) => {
      const [, keyId, iv, body] = SEALED.exec(sealed) ?? [];
      if (isSealedByConfigKey(sealed)) return openByConfigKey(sealed, context);
      if (keyId === undefined || iv === undefined || body === undefined) return err("bad_format");
      const key = await keyOf(keyId);
      if (key === null) return err("unknown_key");
      try {
        const plain = await crypto.subtle.decrypt(gcm(decoded(iv), keyId, context), key, decoded(body));
        return ok(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(plain));
      } catch {
        return err("not_authentic");
      }
    },
    index: async (text) => base64url.encode(await macOf(await (index ??= importIndex()), text)),
    isCurrent: (sealed) => keyIdOf(sealed) === current,
  };
}

type KeySettings = Pick<Environment, "CONFIG_KEY" | "DATA_KEYS">;

/** The environment is one per isolate; with it go the imported keys. */
const made = new WeakMap<KeySettings, DataKeys>();

/** The keys of this deployment, imported at their first use and kept. */
export function createDataKeys(environment: KeySettings): DataKeys {
  const known = made.get(environment);
  if (known !== undefined) return known;
  const fresh = createDataKeysOf(environment);
  made.set(environment, fresh);
  return fresh;
}
