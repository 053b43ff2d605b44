/**
 * Requests signed by RFC 9421, with `ed25519` or `hmac-sha256` ([KEY-4]). Method, target and body are covered, so that a captured request
 * is good for nothing else, and a nonce makes it good for one time only.
 */
import type { NonceStore } from "../../../domain/identity/nonce-store.ts";
import type { Principal } from "../../../domain/identity/principal.ts";
import { type TenantId, type TrunkId, parseTenantId, parseTrunkId } from "../../../domain/shared/ids.ts";
import { type Result, err, ok } from "../../../domain/shared/result.ts";
import { type ApiKeyLookUp, principalOfKey } from "../api-key-check.ts";
import type { AuthProblem } from "../auth-problem.ts";
import { utf8 } from "../bytes.ts";
import type { SignedRequest } from "../signed-request.ts";
import { isDigestOf } from "./content-digest.ts";
import { type SigningKey, isSignedWith, signingKeyOf } from "./signing-keys.ts";
import { coveredBy, isEnough, signatureBase } from "./signature-base.ts";
import { type BareItem, type InnerList, type Parameters, parseDictionary } from "./structured-fields.ts";

export const SIGNATURE_INPUT_HEADER = "signature-input";
const SIGNATURE_HEADER = "signature";

/** How long a signature is good for at most. */
const SIGNATURE_WINDOW_S = 300;
/** By how much a signer's clock may differ from ours. */
const CLOCK_TOLERANCE_S = 30;
/** Characters of the two headers each. */
const MAX_HEADER_CHARACTERS = 4_096;
const MAX_NONCE_CHARACTERS = 128;

const BAD: AuthProblem = { tag: "bad_credentials" };
const BAD_SIGNATURE: AuthProblem = { tag: "bad_signature" };

/** A secret or public key of a trunk, as it is stored. `id` null: of before its name was kept with it. */
export type TrunkKey = { readonly id: string | null; readonly stored: string };

export type HttpSignatureDeps = {
  /** Several during a rotation; empty when the trunk has none or does not exist. */
  readonly trunkKeys: (tenant: TenantId, trunk: TrunkId) => Promise<readonly TrunkKey[]>;
  readonly apiKey: ApiKeyLookUp;
  readonly nonces: NonceStore;
};

/** `<tenant>/<trunk>/<name of its secret>`, or `<tenant>/<id of an API key>`. */
type Signer =
  | { readonly kind: "trunk"; readonly tenant: TenantId; readonly trunk: TrunkId; readonly secret: string }
  | { readonly kind: "api_key"; readonly tenant: TenantId; readonly keyId: string };

function signerOf(keyId: string): Signer | null {
  const [first = "", second = "", third, ...rest] = keyId.split("/", 4);
  const tenant = parseTenantId(first);
  if (!tenant.ok || rest.length > 0) return null;
  if (third === undefined) return { kind: "api_key", tenant: tenant.value, keyId: second };
  const trunk = parseTrunkId(second);
  return trunk.ok ? { kind: "trunk", tenant: tenant.value, trunk: trunk.value, secret: third } : null;
}

type Claim = {
  readonly list: InnerList;
  readonly signature: Uint8Array;
  readonly keyId: string;
  readonly signer: Signer;
  readonly nonce: string;
  readonly createdS: number;
  readonly expiresS: number;
  /** Null: whatever the key is for. */
  readonly algorithm: string | null;
};

function stringIn(parameters: Parameters, name: string): string | null {
  const item: BareItem | undefined = parameters.get(name);
  return item?.type === "string" ? item.value : null;
}

function secondsIn(parameters: Parameters, name: string): number | null {
  const item: BareItem | undefined = parameters.get(name);
  return item?.type === "integer" && item.value >= 0 ? item.value : null;
}

function claimOf(list: InnerList, signature: Uint8Array): Claim | null {
  const { parameters } = list;
  const [keyId, nonce] = [stringIn(parameters, "keyid"), stringIn(parameters, "nonce")];
  const [createdS, expiresS] = [secondsIn(parameters, "created"), secondsIn(parameters, "expires")];
  const signer = keyId === null ? null : signerOf(keyId);
  if (keyId === null || signer === null || nonce === null || createdS === null || expiresS === null) return null;
  if (nonce === "" || nonce.length > MAX_NONCE_CHARACTERS) return null;
  if (parameters.has("alg") && stringIn(parameters, "alg") === null) return null;
  return { list, signature, keyId, signer, nonce, createdS, expiresS, algorithm: stringIn(parameters, "alg") };
}

/** The one signature that is meant for us. Others, of proxies on the way for one, name their keys otherwise. */
function claimIn(headers: Headers): Claim | null {
  const [input, given] = [headers.get(SIGNATURE_INPUT_HEADER) ?? "", headers.get(SIGNATURE_HEADER) ?? ""];
  if (Math.max(input.length, given.length) > MAX_HEADER_CHARACTERS) return null;
  const [inputs, signatures] = [parseDictionary(input), parseDictionary(given)];
  if (inputs === null || signatures === null) return null;
  const claims = [...inputs].flatMap(([label, member]) => {
    const signature = signatures.get(label);
    if (member.tag !== "list" || signature?.tag !== "item" || signature.value.type !== "bytes") return [];
    return claimOf(member, signature.value.value) ?? [];
  });
  return claims.length === 1 ? claims[0]! : null;
}

