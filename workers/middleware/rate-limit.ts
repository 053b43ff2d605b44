/** How many requests a client and its tenant may make. Part of authentication, and never on the way of a call. */
import { type Permission, accountOf } from "../../domain/identity/principal.ts";
import { LIMIT_HEADER, POLICY_HEADER, limitHeader, policyHeader } from "../../domain/limits/headers.ts";
import { type LimitName, type LimitPolicy, limitOf, policyOf } from "../../domain/limits/policy.ts";
import type { Admission } from "../../durable-objects/limiter/rate-limiter.ts";
import type { AppContext } from "../context.ts";
import { answerProblem } from "../problem.ts";

/** Stands for all clients of a tenant together: no client has this name. */
const EVERYBODY = "*";

type Counted = { readonly name: LimitName; readonly policy: LimitPolicy; readonly admission: Admission };

/** Most are answered at once, and wait not even for a microtask. */
function count(c: AppContext, name: LimitName, client: string): Counted | Promise<Counted> {
  const { limiter } = c.get("deps");
  const { tenant } = c.get("principal");
  const policy = policyOf(name, limiter.policies, c.get("entry")?.policy?.limits);
  const asked = limiter.admit(name, policy, tenant, client);
  const counted = (admission: Admission): Counted => ({ name, policy, admission });
  return asked instanceof Promise ? asked.then(counted) : counted(asked);
}

/** Of a session, all that is below it: its log, and what is made of the log. */
const BELOW_SESSION = /^\/v1\/sessions\/[^/]+\/./;

/**
 * By which rate a request of this lane goes; null: by none. On the emergency lane reading events alone is limited, also those of one
 * session: it must not slow an emergency down, and what is said and done about one must not be slowed down either.
 */
function limitHere(c: AppContext, permission: Permission | null): LimitName | null {
  const isReading = c.req.method === "GET" || c.req.method === "HEAD";
  const limit = limitOf(permission, isReading);
  if (c.get("deps").environment.LANE === "standard" || limit?.startsWith("api-") !== true) return limit;
  return isReading && BELOW_SESSION.test(c.req.path) ? "events-read" : null;
}

/** Costs one request of the client's rate and one of the tenant's, or answers 429. */
export async function withinLimits(
  c: AppContext,
  permission: Permission | null,
  next: () => Promise<unknown>,
): Promise<Response | undefined> {
  const limit = limitHere(c, permission);
  if (limit === null) {
    await next();
    return undefined;
  }
  const asked = count(c, limit, accountOf(c.get("principal")));
  const own = asked instanceof Promise ? await asked : asked;
  // Whoever is beyond its own rate takes nothing from the others of its tenant.
  const all = own.admission.admitted ? await count(c, "tenant", EVERYBODY) : null;
  const told = all === null ? [own] : [own, all];
  const refused = told.find(({ admission }) => !admission.admitted);
  if (refused === undefined) await next();
  else {
    c.res = answerProblem(c, {
      code: "too_many_requests",
      detail: `more requests than ${refused.name} allows`,
      headers: { "Retry-After": String(refused.admission.standing.resetS) },
    });
  }
  // The headers of an upgrade are the object's that made it.
  if (c.res.status !== 101) {
    c.res.headers.set(POLICY_HEADER, told.map(({ name, policy }) => policyHeader(name, policy)).join(", "));
    c.res.headers.set(LIMIT_HEADER, told.map(({ name, admission }) => limitHeader(name, admission.standing)).join(", "));
  }
  return undefined;
}
