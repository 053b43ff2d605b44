/** Finds out who sent a request, by its headers and its raw body. */
import { API_KEY_PREFIX } from "../../domain/identity/api-key.ts";
import type { Principal } from "../../domain/identity/principal.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { type Result, err } from "../../domain/shared/result.ts";
import type { Guard } from "../platform/guard.ts";
import { type ApiKeyLookUp, checkApiKey } from "./api-key-check.ts";
import type { AuthProblem } from "./auth-problem.ts";
import type { IssuerConfig } from "./issuers.ts";
import { freshnessOf } from "./freshness.ts";
import { type HttpSignatureDeps, SIGNATURE_INPUT_HEADER, checkHttpSignature } from "./http-signature/check.ts";
import { type DecisionOutcome, createJwtVerifier } from "./jwt.ts";
import { SIGNATURE_HEADER, type SignedRequest, type TrunkSecrets, checkSignedRequest } from "./signed-request.ts";
import type { TrustLookUp } from "./tenant-issuers.ts";

/** Whose issuers a token is looked up among, where it does not say so itself and no issuer of the deployment made it. */
const TENANT_HEADER = "trunkline-tenant";

export type AuthDeps = {
  /** Unix milliseconds. */
  nowMs(): number;
  readonly issuers: readonly IssuerConfig[];
  /** The record of a key, from the tenant's configuration; null when there is none. */
  readonly apiKey: ApiKeyLookUp;
  readonly trunkKeys: HttpSignatureDeps["trunkKeys"];
  readonly nonces: HttpSignatureDeps["nonces"];
  /** What a tenant has in force about tokens. */
  readonly trust: TrustLookUp;
  /** Whether keys of a tenant's issuer may be fetched from there; absent: from everywhere. */
  readonly mayFetch?: (url: string) => boolean;
  /** What key sets are fetched through; absent: deadlines alone. */
  readonly guard?: Guard;
  /** Told of every key that got in. */
  readonly onKeyUsed?: (tenant: TenantId, keyId: string) => void;
  /** Whether a token's decision was remembered; told of every token. */
  readonly onDecision?: (outcome: DecisionOutcome) => void;
};

export type Authenticator = {
  /** Rejects only when a look-up of `AuthDeps` does; everything that a caller can cause is an `AuthProblem`. */
  authenticate(request: SignedRequest): Promise<Result<Principal, AuthProblem>>;
  /** Whether the deployment itself trusts tokens with this `iss`: then no tenant can bring it. */
  isOfDeployment(issuer: string): boolean;
};

/** Whether somebody signed the request: then its body is needed to know who. */
export function isSigned(headers: Headers): boolean {
  return headers.has(SIGNATURE_HEADER) || headers.has(SIGNATURE_INPUT_HEADER);
}

/** RFC 6750 §2.1; schemes are compared without regard to case (RFC 9110 §11.1). */
const BEARER = /^bearer +([^ ]+)$/i;
/** How subjects of API keys begin. */
const KEY_SUBJECT = "key:";

/**
 * An authenticator. It holds the issuers' keys: make one per isolate.
 *
 * One kind of credentials decides, the first that is there: a signature (of Standard Webhooks, of RFC 9421), an API key (`Authorization:
 * Bearer tlk_…` or `X-Api-Key`), a token (`Authorization: Bearer <jwt>`). When it is no good the next is not tried: a request that is half
 * forged is forged.
 */
export function createAuthenticator(deps: AuthDeps): Authenticator {
  const { issuers, apiKey, trunkKeys, onKeyUsed } = deps;
  const jwt = createJwtVerifier({ ...deps, nowMs: () => deps.nowMs() });
  const trunkSecrets: TrunkSecrets = async (tenant, trunk) => (await trunkKeys(tenant, trunk)).map(({ stored }) => stored);

  function noteUse(result: Result<Principal, AuthProblem>): Result<Principal, AuthProblem> {
    if (result.ok && result.value.subject.startsWith(KEY_SUBJECT))
      onKeyUsed?.(result.value.tenant, result.value.subject.slice(KEY_SUBJECT.length));
    return result;
  }

  return {
    isOfDeployment: (issuer) => issuers.some((one) => one.issuer === issuer),
    async authenticate(request) {
      const { headers } = request;
      if (headers.has(SIGNATURE_HEADER)) return checkSignedRequest(request, trunkSecrets, deps.nowMs());
      if (headers.has(SIGNATURE_INPUT_HEADER)) return noteUse(await checkHttpSignature(request, deps, deps.nowMs()));
      const authorization = headers.get("authorization");
      const bearer = authorization === null ? null : (BEARER.exec(authorization)?.[1] ?? null);
      const key = bearer?.startsWith(API_KEY_PREFIX) ? bearer : headers.get("x-api-key");
      if (key !== null) return noteUse(await checkApiKey(key, apiKey, request, deps.nowMs()));
      if (bearer !== null) return jwt.verify(bearer, freshnessOf(headers.get("cache-control")), headers.get(TENANT_HEADER));
      return err({ tag: authorization === null ? "missing_credentials" : "bad_credentials" });
    },
  };
}