/** Whose key the signatures name, whether they hold or not; null where they name none of ours, or keys of several tenants. */
export function saidSignerOf(headers: Headers): TenantId | null {
  const input = headers.get(SIGNATURE_INPUT_HEADER) ?? "";
  const inputs = input.length > MAX_HEADER_CHARACTERS ? null : parseDictionary(input);
  const tenants = [...(inputs?.values() ?? [])].flatMap((member) => {
    const keyId = member.tag === "list" ? stringIn(member.parameters, "keyid") : null;
    return (keyId === null ? null : signerOf(keyId))?.tenant ?? [];
  });
  return new Set(tenants).size === 1 ? tenants[0]! : null;
}

/** It was made about now, and for no longer than is allowed. */
function isTimely({ createdS, expiresS }: Claim, nowMs: number): boolean {
  const nowS = nowMs / 1000;
  const lastsS = expiresS - createdS;
  return (
    lastsS > 0 && lastsS <= SIGNATURE_WINDOW_S && createdS <= nowS + CLOCK_TOLERANCE_S && nowS < expiresS + CLOCK_TOLERANCE_S
  );
}

type Known = { readonly keys: readonly SigningKey[]; readonly principal: () => Result<Principal, AuthProblem> };

async function knownSigner(request: SignedRequest, signer: Signer, deps: HttpSignatureDeps, nowMs: number): Promise<Known> {
  const { tenant } = signer;
  if (signer.kind === "api_key") {
    const record = await deps.apiKey(tenant, signer.keyId);
    const key = record?.publicKey === undefined ? null : signingKeyOf(record.publicKey);
    if (record === null || key === null) return { keys: [], principal: () => err(BAD_SIGNATURE) };
    return { keys: [key], principal: () => principalOfKey(record, signer, request, nowMs, "signature") };
  }
  const { trunk, secret } = signer;
  const stored = (await deps.trunkKeys(tenant, trunk)).filter(({ id }) => id === null || id === secret);
  const keys = stored.flatMap((one) => signingKeyOf(one.stored) ?? []);
  const principal: Principal = { tenant, subject: `trunk:${trunk}`, roles: ["integrator"], via: "signature", trunk };
  return { keys, principal: () => ok(principal) };
}

/** Checked with in vain where there is no key, so that a name that exists cannot be told by the time the answer takes. */
const NO_KEY: SigningKey = { algorithm: "hmac-sha256", bytes: new Uint8Array(32) };

async function isSignedByOne(keys: readonly SigningKey[], claim: Claim, base: Uint8Array): Promise<boolean> {
  const suited = keys.filter(({ algorithm }) => claim.algorithm === null || claim.algorithm === algorithm);
  let matches = false;
  for (const key of suited.length > 0 ? suited : [NO_KEY])
    matches = (await isSignedWith(key, claim.signature, base)) || matches;
  return matches && suited.length > 0;
}

async function isFresh({ nonces }: HttpSignatureDeps, { signer, keyId, nonce, expiresS }: Claim): Promise<boolean | null> {
  try {
    return await nonces.claim(signer.tenant, `${keyId} ${nonce}`, (expiresS + CLOCK_TOLERANCE_S) * 1000);
  } catch {
    return null;
  }
}

const ALGORITHMS: readonly (string | null)[] = [null, "hmac-sha256", "ed25519"];
const RETRY_AFTER_S = 1;

/** The principal of a request signed so. @param nowMs Unix milliseconds. */
export async function checkHttpSignature(
  request: SignedRequest,
  deps: HttpSignatureDeps,
  nowMs: number,
): Promise<Result<Principal, AuthProblem>> {
  const { headers, body } = request;
  const claim = claimIn(headers);
  const covered = claim === null ? null : coveredBy(claim.list);
  if (claim === null || covered === null || !isEnough(covered, body.length > 0)) return err(BAD);
  if (!ALGORITHMS.includes(claim.algorithm)) return err({ tag: "unsupported_algorithm" });
  if (!isTimely(claim, nowMs)) return err({ tag: "replayed_or_stale" });
  const base = signatureBase(covered, claim.list, request);
  if (base === null) return err(BAD);
  const known = await knownSigner(request, claim.signer, deps, nowMs);
  if (!(await isSignedByOne(known.keys, claim, utf8(base)))) return err(BAD_SIGNATURE);
  if (covered.has("content-digest") && !(await isDigestOf(headers.get("content-digest")!, body))) return err(BAD_SIGNATURE);
  const principal = known.principal();
  if (!principal.ok || request.isEmergency === true) return principal;
  const fresh = await isFresh(deps, claim);
  if (fresh === null) return err({ tag: "replay_unchecked", retryAfterS: RETRY_AFTER_S });
  return fresh ? principal : err({ tag: "replayed_or_stale" });
}
