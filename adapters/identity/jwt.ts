/** Bearer tokens: JSON Web Tokens (RFC 7519) of the configured issuers, verified as RFC 8725 advises. */
import { type JWTHeaderParameters, type JWTPayload, decodeJwt, decodeProtectedHeader, errors, jwtVerify } from "jose";
import { type Principal, knownRoles, knownScopes } from "../../domain/identity/principal.ts";
import { parseTenantId } from "../../domain/shared/ids.ts";
import { type Result, err, ok } from "../../domain/shared/result.ts";
import type { AuthProblem } from "./auth-problem.ts";
import { toHex } from "../../domain/shared/hex.ts";
import { sha256 } from "./bytes.ts";
import { DecisionCache } from "./decision-cache.ts";
import { ANY_AGE, type Freshness } from "./freshness.ts";
import type { IssuerConfig } from "./issuers.ts";
import { type KeySource, keySource } from "./key-source.ts";

/** Larger tokens are refused unread. */
export const MAX_TOKEN_BYTES = 8 * 1024;
/** By how much an issuer's clock may differ from ours. */
const CLOCK_TOLERANCE_S = 30;
const MAX_SUBJECT_CHARS = 255;

type Issuer = { readonly config: IssuerConfig; readonly keys: KeySource };
type Claimed = { readonly issuer: Issuer; readonly header: JWTHeaderParameters };

const BAD: AuthProblem = { tag: "bad_credentials" };

/** What the library's refusal means to the caller. */
function problemOf(error: unknown): AuthProblem {
  if (error instanceof errors.JWTExpired) return { tag: "expired" };
  if (error instanceof errors.JWSSignatureVerificationFailed) return { tag: "bad_signature" };
  if (error instanceof errors.JOSEAlgNotAllowed) return { tag: "unsupported_algorithm" };
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === "aud") return { tag: "wrong_audience" };
    if (error.claim === "iss") return { tag: "wrong_issuer" };
    if (error.claim === "nbf" && error.reason === "check_failed") return { tag: "not_yet_valid" };
    return BAD;
  }
  // A key that does not suit the algorithm (an RSA modulus that is too short, for one) comes as a TypeError of the library.
  if (error instanceof errors.JOSEError || error instanceof TypeError) return BAD;
  throw error;
}

function claim(payload: JWTPayload, name: string): unknown {
  return Object.hasOwn(payload, name) ? payload[name] : undefined;
}

/** Roles and scopes come as an array of strings, or as one string that separates them by spaces (RFC 8693 §4.2, RFC 9068 §2.2.3). */
function names(value: unknown): readonly string[] {
  if (typeof value === "string") return value.split(" ");
  return Array.isArray(value) ? value.filter((name) => typeof name === "string") : [];
}

function principalOf(payload: JWTPayload, config: IssuerConfig): Result<Principal, AuthProblem> {
  const subject: unknown = payload.sub;
  if (typeof subject !== "string" || subject === "" || subject.length > MAX_SUBJECT_CHARS) return err(BAD);
  const claimedTenant = claim(payload, config.tenantClaim);
  const tenant = parseTenantId(typeof claimedTenant === "string" ? claimedTenant : "");
  if (!tenant.ok) return err(BAD);
  if (config.tenants !== undefined && !config.tenants.includes(tenant.value)) return err(BAD);
  const roles = knownRoles(names(claim(payload, config.rolesClaim)));
  const scopes = knownScopes(names(claim(payload, "scope")));
  return ok({
    tenant: tenant.value,
    subject,
    roles,
    ...(scopes === undefined ? {} : { scopes }),
    via: "jwt",
    expiresMs: payload.exp! * 1000,
  });
}

/** `bypass`: there was a decision, or there may have been one, and the request asked for a new one. */
export const DECISION_OUTCOMES = ["hit", "miss", "bypass"] as const;
export type DecisionOutcome = (typeof DECISION_OUTCOMES)[number];

export type JwtVerifier = {
  /**
   * @param token the compact serialisation, without the scheme.
   * @param freshness which decisions of before the request takes.
   */
  verify(token: string, freshness?: Freshness): Promise<Result<Principal, AuthProblem>>;
};

/**
 * Holds the issuers' keys and the decisions of the last minutes: make one per isolate, not one per request.
 * @param nowMs Unix milliseconds.
 * @param onDecision is told of every token, good or not, whether a decision of before was taken.
 */
export function createJwtVerifier(
  configs: readonly IssuerConfig[],
  nowMs: () => number,
  onDecision: (outcome: DecisionOutcome) => void = () => {},
): JwtVerifier {
  const issuers = new Map<unknown, Issuer>(
    configs.map((config) => [config.issuer, { config, keys: keySource(config, nowMs) }] as const),
  );
  const decisions = new DecisionCache();

  /** What the token says of itself, unproven: enough to choose the key with. */
  function claimed(token: string): Result<Claimed, AuthProblem> {
    try {
      const header = decodeProtectedHeader(token) as JWTHeaderParameters;
      const issuer = issuers.get(decodeJwt(token).iss);
      if (issuer === undefined) return err({ tag: "wrong_issuer" });
      const allowed: readonly unknown[] = issuer.config.algorithms;
      return allowed.includes(header.alg) ? ok({ issuer, header }) : err({ tag: "unsupported_algorithm" });
    } catch {
      return err(BAD);
    }
  }

  async function payloadOf(token: string, { issuer, header }: Claimed): Promise<Result<JWTPayload, AuthProblem>> {
    const { config } = issuer;
    const keys = await issuer.keys.keysFor(header);
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

  return {
    async verify(token, freshness = ANY_AGE) {
      if (token.length > MAX_TOKEN_BYTES) return err(BAD);
      const key = toHex(await sha256(token));
      const decided = decisions.get(key, nowMs(), freshness.maxAgeMs);
      onDecision(decided !== null ? "hit" : freshness === ANY_AGE ? "miss" : "bypass");
      if (decided !== null) return ok(decided);
      const said = claimed(token);
      if (!said.ok) return said;
      const payload = await payloadOf(token, said.value);
      if (!payload.ok) return payload;
      const principal = principalOf(payload.value, said.value.issuer.config);
      if (principal.ok && freshness.isKept) decisions.put(key, principal.value, nowMs(), payload.value.exp! * 1000);
      return principal;
    },
  };
}
