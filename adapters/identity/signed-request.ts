/**
 * Requests that a PBX signs as Standard Webhooks (standardwebhooks.com, specification 1.0): HMAC-SHA256 over `id.timestamp.body`.
 *
 * The trunk that signed is named by the header `Trunkline-Trunk: <tenant>/<trunk>` or, for software that cannot set a header, by the
 * query `?trunk=<tenant>/<trunk>`; both are accepted together only when they agree. The name needs no signature of its own: it
 * chooses the secret, and another trunk's secret does not verify. The scheme signs neither method nor path, so that a captured
 * request can be repeated within the tolerance: whatever it asks for has to be idempotent.
 */
import type { Principal } from "../../domain/identity/principal.ts";
import { type TenantId, type TrunkId, parseTenantId, parseTrunkId } from "../../domain/shared/ids.ts";
import { type Result, err, ok } from "../../domain/shared/result.ts";
import type { AuthProblem } from "./auth-problem.ts";
import { constantTimeEqual, fromBase64, utf8 } from "./bytes.ts";

export const SIGNATURE_HEADER = "webhook-signature";
export const TRUNK_HEADER = "trunkline-trunk";
export const TRUNK_PARAMETER = "trunk";

/** How far the signed time may be from now, in either direction. */
const TOLERANCE_S = 300;
/** A sender signs with each of its secrets during a rotation: two, seldom three. */
const MAX_SIGNATURES = 8;
const SECRET_PREFIX = "whsec_";
/** 192 bits, the least that the specification allows. */
const MIN_SECRET_BYTES = 24;

/** Visible ASCII: other characters do not survive a header unchanged, and the id is part of what is signed. */
const MESSAGE_ID = /^[!-~]{1,255}$/;
const UNIX_SECONDS = /^\d{1,12}$/;

const BAD: AuthProblem = { tag: "bad_credentials" };

/** The trunk's current secrets, `whsec_<base64>`, several during a rotation; empty when it has none or does not exist. */
export type TrunkSecrets = (tenant: TenantId, trunk: TrunkId) => Promise<readonly string[]>;

export type SignedRequest = { readonly headers: Headers; readonly url: URL; readonly body: Uint8Array };

/** The bytes of a `whsec_…` secret (the prefix may be missing); an error when it is not base64 or shorter than 24 bytes. */
export function parseWebhookSecret(secret: string): Result<Uint8Array, "bad_webhook_secret"> {
  const bytes = fromBase64(secret.startsWith(SECRET_PREFIX) ? secret.slice(SECRET_PREFIX.length) : secret);
  return bytes === null || bytes.length < MIN_SECRET_BYTES ? err("bad_webhook_secret") : ok(bytes);
}

type TrunkName = { readonly tenant: TenantId; readonly trunk: TrunkId };

function trunkOf(headers: Headers, url: URL): Result<TrunkName, AuthProblem> {
  const header = headers.get(TRUNK_HEADER);
  const parameters = url.searchParams.getAll(TRUNK_PARAMETER);
  const names = new Set(header === null ? parameters : [header, ...parameters]);
  const [name] = names;
  if (name === undefined || names.size !== 1) return err(BAD);
  const slash = name.indexOf("/");
  if (slash < 0) return err(BAD);
  const tenant = parseTenantId(name.slice(0, slash));
  const trunk = parseTrunkId(name.slice(slash + 1));
  return tenant.ok && trunk.ok ? ok({ tenant: tenant.value, trunk: trunk.value }) : err(BAD);
}

/** `v1,<base64>` separated by spaces; other versions are for other verifiers and are passed over. */
function signaturesIn(header: string): readonly Uint8Array[] {
  return header
    .split(" ", MAX_SIGNATURES)
    .filter((entry) => entry.startsWith("v1,"))
    .map((entry) => fromBase64(entry.slice("v1,".length)))
    .filter((bytes) => bytes !== null);
}

function signedContent(id: string, timestamp: string, body: Uint8Array): Uint8Array {
  const head = utf8(`${id}.${timestamp}.`);
  const content = new Uint8Array(head.length + body.length);
  content.set(head);
  content.set(body, head.length);
  return content;
}

async function hmac(secret: Uint8Array, content: Uint8Array): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, content));
}

/** Signed with in vain when a trunk has no secret, so that a name that exists cannot be told by the time the answer takes. */
const NO_SECRET = new Uint8Array(MIN_SECRET_BYTES);

async function anyMatches(
  secrets: readonly Uint8Array[],
  content: Uint8Array,
  signatures: readonly Uint8Array[],
): Promise<boolean> {
  let matches = false;
  for (const secret of secrets.length > 0 ? secrets : [NO_SECRET]) {
    const expected = await hmac(secret, content);
    for (const signature of signatures) matches = constantTimeEqual(signature, expected) || matches;
  }
  return matches && secrets.length > 0;
}

/**
 * The principal of a signed request: an integrator, bound to the trunk that signed.
 * @param nowMs Unix milliseconds.
 */
export async function checkSignedRequest(
  request: SignedRequest,
  trunkSecrets: TrunkSecrets,
  nowMs: number,
): Promise<Result<Principal, AuthProblem>> {
  const id = request.headers.get("webhook-id") ?? "";
  const timestamp = request.headers.get("webhook-timestamp") ?? "";
  if (!MESSAGE_ID.test(id) || !UNIX_SECONDS.test(timestamp)) return err(BAD);
  const named = trunkOf(request.headers, request.url);
  if (!named.ok) return named;
  if (Math.abs(Math.floor(nowMs / 1000) - Number(timestamp)) > TOLERANCE_S) return err({ tag: "replayed_or_stale" });
  const { tenant, trunk } = named.value;
  const secrets = (await trunkSecrets(tenant, trunk)).flatMap((text) => {
    const parsed = parseWebhookSecret(text);
    return parsed.ok ? [parsed.value] : [];
  });
  const signatures = signaturesIn(request.headers.get(SIGNATURE_HEADER) ?? "");
  if (!(await anyMatches(secrets, signedContent(id, timestamp, request.body), signatures)))
    return err({ tag: "bad_signature" });
  return ok({ tenant, subject: `trunk:${trunk}`, roles: ["integrator"], via: "signature", trunk });
}
