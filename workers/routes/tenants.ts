/** `/v1/tenants`: the tenant itself, and what it has settled about who may come in, how, and how often. Its own alone: there is no other. */
import { Hono } from "hono";
import { PEOPLE_FILTERS, parseTenantSettings, tenantJson, tenantSettingsJson } from "../../contracts/people.ts";
import type { Problem } from "../../contracts/problem.ts";
import { canonicalJson } from "../../domain/configuration/canonical.ts";
import type { Expected, Stored } from "../../domain/configuration/store.ts";
import type { Tenant } from "../../domain/identity/people-store.ts";
import { isOriginAllowed } from "../../domain/identity/origin.ts";
import type { TenantPolicy } from "../../domain/identity/tenant-policy.ts";
import { mergePatch } from "../../domain/shared/merge-patch.ts";
import { type Result, err, ok } from "../../domain/shared/result.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { needsEverything } from "../hand-out.ts";
import { audited } from "../middleware/audited.ts";
import { answerProblem } from "../problem.ts";
import {
  allows,
  answerPage,
  answerResource,
  invalidFields,
  jsonBody,
  notFound,
  pageRequest,
  readEntityBody,
  writeProblem,
} from "./config/answers.ts";
import { PRECONDITION_FAILED, expectedBy } from "./config/preconditions.ts";
import { putInForce } from "./config/put-in-force.ts";

/** How often a change is made anew because somebody else was quicker, when the writer expects no certain revision. */
const MAX_PATCH_ATTEMPTS = 4;

/** The tenant of the path, when it is the one that asks; null for any other, there or not. */
async function tenantOfPath(c: AppContext): Promise<Stored<Tenant> | null> {
  const { tenant } = c.get("principal");
  return c.req.param("id") === tenant ? c.get("deps").people.getTenant(tenant) : null;
}

/** How the policy would shut out whoever settles it; null: it would not. */
function lockOut(c: AppContext, { signedPermissions, corsOrigins }: TenantPolicy): Problem | null {
  if (signedPermissions.includes("access:manage") && c.get("principal").via !== "signature") {
    const detail = "this request is not signed: with access:manage among signedPermissions its sender could not take that back";
    return { code: "conflict", detail };
  }
  const origin = c.req.header("origin");
  if (origin === undefined || isOriginAllowed(origin, new URL(c.req.url).origin, { corsOrigins })) return null;
  return { code: "conflict", detail: "corsOrigins would leave out the page that asks, which could not take that back" };
}

/** One attempt: what the patch makes of what is there now, if that is what is expected. */
async function patchOnce(c: AppContext, change: unknown, expected: Expected): Promise<Result<Stored<Tenant>, Problem>> {
  const { people } = c.get("deps");
  const present = await tenantOfPath(c);
  if (present === null) return err(notFound("tenant"));
  const { entity, revision } = present;
  if (expected.tag === "absent" || (expected.tag === "revision" && expected.revision !== revision))
    return err(PRECONDITION_FAILED);
  const settings = parseTenantSettings(mergePatch(tenantSettingsJson(entity), change));
  if (!settings.ok) return err(invalidFields(settings.error));
  // What is asked of everybody is asked of those who have more than the writer, too.
  const beyond = canonicalJson(settings.value.policy) === canonicalJson(entity.policy) ? null : needsEverything(c);
  if (beyond !== null) return err(beyond);
  const lockedOut = lockOut(c, settings.value.policy);
  if (lockedOut !== null) return err(lockedOut);
  const written = await people.updateTenant(entity.id, settings.value, { tag: "revision", revision });
  return written.ok ? ok(written.value) : err(writeProblem(written.error, "tenant"));
}

async function patch(c: AppContext): Promise<Response> {
  const body = jsonBody(c);
  if (!body.ok) return answerProblem(c, body.error);
  const expected = await expectedBy(c, async () => (await tenantOfPath(c))?.revision ?? null);
  if (!expected.ok) return answerProblem(c, expected.error);
  for (let attempt = 1; ; attempt++) {
    const patched = await patchOnce(c, body.value, expected.value);
    if (patched.ok) return (await putInForce(c)) ?? answerResource(c, patched.value.revision, tenantJson(patched.value));
    const mayRetry = expected.value.tag === "any" && attempt < MAX_PATCH_ATTEMPTS;
    if (patched.error.code !== "precondition_failed" || !mayRetry) return answerProblem(c, patched.error);
  }
}

export const tenantRoutes = () =>
  new Hono<AppEnv>()
    .get("/", ...allows("access:manage"), async (c) => {
      const request = pageRequest(c, "tenants", PEOPLE_FILTERS.tenants);
      if (!request.ok) return answerProblem(c, request.error);
      const { tenant } = c.get("principal");
      const stored = await c.get("deps").people.getTenant(tenant);
      // Behind the one that there is comes nothing.
      const items = stored === null || request.value.afterKey !== null ? [] : [stored];
      return answerPage(c, "tenants", request.value, { items, nextKey: null }, tenantJson);
    })
    .get("/:id", ...allows("access:manage"), async (c) => {
      const stored = await tenantOfPath(c);
      return stored === null ? answerProblem(c, notFound("tenant")) : answerResource(c, stored.revision, tenantJson(stored));
    })
    .patch("/:id", ...allows("access:manage"), readEntityBody, audited("tenants.change"), patch);
