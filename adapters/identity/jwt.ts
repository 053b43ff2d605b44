/** Bearer tokens: JSON Web Tokens (RFC 7519) of trusted issuers, verified as RFC 8725 advises. */
import { type JWTHeaderParameters, type JWTPayload, decodeJwt, decodeProtectedHeader, errors, jwtVerify } from "jose";
import type { Principal } from "../../domain/identity/principal.ts";
import type { TenantIssuer } from "../../domain/identity/tenant-issuer.ts";
import { type Result, err, ok } from "../../domain/shared/result.ts";
import type { AuthProblem } from "./auth-problem.ts";
import { toHex } from "../../domain/shared/hex.ts";
import { sha256 } from "./bytes.ts";
import { principalByDeployment, principalByTenant, tenantMeant } from "./claims.ts";
import { DecisionCache } from "./decision-cache.ts";
import { ANY_AGE, type Freshness } from "./freshness.ts";
import type { Algorithm, IssuerConfig } from "./issuers.ts";
import type { Guard } from "../platform/guard.ts";
import { type KeySource, keySource } from "./key-source.ts";
import { TenantKeySets, type TrustLookUp } from "./tenant-issuers.ts";

/** Larger tokens are refused unread. */
export const MAX_TOKEN_BYTES = 8 * 1024;
/** By how much an issuer's clock may differ from ours. */
const CLOCK_TOLERANCE_S = 30;
/** Tokens that say they are for something else than access are not taken for it (RFC 8725 §3.11, RFC 9068 §2.1). */
const TYPES: readonly unknown[] = [undefined, "jwt", "application/jwt", "at+jwt", "application/at+jwt"];

/** What a token is verified by. */
type Issuer = {
  readonly config: { readonly issuer: string; readonly audience: string; readonly algorithms: readonly Algorithm[] };
  readonly keys: KeySource;
  readonly principalOf: (payload: JWTPayload) => Result<Principal, AuthProblem>;
  /** Where a tenant has brought it. */
  readonly own?: TenantIssuer;
};

/** What a token says of itself, unproven: enough to choose the key with. */
type Claimed = { readonly header: JWTHeaderParameters; readonly payload: JWTPayload };

type Verified = { readonly principal: Principal; readonly expiresMs: number; readonly own?: TenantIssuer | undefined };

const BAD: AuthProblem = { tag: "bad_credentials" };
const WRONG_ISSUER: AuthProblem = { tag: "wrong_issuer" };

/** What the library's refusal means to the caller. */
function problemOf(error: unknown): AuthProblem {
  if (error instanceof errors.JWTExpired) return { tag: "expired" };
  if (error instanceof errors.JWSSignatureVerificationFailed) return { tag: "bad_signature" };
  if (error instanceof errors.JOSEAlgNotAllowed) return { tag: "unsupported_algorithm" };
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === "aud") return { tag: "wrong_audience" };
    if (error.claim === "iss") return WRONG_ISSUER;
    if (error.claim === "nbf" && error.reason === "check_failed") return { tag: "not_yet_valid" };
    return BAD;
  }
  // A key that does not suit the algorithm (an RSA modulus that is too short, for one) comes as a TypeError of the library.
  if (error instanceof errors.JOSEError || error instanceof TypeError) return BAD;
  throw error;
}

function claimsOf(token: string): Claimed | null {
  try {
    const header = decodeProtectedHeader(token) as JWTHeaderParameters;
    const type: unknown = header.typ;
    const isOfUs = TYPES.includes(typeof type === "string" ? type.toLowerCase() : type);
    // Whatever is critical is an extension that nobody here understands (RFC 7515 §4.1.11).
    return isOfUs && !("crit" in header) ? { header, payload: decodeJwt(token) } : null;
  } catch {
    return null;
  }
}

/** `bypass`: there was a decision, or there may have been one, and the request asked for a new one. */
export const DECISION_OUTCOMES = ["hit", "miss", "bypass"] as const;
export type DecisionOutcome = (typeof DECISION_OUTCOMES)[number];

export type JwtDeps = {
  /** Those of the deployment. */
  readonly issuers: readonly IssuerConfig[];
  /** Unix milliseconds. */
  readonly nowMs: () => number;
  /** Is told of every token, good or not, whether a decision of before was taken. */
  readonly onDecision?: ((outcome: DecisionOutcome) => void) | undefined;
  /** What a tenant has in force. What it gives is the same object as long as nothing has changed. */
  readonly trust: TrustLookUp;
  /** Whether keys of a tenant's issuer may be fetched from there; absent: from everywhere. */
  readonly mayFetch?: ((url: string) => boolean) | undefined;
  /** What key sets are fetched through; absent: deadlines alone. */
  readonly guard?: Guard | undefined;
};

export type JwtVerifier = {
  /**
   * Rejects only when `JwtDeps.trust` does.
   * @param token the compact serialisation, without the scheme.
   * @param freshness which decisions of before the request takes.
   * @param chosen the tenant that the request means; null: it says none. A token of another tenant is refused.
   */
  verify(token: string, freshness?: Freshness, chosen?: string | null): Promise<Result<Principal, AuthProblem>>;
};

