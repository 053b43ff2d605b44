/** What the claims of a verified token come to: who asks, with which roles. */
import type { JWTPayload } from "jose";
import { type Principal, knownScopes, possibleRoles } from "../../domain/identity/principal.ts";
import type { TenantIssuer } from "../../domain/identity/tenant-issuer.ts";
import { type TenantId, parseTenantId } from "../../domain/shared/ids.ts";
import { type Result, err, ok } from "../../domain/shared/result.ts";
import type { AuthProblem } from "./auth-problem.ts";
import type { IssuerConfig } from "./issuers.ts";
import { type TenantTrust, rolesOf } from "./tenant-issuers.ts";

const MAX_SUBJECT_CHARS = 255;
/** Postgres takes no U+0000, and no control character is part of anybody's name. */
const CONTROL = /\p{Cc}/u;

const BAD: AuthProblem = { tag: "bad_credentials" };

function own(object: unknown, name: string): unknown {
  return typeof object === "object" && object !== null && Object.hasOwn(object, name)
    ? (object as Record<string, unknown>)[name]
    : undefined;
}

/** A claim by its name or, where there is none of that name, by the path that its dots make (`realm_access.roles`). */
function claimAt(payload: JWTPayload, name: string): unknown {
  return own(payload, name) ?? name.split(".").reduce<unknown>(own, payload);
}

/** Roles and scopes come as an array of strings, or as one string that separates them by spaces (RFC 8693 §4.2, RFC 9068 §2.2.3). */
function names(value: unknown): readonly string[] {
  if (typeof value === "string") return value.split(" ");
  return Array.isArray(value) ? value.filter((name) => typeof name === "string") : [];
}

function principalFor(tenant: TenantId, payload: JWTPayload, roles: readonly string[]): Result<Principal, AuthProblem> {
  const subject: unknown = payload.sub;
  if (typeof subject !== "string" || subject === "" || subject.length > MAX_SUBJECT_CHARS || CONTROL.test(subject))
    return err(BAD);
  const scopes = knownScopes(names(own(payload, "scope")));
  const scoped = scopes === undefined ? {} : { scopes };
  return ok({ tenant, subject, roles, ...scoped, via: "jwt", expiresMs: payload.exp! * 1000 });
}

/** An issuer of the deployment says in the token for which tenant it speaks, and keeps to those that it may. */
export function principalByDeployment(payload: JWTPayload, config: IssuerConfig): Result<Principal, AuthProblem> {
  const claimed = own(payload, config.tenantClaim);
  const tenant = parseTenantId(typeof claimed === "string" ? claimed : "");
  if (!tenant.ok) return err(BAD);
  if (config.tenants !== undefined && !config.tenants.includes(tenant.value)) return err(BAD);
  return principalFor(tenant.value, payload, possibleRoles(names(own(payload, config.rolesClaim))));
}

/** A tenant's own issuer speaks for that tenant, whatever the token says. */
export function principalByTenant(
  payload: JWTPayload,
  tenant: TenantId,
  issuer: TenantIssuer,
  trust: TenantTrust,
): Result<Principal, AuthProblem> {
  const principal = principalFor(tenant, payload, rolesOf(names(claimAt(payload, issuer.rolesClaim)), issuer, trust));
  return principal.ok ? ok({ ...principal.value, issuer: issuer.issuer }) : principal;
}

/** The claim by which a token names its tenant where no issuer of the deployment says otherwise. */
const TENANT_CLAIM = "tenant";

/**
 * Among whose issuers an unproven token is to be looked up: those of the tenant that the request names, else of the one that the token
 * does. Null when neither names one, or each another.
 */
export function tenantMeant(payload: JWTPayload, chosen: string | null): TenantId | null {
  const claimed = own(payload, TENANT_CLAIM);
  const byToken = parseTenantId(typeof claimed === "string" ? claimed : "");
  if (chosen === null) return byToken.ok ? byToken.value : null;
  const byRequest = parseTenantId(chosen);
  if (!byRequest.ok || (byToken.ok && byToken.value !== byRequest.value)) return null;
  return byRequest.value;
}
