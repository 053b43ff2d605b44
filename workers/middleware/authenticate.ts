/** Who asks, and may they. */
import type { MiddlewareHandler } from "hono";
import { createMiddleware } from "hono/factory";
import { isSigned } from "../../adapters/identity/authenticate.ts";
import { type AuthProblem, CHALLENGE, authAnswer } from "../../adapters/identity/auth-problem.ts";
import { MAX_ENTITY_BYTES } from "../../contracts/configuration/limits.ts";
import {
  type OwnRoles,
  type Permission,
  type Principal,
  asUser,
  isInScope,
  may,
  withOwnRoles,
} from "../../domain/identity/principal.ts";
import { NO_POLICY } from "../../domain/identity/tenant-policy.ts";
import { type Result, err, ok } from "../../domain/shared/result.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { ConfigurationUnavailable } from "../deps.ts";
import { answerProblem } from "../problem.ts";
import { refuseOrigin } from "./cors.ts";
import { shielded } from "./personal-data.ts";
import { withinLimits } from "./rate-limit.ts";
import { readBodyOf } from "./read-body.ts";
import { syntheticPrincipal } from "./synthetic-principal.ts";

const NO_BODY = new Uint8Array();
const PROBLEM_OF = { 401: "unauthenticated", 403: "address_not_allowed", 503: "unavailable" } as const;
/** Of signed requests. Uploads of rows may be larger, and are not signed. */
const readSigned = readBodyOf(MAX_ENTITY_BYTES);
const NO_ROLES: OwnRoles = new Map();

export type Asking = {
  /** Where the credentials stand, when it is not in the request's own headers as they are. */
  readonly headers?: Headers;
  /** An emergency call waits for nothing that is not needed, and is not refused for want of a signature. */
  readonly isEmergency?: boolean;
};

/**
 * Who asks, whatever they may do, or the answer that refuses the request. Throws `ConfigurationUnavailable` when credentials cannot be
 * checked.
 */
export async function identifyRequest(
  c: AppContext,
  { headers = c.req.raw.headers, isEmergency = false }: Asking = {},
): Promise<Result<Principal, Response>> {
  const { authenticator, meter } = c.get("deps");
  const own = await syntheticPrincipal(c);
  if (own !== null) {
    c.set("principal", own);
    return ok(own);
  }
  if (isSigned(headers)) {
    const unread = await readEarly(c);
    if (unread !== null) return err(unread);
  }
  const result = await authenticator.authenticate({
    method: c.req.method,
    headers,
    isEmergency,
    // Read only where the credentials may stand in it.
    get url() {
      return new URL(c.req.url);
    },
    body: c.get("body") ?? NO_BODY,
  });
  if (!result.ok) return err(answerUnauthenticated(c, result.error));
  const known = await asInDirectory(c, result.value);
  if (known === null) {
    meter.count("trunkline_authentication_failures_total", { reason: "disabled" });
    c.set("refused", result.value);
    return err(answerProblem(c, { code: "forbidden", detail: "this user is disabled" }));
  }
  const principal = isEmergency ? known : withholding(c, known);
  c.set("principal", principal);
  return ok(principal);
}

/** Without what the tenant takes from signed requests alone, when this one is none: whatever it asks for, and wherever that leads. */
function withholding(c: AppContext, principal: Principal): Principal {
  const { signedPermissions } = c.get("entry")?.policy ?? NO_POLICY;
  return principal.via === "signature" || signedPermissions.length === 0
    ? principal
    : { ...principal, withheld: signedPermissions };
}

/** A signature is over the body: it is read before anything else is done. Null when it has been. */
async function readEarly(c: AppContext): Promise<Response | null> {
  return (await readSigned(c, async () => {})) ?? null;
}

