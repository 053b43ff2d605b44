/**
 * Messages signed as Standard Webhooks (standardwebhooks.com, specification 1.0): HMAC-SHA256 over `id.timestamp.body`. The scheme signs
 * neither method nor path, so that a captured message can be repeated within the tolerance: whatever it asks for has to be idempotent, and to
 * be said in the body or the id.
 */
import { type Result, err, ok } from "../../domain/shared/result.ts";
import { constantTimeEqual, fromBase64, utf8 } from "./bytes.ts";

export const ID_HEADER = "webhook-id";
export const TIMESTAMP_HEADER = "webhook-timestamp";
export const SIGNATURE_HEADER = "webhook-signature";

/** How far the signed time may be from now, in either direction. */
const TOLERANCE_S = 300;
/** A sender signs with each of its secrets during a rotation: two, seldom three. */
const MAX_SIGNATURES = 8;
export const SECRET_PREFIX = "whsec_";
/** 192 bits, the least that the specification allows. */
const MIN_SECRET_BYTES = 24;

/** Visible ASCII: other characters do not survive a header unchanged, and the id is part of what is signed. */
const MESSAGE_ID = /^[!-~]{1,255}$/;
const UNIX_SECONDS = /^\d{1,12}$/;

/** The bytes of a `whsec_…` secret (the prefix may be missing); an error when it is not base64 or shorter than 24 bytes. */
export function parseWebhookSecret(secret: string): Result<Uint8Array, "bad_webhook_secret"> {
  const bytes = fromBase64(secret.startsWith(SECRET_PREFIX) ? secret.slice(SECRET_PREFIX.length) : secret);
  return bytes === null || bytes.length < MIN_SECRET_BYTES ? err("bad_webhook_secret") : ok(bytes);
}

/** What the headers of a message say; nothing of it is proven. */
export type Signed = { readonly id: string; readonly timestamp: string; readonly signatures: readonly Uint8Array[] };

/** `v1,<base64>` separated by spaces; other versions are for other verifiers and are passed over. */
function signaturesIn(header: string): readonly Uint8Array[] {
  return header
    .split(" ", MAX_SIGNATURES)
    .filter((entry) => entry.startsWith("v1,"))
    .map((entry) => fromBase64(entry.slice("v1,".length)))
    .filter((bytes) => bytes !== null);
}

/** Null when the headers are missing or malformed. */
export function signedHeaders(headers: Headers): Signed | null {
  const id = headers.get(ID_HEADER) ?? "";
  const timestamp = headers.get(TIMESTAMP_HEADER) ?? "";
  if (!MESSAGE_ID.test(id) || !UNIX_SECONDS.test(timestamp)) return null;
  return { id, timestamp, signatures: signaturesIn(headers.get(SIGNATURE_HEADER) ?? "") };
}

/** Whether it says that it was signed about now. @param nowMs Unix milliseconds. */
export function isTimely({ timestamp }: Signed, nowMs: number): boolean {
  return Math.abs(Math.floor(nowMs / 1000) - Number(timestamp)) <= TOLERANCE_S;
}

/** What signatures are over. */
export function signedContent(id: string, timestamp: string, body: Uint8Array): Uint8Array {
  const head = utf8(`${id}.${timestamp}.`);
  const content = new Uint8Array(head.length + body.length);
  content.set(head);
  content.set(body, head.length);
  return content;
}

export async function hmac(secret: Uint8Array, content: Uint8Array): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, content));
}

/** Signed with in vain where there is no secret, so that a name that exists cannot be told by the time the answer takes. */
const NO_SECRET = new Uint8Array(MIN_SECRET_BYTES);

/** Whether one of the secrets (`whsec_…`) signed this body. Ones that are malformed sign nothing. */
export async function isSignedBy(secrets: readonly string[], signed: Signed, body: Uint8Array): Promise<boolean> {
  const keys = secrets.flatMap((text) => {
    const parsed = parseWebhookSecret(text);
    return parsed.ok ? [parsed.value] : [];
  });
  const content = signedContent(signed.id, signed.timestamp, body);
  let matches = false;
  for (const key of keys.length > 0 ? keys : [NO_SECRET]) {
    const expected = await hmac(key, content);
    for (const signature of signed.signatures) matches = constantTimeEqual(signature, expected) || matches;
  }
  return matches && keys.length > 0;
}

/**
 * The headers that sign a message.
 * @param secret `whsec_…`; a malformed one is a fault of the deployment and throws.
 * @param id names the message: visible ASCII, at most 255 characters.
 */
export async function signatureHeaders(
  secret: string,
  id: string,
  nowMs: number,
  body: Uint8Array,
): Promise<Readonly<Record<string, string>>> {
  const key = parseWebhookSecret(secret);
  if (!key.ok) throw new TypeError("a webhook secret is not base64 of at least 24 bytes");
  const timestamp = String(Math.floor(nowMs / 1000));
  const signature = await hmac(key.value, signedContent(id, timestamp, body));
  const encoded = btoa(String.fromCharCode(...signature));
  return { [ID_HEADER]: id, [TIMESTAMP_HEADER]: timestamp, [SIGNATURE_HEADER]: `v1,${encoded}` };
}