/** Holds the issuers' keys and the decisions of the last minutes: make one per isolate, not one per request. */
export function createJwtVerifier({ issuers, nowMs, onDecision, trust, mayFetch, guard }: JwtDeps): JwtVerifier {
  const ofDeployment = new Map<unknown, Issuer>(
    issuers.map((config) => {
      const principalOf = (payload: JWTPayload) => principalByDeployment(payload, config);
      return [config.issuer, { config, keys: keySource(config, nowMs, guard), principalOf }] as const;
    }),
  );
  const keySets = new TenantKeySets(nowMs, mayFetch, guard);
  const decisions = new DecisionCache();
  /** Decisions that an issuer of a tenant's own led to: they hold as long as the tenant keeps it as it was. */
  const madeBy = new WeakMap<Principal, TenantIssuer>();

  /** Who may have issued the token. An issuer of the deployment is nobody else's. */
  async function issuersFor({ payload }: Claimed, chosen: string | null): Promise<readonly Issuer[]> {
    const known = ofDeployment.get(payload.iss);
    if (known !== undefined) return [known];
    const tenant = typeof payload.iss === "string" ? tenantMeant(payload, chosen) : null;
    const trusted = tenant === null ? null : await trust(tenant);
    if (tenant === null || trusted === null) return [];
    return (trusted.issuers.get(payload.iss!) ?? []).map((own) => ({
      config: own,
      keys: keySets.of(tenant, own),
      principalOf: (claims) => principalByTenant(claims, tenant, own, trusted),
      own,
    }));
  }

  async function payloadOf(
    token: string,
    header: JWTHeaderParameters,
    { config, keys: source }: Issuer,
  ): Promise<Result<JWTPayload, AuthProblem>> {
    if (!(config.algorithms as readonly unknown[]).includes(header.alg)) return err({ tag: "unsupported_algorithm" });
    const keys = await source.keysFor(header);
    if (!keys.ok) {
      return keys.error.tag === "unreachable"
        ? err({ tag: "issuer_unreachable", retryAfterS: keys.error.retryAfterS })
        : err({ tag: "bad_signature" });
    }
    let problem: AuthProblem = { tag: "bad_signature" };
    for (const key of keys.value) {
      try {
        const verified = await jwtVerify(token, key, {
          algorithms: [...config.algorithms],
          issuer: config.issuer,
          audience: config.audience,
          requiredClaims: ["exp", "sub"],
          clockTolerance: CLOCK_TOLERANCE_S,
          currentDate: new Date(nowMs()),
        });
        return ok(verified.payload);
      } catch (error) {
        problem = problemOf(error);
        // Another key may have signed; a claim is wrong under every key.
        if (problem.tag !== "bad_signature") break;
      }
    }
    return err(problem);
  }

  async function verify(token: string, chosen: string | null): Promise<Result<Verified, AuthProblem>> {
    const claimed = claimsOf(token);
    if (claimed === null) return err(BAD);
    const asked = await issuersFor(claimed, chosen);
    // All at once: keys of several that do not answer are waited for as long as those of one.
    const attempts = asked.map((issuer) => payloadOf(token, claimed.header, issuer));
    void Promise.allSettled(attempts);
    let problem = WRONG_ISSUER;
    for (const [at, issuer] of asked.entries()) {
      const payload = await attempts[at]!;
      if (!payload.ok) {
        // Whose keys could not be had may be the one that made it.
        if (problem.tag !== "issuer_unreachable") problem = payload.error;
        continue;
      }
      const principal = issuer.principalOf(payload.value);
      if (!principal.ok) return principal;
      if (chosen !== null && principal.value.tenant !== chosen) return err(BAD);
      return ok({ principal: principal.value, expiresMs: payload.value.exp! * 1000, own: issuer.own });
    }
    return err(problem);
  }

  async function stillHolds(principal: Principal): Promise<boolean> {
    const own = madeBy.get(principal);
    if (own === undefined) return true;
    return (await trust(principal.tenant))?.issuers.get(own.issuer)?.includes(own) === true;
  }

  return {
    async verify(token, freshness = ANY_AGE, chosen = null) {
      if (token.length > MAX_TOKEN_BYTES) return err(BAD);
      const digest = toHex(await sha256(token));
      // For each tenant that is named a decision of its own: what holds for one must not be told to another.
      const key = chosen === null ? digest : `${digest} ${chosen}`;
      const kept = decisions.get(key, nowMs(), freshness.maxAgeMs);
      const decided = kept !== null && (!madeBy.has(kept) || (await stillHolds(kept))) ? kept : null;
      onDecision?.(decided !== null ? "hit" : freshness === ANY_AGE ? "miss" : "bypass");
      if (decided !== null) return ok(decided);
      const result = await verify(token, chosen);
      if (!result.ok) return result;
      const { principal, expiresMs, own } = result.value;
      if (own !== undefined) madeBy.set(principal, own);
      if (freshness.isKept) decisions.put(key, principal, nowMs(), expiresMs);
      return ok(principal);
    },
  };
}
