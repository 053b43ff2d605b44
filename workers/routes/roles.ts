/** `/v1/roles`: those that are built in, and the tenant's own. What is changed here is in force at once. */
import { Hono } from "hono";
import { PEOPLE_FILTERS, builtInRoleJson, parseRole, roleJson } from "../../contracts/people.ts";
import type { Problem } from "../../contracts/problem.ts";
import type { OwnRole } from "../../domain/identity/people-store.ts";
import { ROLES, isBuiltIn } from "../../domain/identity/principal.ts";
import { type Result, err, ok } from "../../domain/shared/result.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { beyondOwn, mayDoEverything } from "../hand-out.ts";
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

/** Roles of one tenant's own: all of them are in its snapshot of access. */
export const MAX_OWN_ROLES = 100;

const BUILT_IN: Problem = { code: "conflict", detail: "built-in roles are what they are" };

const tenantOf = (c: AppContext) => c.get("principal").tenant;

const expectedRole = (c: AppContext, id: string) =>
  expectedBy(c, async () => (await c.get("deps").people.getRole(tenantOf(c), id))?.revision ?? null);

/** The built-in ones first. Keys of pages: where they stand, in this order. */
async function allRoles(c: AppContext): Promise<readonly { readonly key: string; readonly json: Record<string, unknown> }[]> {
  const own = await c.get("deps").people.listRoles(tenantOf(c));
  return [
    ...ROLES.map((id, i) => ({ key: `0 ${i}`, json: builtInRoleJson(id) })),
    ...own.map(({ entity }) => ({ key: `1 ${entity.id}`, json: roleJson(entity) })),
  ];
}

/** The body as a role that is called as the path says. */
function namedRole(c: AppContext, id: string): Result<OwnRole, Problem> {
  const body = jsonBody(c);
  if (!body.ok) return body;
  const role = parseRole({ id, ...body.value });
  if (!role.ok) return err(invalidFields(role.error));
  if (role.value.id === id) return ok(role.value);
  return err(
    invalidFields([{ pointer: "/id", code: "not_allowed", detail: "is not the id in the path; an id cannot be changed" }]),
  );
}

/** What the role has granted so far is not to be changed by who has it not. */
async function beyondStored(c: AppContext, id: string): Promise<Problem | null> {
  if (mayDoEverything(c)) return null;
  const stored = await c.get("deps").people.getRole(tenantOf(c), id);
  return stored === null ? null : beyondOwn(c, stored.entity.permissions);
}

async function isFull(c: AppContext, id: string): Promise<boolean> {
  const own = await c.get("deps").people.listRoles(tenantOf(c));
  return own.length >= MAX_OWN_ROLES && !own.some(({ entity }) => entity.id === id);
}

async function put(c: AppContext): Promise<Response> {
  const id = idFrom(c);
  if (id === null) return answerProblem(c, notFound("role"));
  if (isBuiltIn(id)) return answerProblem(c, BUILT_IN);
  const role = namedRole(c, id);
  if (!role.ok) return answerProblem(c, role.error);
  const beyond = beyondOwn(c, role.value.permissions) ?? (await beyondStored(c, id));
  if (beyond !== null) return answerProblem(c, beyond);
  const expected = await expectedRole(c, id);
  if (!expected.ok) return answerProblem(c, expected.error);
  if (await isFull(c, id))
    return answerProblem(c, { code: "conflict", detail: `a tenant has at most ${MAX_OWN_ROLES} roles of its own` });
  const written = await c.get("deps").people.putRole(tenantOf(c), role.value, expected.value);
  if (!written.ok) return answerProblem(c, writeProblem(written.error, "role"));
  const { stored, created } = written.value;
  if (created) c.header("Location", `/v1/roles/${id}`);
  return (await putInForce(c)) ?? answerResource(c, stored.revision, roleJson(stored.entity), created ? 201 : 200);
}

async function remove(c: AppContext): Promise<Response> {
  const id = idFrom(c);
  if (id === null) return answerProblem(c, notFound("role"));
  if (isBuiltIn(id)) return answerProblem(c, BUILT_IN);
  const beyond = await beyondStored(c, id);
  if (beyond !== null) return answerProblem(c, beyond);
  const expected = await expectedRole(c, id);
  if (!expected.ok) return answerProblem(c, expected.error);
  const removed = await c.get("deps").people.removeRole(tenantOf(c), id, expected.value);
  return answerRemoved(c, removed, (problem) => writeProblem(problem, "role"));
}

export const roleRoutes = () =>
  new Hono<AppEnv>()
    .get("/", ...allows("access:manage"), async (c) => {
      const request = pageRequest(c, "roles", PEOPLE_FILTERS.roles);
      if (!request.ok) return answerProblem(c, request.error);
      const { afterKey, limit } = request.value;
      const rest = (await allRoles(c)).filter(({ key }) => afterKey === null || key > afterKey);
      const items = rest.slice(0, limit);
      const page = { items, nextKey: rest.length > limit ? items.at(-1)!.key : null };
      return answerPage(c, "roles", request.value, page, ({ json }) => json);
    })
    .get("/:id", ...allows("access:manage"), async (c) => {
      const id = idFrom(c);
      if (id !== null && isBuiltIn(id)) return c.json(builtInRoleJson(id), 200, { "Cache-Control": "private, no-cache" });
      const stored = id === null ? null : await c.get("deps").people.getRole(tenantOf(c), id);
      if (stored === null) return answerProblem(c, notFound("role"));
      return answerResource(c, stored.revision, roleJson(stored.entity));
    })
    .put("/:id", ...allows("access:manage"), readEntityBody, audited("roles.put"), put)
    .delete("/:id", ...allows("access:manage"), audited("roles.remove"), remove);