/** As `identifyRequest`, of a principal that may do this. */
export async function authenticateRequest(
  c: AppContext,
  permission: Permission,
  asking: Asking = {},
): Promise<Result<Principal, Response>> {
  const principal = await identifyRequest(c, asking);
  if (!principal.ok) return principal;
  if (asking.isEmergency !== true && isUnsigned(c, principal.value, permission)) return err(answerUnsigned(c));
  if (may(principal.value, permission)) return principal;
  c.get("deps").meter.count("trunkline_authentication_failures_total", { reason: "forbidden" });
  c.set("auditDetail", { permission });
  return err(answerForbidden(c, principal.value, permission));
}

/** Whether the tenant takes signed requests alone for this, or from this trunk ([KEY-5]). */
function isUnsigned(c: AppContext, { via, trunk }: Principal, permission: Permission): boolean {
  if (via === "signature") return false;
  const { signedPermissions, signedTrunks } = c.get("entry")?.policy ?? NO_POLICY;
  return signedPermissions.includes(permission) || (trunk !== undefined && signedTrunks.includes(trunk));
}

/** RFC 9421 has no challenge of its own; the detail says what is asked for. */
function answerUnsigned(c: AppContext): Response {
  c.get("deps").meter.count("trunkline_authentication_failures_total", { reason: "signature_required" });
  return answerProblem(c, {
    code: "signature_required",
    detail: "the tenant takes this from signed requests alone: RFC 9421 or Standard Webhooks",
    headers: { "WWW-Authenticate": CHALLENGE },
  });
}

/** A role is a matter for an administrator, a scope for who asks for the token (RFC 6750 §3.1). */
function answerForbidden(c: AppContext, principal: Principal, permission: Permission): Response {
  if (isInScope(principal, permission))
    return answerProblem(c, { code: "forbidden", detail: `no role of this identity grants ${permission}` });
  return answerProblem(c, {
    code: "forbidden",
    detail: `the scope of this token leaves out ${permission}`,
    headers: { "WWW-Authenticate": `${CHALLENGE}, error="insufficient_scope", scope="${permission}"` },
  });
}

/** Refuses a request for its credentials. */
export function answerUnauthenticated(c: AppContext, problem: AuthProblem): Response {
  c.get("deps").meter.count("trunkline_authentication_failures_total", { reason: problem.tag });
  const { status, headers } = authAnswer(problem);
  return answerProblem(c, {
    code: PROBLEM_OF[status],
    headers,
    detail: problem.tag.replaceAll("_", " "),
  });
}

/** A user whom the tenant knows itself has the roles that it says, and its own roles are what it says; null: it has disabled the user. */
async function asInDirectory(c: AppContext, principal: Principal): Promise<Principal | null> {
  const entry = await c.get("deps").entry(principal.tenant);
  c.set("entry", entry);
  const own = entry?.roles ?? NO_ROLES;
  if (principal.via !== "jwt") return withOwnRoles(principal, own);
  const user = asUser(principal, entry?.users.get(principal.subject));
  return user === null ? null : withOwnRoles(user, own);
}

/** What a route asks for can be read off it: a test holds the interface description against it. Null: nothing but to be known. */
export type Guard = MiddlewareHandler<AppEnv> & { readonly permission: Permission | null };

const admits = (permission: Permission | null): Guard => Object.assign(guarding(permission), { permission });

const guarding = (permission: Permission | null) =>
  createMiddleware<AppEnv>(async (c, next) => {
    try {
      const result = await (permission === null ? identifyRequest(c) : authenticateRequest(c, permission));
      if (!result.ok) return result.error;
    } catch (error) {
      if (!(error instanceof ConfigurationUnavailable)) throw error;
      return answerProblem(c, { code: "unavailable", detail: "credentials cannot be checked now" });
    }
    return refuseOrigin(c, c.get("entry")?.policy) ?? withinLimits(c, permission, () => shielded(c, next));
  });

export const requires = (permission: Permission) => admits(permission);

/** Whoever has proven who they are. */
export const requiresIdentity = admits(null);
