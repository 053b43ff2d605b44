/** Why a request was not authenticated, and how that is said over HTTP. */
import { assertNever } from "../../domain/shared/result.ts";

export type AuthProblem =
  /** No credentials at all. */
  | { readonly tag: "missing_credentials" }
  /** Malformed, unknown, revoked or not allowed; which of them is not told. */
  | { readonly tag: "bad_credentials" }
  | { readonly tag: "unsupported_algorithm" }
  | { readonly tag: "expired" }
  | { readonly tag: "not_yet_valid" }
  | { readonly tag: "wrong_issuer" }
  | { readonly tag: "wrong_audience" }
  | { readonly tag: "bad_signature" }
  /** The signed timestamp is too far from now, in either direction, or what was signed has come before. */
  | { readonly tag: "replayed_or_stale" }
  /** The token may be good: the issuer's keys could not be had. */
  | { readonly tag: "issuer_unreachable"; readonly retryAfterS: number }
  /** The signature is good: whether it has come before could not be known. */
  | { readonly tag: "replay_unchecked"; readonly retryAfterS: number }
  /** The key is good, and not from where the request came. */
  | { readonly tag: "address_not_allowed" };

export type AuthAnswer = { readonly status: 401 | 403 | 503; readonly headers: Readonly<Record<string, string>> };

/** RFC 6750 §3; parameters may follow. */
export const CHALLENGE = 'Bearer realm="trunkline"';

/** Status and headers for the answer (RFC 9110 §11.6.1, RFC 6750 §3: no error code when the request carried no credentials). */
export function authAnswer(problem: AuthProblem): AuthAnswer {
  switch (problem.tag) {
    case "missing_credentials":
      return { status: 401, headers: { "WWW-Authenticate": CHALLENGE } };
    case "bad_credentials":
    case "unsupported_algorithm":
    case "expired":
    case "not_yet_valid":
    case "wrong_issuer":
    case "wrong_audience":
    case "bad_signature":
    case "replayed_or_stale":
      return { status: 401, headers: { "WWW-Authenticate": `${CHALLENGE}, error="invalid_token"` } };
    case "address_not_allowed":
      return { status: 403, headers: {} };
    case "issuer_unreachable":
    case "replay_unchecked":
      return { status: 503, headers: { "Retry-After": String(problem.retryAfterS) } };
    default:
      return assertNever(problem);
  }
}
