/** Who asks, and may they. */
import { createMiddleware } from "hono/factory";
import { authAnswer } from "../../adapters/identity/auth-problem.ts";
import { type Permission, type Principal, may } from "../../domain/identity/principal.ts";
import { type Result, err, ok } from "../../domain/shared/result.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { ConfigurationUnavailable } from "../deps.ts";
import { answerProblem } from "../problem.ts";

const NO_BODY = new Uint8Array();

/** The principal, or the answer that refuses the request. Throws `ConfigurationUnavailable` when credentials cannot be checked. */
export async function authenticateRequest(c: AppContext, permission: Permission): Promise<Result<Principal, Response>> {
  const { authenticator, meter } = c.get("deps");
  const result = await authenticator.authenticate({
    headers: c.req.raw.headers,
    // Read only where the credentials may stand in it.
    get url() {
      return new URL(c.req.url);
    },
    body: c.get("body") ?? NO_BODY,
  });
  if (!result.ok) {
    meter.count("trunkline_authentication_failures_total", { reason: result.error.tag });
    const { status, headers } = authAnswer(result.error);
    return err(
      answerProblem(c, {
        code: status === 503 ? "unavailable" : "unauthenticated",
        headers,
        detail: result.error.tag.replaceAll("_", " "),
      }),
    );
  }
  const principal = await asInDirectory(c, result.value);
  if (principal === null) {
    meter.count("trunkline_authentication_failures_total", { reason: "disabled" });
    return err(answerProblem(c, { code: "forbidden", detail: "this user is disabled" }));
  }
  c.set("principal", principal);
  if (may(principal, permission)) return ok(principal);
  meter.count("trunkline_authentication_failures_total", { reason: "forbidden" });
  return err(answerProblem(c, { code: "forbidden", detail: `no role of this identity grants ${permission}` }));
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
