/** Who asks, and may they. */
import { createMiddleware } from "hono/factory";
import { type AuthProblem, CHALLENGE, authAnswer } from "../../adapters/identity/auth-problem.ts";
import { type Permission, type Principal, isInScope, may } from "../../domain/identity/principal.ts";
import { type Result, err, ok } from "../../domain/shared/result.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { ConfigurationUnavailable } from "../deps.ts";
import { answerProblem } from "../problem.ts";

const NO_BODY = new Uint8Array();

/**
 * The principal, or the answer that refuses the request. Throws `ConfigurationUnavailable` when credentials cannot be checked.
 * @param headers where the credentials stand, when it is not in the request's own headers as they are.
 */
export async function authenticateRequest(
  c: AppContext,
  permission: Permission,
  headers: Headers = c.req.raw.headers,
): Promise<Result<Principal, Response>> {
  const { authenticator, meter } = c.get("deps");
  const result = await authenticator.authenticate({
    headers,
    // Read only where the credentials may stand in it.
    get url() {
      return new URL(c.req.url);
    },
    body: c.get("body") ?? NO_BODY,
  });
  if (!result.ok) return err(answerUnauthenticated(c, result.error));
  const principal = await asInDirectory(c, result.value);
  if (principal === null) {
    meter.count("trunkline_authentication_failures_total", { reason: "disabled" });
    return err(answerProblem(c, { code: "forbidden", detail: "this user is disabled" }));
  }
  c.set("principal", principal);
  if (may(principal, permission)) return ok(principal);
  meter.count("trunkline_authentication_failures_total", { reason: "forbidden" });
  return err(answerForbidden(c, principal, permission));
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
    code: status === 503 ? "unavailable" : "unauthenticated",
    headers,
    detail: problem.tag.replaceAll("_", " "),
  });
}

/** A user whom the tenant knows itself has the roles that it says; null when it has disabled the user. */
async function asInDirectory(c: AppContext, principal: Principal): Promise<Principal | null> {
  if (principal.via !== "jwt") return principal;
  const user = (await c.get("deps").entry(principal.tenant))?.users.get(principal.subject);
  if (user === undefined) return principal;
  return user.disabled ? null : { ...principal, roles: user.roles };
}

export const requires = (permission: Permission) =>
  createMiddleware<AppEnv>(async (c, next) => {
    try {
      const result = await authenticateRequest(c, permission);
      if (!result.ok) return result.error;
    } catch (error) {
      if (!(error instanceof ConfigurationUnavailable)) throw error;
      return answerProblem(c, { code: "unavailable", detail: "credentials cannot be checked now" });
    }
    await next();
    return undefined;
  });
