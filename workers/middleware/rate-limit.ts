/** How many requests a client may make to the event store. Stands behind authentication, never on the way of a call. */
import { createMiddleware } from "hono/factory";
import { LIMIT_HEADER, POLICY_HEADER, limitHeader, policyHeader } from "../../domain/limits/headers.ts";
import type { LimitName } from "../../domain/limits/policy.ts";
import type { Principal } from "../../domain/identity/principal.ts";
import type { AppEnv } from "../context.ts";
import { answerProblem } from "../problem.ts";

/** Whose rate it is: an API key's, a trunk's or a subject's. A subject is unique only together with how it was proven. */
function clientOf({ via, subject }: Principal): string {
  return `${via} ${subject}`;
}

/** Costs one request of the policy, or answers 429. On both lanes: reading old events must not slow an emergency down. */
export const limited = (name: LimitName) =>
  createMiddleware<AppEnv>(async (c, next) => {
    const { limiter } = c.get("deps");
    const principal = c.get("principal");
    const asked = limiter.admit(name, principal.tenant, clientOf(principal));
    // Most are answered at once, and wait not even for a microtask.
    const { admitted, standing } = asked instanceof Promise ? await asked : asked;
    if (admitted) await next();
    else {
      c.res = answerProblem(c, {
        code: "too_many_requests",
        detail: `more requests than ${name} allows`,
        headers: { "Retry-After": String(standing.resetS) },
      });
    }
    c.res.headers.set(POLICY_HEADER, policyHeader(name, limiter.policies[name]));
    c.res.headers.set(LIMIT_HEADER, limitHeader(name, standing));
    return undefined;
  });
