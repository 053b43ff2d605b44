/** `/v1/issuers`: whose tokens speak for the tenant, beside those of the deployment. What is changed here is in force at once. */
import { Hono } from "hono";
import { badKeyUrl, parseIssuer } from "../../contracts/issuers.ts";
import type { Problem } from "../../contracts/problem.ts";
import { MAX_ISSUERS } from "../../domain/configuration/issuer-store.ts";
import type { TenantIssuer } from "../../domain/identity/tenant-issuer.ts";
import { outsideUrlProblem } from "../../domain/shared/public-address.ts";
import { type Result, err, ok } from "../../domain/shared/result.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { handOutProblem, needsEverything } from "../hand-out.ts";
import { audited } from "../middleware/audited.ts";
import { answerProblem } from "../problem.ts";
import {
  allows,
  answerPage,
  answerResource,
  idFrom,
  invalidFields,
  jsonBody,
  notFound,
  pageRequest,
  readEntityBody,
  writeProblem,
} from "./config/answers.ts";
import { expectedBy } from "./config/preconditions.ts";
import { answerRemoved, putInForce } from "./config/put-in-force.ts";

const tenantOf = (c: AppContext) => c.get("principal").tenant;

const expectedIssuer = (c: AppContext, id: string) =>
  expectedBy(c, async () => (await c.get("deps").issuers.get(tenantOf(c), id))?.revision ?? null);

/** The body as an issuer that is called as the path says, whose keys may be fetched, and who is not the deployment's own. */
function namedIssuer(c: AppContext, id: string): Result<TenantIssuer, Problem> {
  const { authenticator, isDevelopment } = c.get("deps");
  const body = jsonBody(c);
  if (!body.ok) return body;
  const issuer = parseIssuer({ id, ...body.value });
  if (!issuer.ok) return err(invalidFields(issuer.error));
  if (issuer.value.id !== id)
    return err(
      invalidFields([{ pointer: "/id", code: "not_allowed", detail: "is not the id in the path; an id cannot be changed" }]),
    );
  const problem = outsideUrlProblem(issuer.value.jwksUrl, isDevelopment);
  if (problem !== null) return err(invalidFields([badKeyUrl(problem)]));
  if (authenticator.isOfDeployment(issuer.value.issuer))
    return err({ code: "conflict", detail: "this deployment trusts this issuer itself, for all tenants" });
  return ok(issuer.value);
}

/** What tokens of the issuer may come to must not be more than its writer has. */
function grantedRoles({ roleNames, defaultRoles }: TenantIssuer): readonly string[] {
  return [...new Set([...Object.values(roleNames), ...defaultRoles])];
}

async function put(c: AppContext): Promise<Response> {
  const { issuers } = c.get("deps");
  const id = idFrom(c);
  if (id === null) return answerProblem(c, notFound("issuer"));
  const issuer = namedIssuer(c, id);
  if (!issuer.ok) return answerProblem(c, issuer.error);
  // A token may name any role, so that only who may do everything says whose tokens count.
  const beyond = (await handOutProblem(c, grantedRoles(issuer.value))) ?? needsEverything(c);
  if (beyond !== null) return answerProblem(c, beyond);
  const expected = await expectedIssuer(c, id);
  if (!expected.ok) return answerProblem(c, expected.error);
  const isFull = (await issuers.count(tenantOf(c))) >= MAX_ISSUERS && (await issuers.get(tenantOf(c), id)) === null;
  if (isFull) return answerProblem(c, { code: "conflict", detail: `a tenant has at most ${MAX_ISSUERS} issuers` });
  const written = await issuers.put(tenantOf(c), issuer.value, expected.value);
  if (!written.ok) return answerProblem(c, writeProblem(written.error, "issuer"));
  const { stored, created } = written.value;
  if (created) c.header("Location", `/v1/issuers/${id}`);
  return (await putInForce(c)) ?? answerResource(c, stored.revision, stored.entity, created ? 201 : 200);
}

async function remove(c: AppContext): Promise<Response> {
  const id = idFrom(c);
  if (id === null) return answerProblem(c, notFound("issuer"));
  const { issuers } = c.get("deps");
  // Its tokens may say any role, and entries of the directory count for them.
  const beyond = (await issuers.get(tenantOf(c), id)) === null ? null : needsEverything(c);
  if (beyond !== null) return answerProblem(c, beyond);
  const expected = await expectedIssuer(c, id);
  if (!expected.ok) return answerProblem(c, expected.error);
  const removed = await issuers.remove(tenantOf(c), id, expected.value);
  return answerRemoved(c, removed, (problem) => writeProblem(problem, "issuer"));
}

export const issuerRoutes = () =>
  new Hono<AppEnv>()
    .get("/", ...allows("access:manage"), async (c) => {
      const request = pageRequest(c, "issuers", {});
      if (!request.ok) return answerProblem(c, request.error);
      const page = await c.get("deps").issuers.list(tenantOf(c), request.value);
      return answerPage(c, "issuers", request.value, page, ({ entity }) => entity);
    })
    .get("/:id", ...allows("access:manage"), async (c) => {
      const id = idFrom(c);
      const stored = id === null ? null : await c.get("deps").issuers.get(tenantOf(c), id);
      if (stored === null) return answerProblem(c, notFound("issuer"));
      return answerResource(c, stored.revision, stored.entity);
    })
    .put("/:id", ...allows("access:manage"), readEntityBody, audited("issuers.put"), put)
    .delete("/:id", ...allows("access:manage"), audited("issuers.remove"), remove);
