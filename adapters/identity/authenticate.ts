/** Finds out who sent a request, by its headers and its raw body. */
import { API_KEY_PREFIX } from "../../domain/identity/api-key.ts";
import type { Principal } from "../../domain/identity/principal.ts";
import { type Result, err } from "../../domain/shared/result.ts";
import { type ApiKeyLookUp, checkApiKey } from "./api-key-check.ts";
import type { AuthProblem } from "./auth-problem.ts";
import type { IssuerConfig } from "./issuers.ts";
import { freshnessOf } from "./freshness.ts";
import { type DecisionOutcome, createJwtVerifier } from "./jwt.ts";
import { SIGNATURE_HEADER, type SignedRequest, type TrunkSecrets, checkSignedRequest } from "./signed-request.ts";

export type AuthDeps = {
  /** Unix milliseconds. */
  nowMs(): number;
  readonly issuers: readonly IssuerConfig[];
  /** The record of a key, from the tenant's configuration; null when there is none. */
  readonly apiKey: ApiKeyLookUp;
  readonly trunkSecret: TrunkSecrets;
  /** Whether a token's decision was remembered; told of every token. */
  readonly onDecision?: (outcome: DecisionOutcome) => void;
};

export type Authenticator = {
  /** Rejects only when a look-up of `AuthDeps` does; everything that a caller can cause is an `AuthProblem`. */
  authenticate(request: SignedRequest): Promise<Result<Principal, AuthProblem>>;
};

/** RFC 6750 §2.1; schemes are compared without regard to case (RFC 9110 §11.1). */
const BEARER = /^bearer +([^ ]+)$/i;

/**
 * An authenticator. It holds the issuers' keys: make one per isolate.
 *
 * One kind of credentials decides, the first that is there: a signature, an API key (`Authorization: Bearer tlk_…` or `X-Api-Key`),
 * a token (`Authorization: Bearer <jwt>`). When it is no good the next is not tried: a request that is half forged is forged.
 */
export function createAuthenticator(deps: AuthDeps): Authenticator {
  const jwt = createJwtVerifier(deps.issuers, () => deps.nowMs(), deps.onDecision);
  return {
    async authenticate(request) {
      const { headers } = request;
      if (headers.has(SIGNATURE_HEADER)) return checkSignedRequest(request, deps.trunkSecret, deps.nowMs());
      const authorization = headers.get("authorization");
      const bearer = authorization === null ? null : (BEARER.exec(authorization)?.[1] ?? null);
      if (bearer?.startsWith(API_KEY_PREFIX)) return checkApiKey(bearer, deps.apiKey, deps.nowMs());
      const apiKey = headers.get("x-api-key");
      if (apiKey !== null) return checkApiKey(apiKey, deps.apiKey, deps.nowMs());
      if (bearer !== null) return jwt.verify(bearer, freshnessOf(headers.get("cache-control")));
      return err({ tag: authorization === null ? "missing_credentials" : "bad_credentials" });
    },
  };
}
