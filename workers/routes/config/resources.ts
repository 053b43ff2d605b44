/** `/v1/trunks`, `/v1/destinations` and the like: the entities of one kind, one by one. What `GET` gives, `PUT` takes. */
import { Hono } from "hono";
import { entityJson, parseEntity } from "../../../contracts/configuration/entities.ts";
import { FILTERS } from "../../../contracts/configuration/filters.ts";
import type { Problem } from "../../../contracts/problem.ts";
import type { EntityOf } from "../../../domain/configuration/model.ts";
import type { Expected, ResourceKind, Stored } from "../../../domain/configuration/store.ts";
import { type Result, err, ok } from "../../../domain/shared/result.ts";
import type { AppContext, AppEnv } from "../../context.ts";
import { audited } from "../../middleware/audited.ts";
import { answerProblem } from "../../problem.ts";
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
} from "./answers.ts";
import { mergePatch } from "../../../domain/shared/merge-patch.ts";
import { maskCheck } from "./masked-profile.ts";
import { PRECONDITION_FAILED, expectedBy } from "./preconditions.ts";
import { idempotent } from "../../middleware/idempotent.ts";

/** How often a change is made anew because somebody else was quicker, when the writer expects no certain revision. */
const MAX_PATCH_ATTEMPTS = 4;

/** What an entity of the kind is called in problems. */
const NOUNS: Readonly<Record<ResourceKind, string>> = {
  trunks: "trunk",
  destinations: "destination",
  "routing-rules": "routing rule",
  "rate-tables": "rate table",
  calendars: "calendar",
  "number-lists": "number list",
  profiles: "profile",
  "emergency-routes": "emergency route",
  "decision-services": "decision service",
};

const storeOf = (c: AppContext) => c.get("deps").configuration;
const tenantOf = (c: AppContext) => c.get("principal").tenant;

function answerStored<Kind extends ResourceKind>(
  c: AppContext,
  kind: Kind,
  { entity, revision }: Stored<EntityOf[Kind]>,
  created = false,
): Response {
  if (created) c.header("Location", `/v1/${kind}/${encodeURIComponent(entity.id)}`);
  return answerResource(c, revision, entityJson(kind, entity), created ? 201 : 200);
}

/** The body as an entity that is called as the path says; the id may be left out of the body. */
function namedEntity<Kind extends ResourceKind>(
  c: AppContext,
  kind: Kind,
  id: string,
  json: unknown,
): Result<EntityOf[Kind], Problem> {
  const named = typeof json === "object" && json !== null ? { id, ...json } : json;
  const parsed = parseEntity(kind, named);
  if (!parsed.ok) return err(invalidFields(parsed.error));
  const masked = maskCheck(c)(kind, parsed.value);
  if (masked.length > 0) return err(invalidFields(masked));
  if (parsed.value.id === id) return parsed;
  return err(
    invalidFields([{ pointer: "/id", code: "not_allowed", detail: "is not the id in the path; an id cannot be changed" }]),
  );
}

async function create(c: AppContext, kind: ResourceKind): Promise<Response> {
  const body = jsonBody(c);
  if (!body.ok) return answerProblem(c, body.error);
  const parsed = parseEntity(kind, body.value);
  if (!parsed.ok) return answerProblem(c, invalidFields(parsed.error));
  const masked = maskCheck(c)(kind, parsed.value);
  if (masked.length > 0) return answerProblem(c, invalidFields(masked));
  const written = await storeOf(c).put(tenantOf(c), kind, parsed.value, { tag: "absent" });
  if (written.ok) return answerStored(c, kind, written.value.stored, true);
  if (written.error.tag !== "precondition_failed") return answerProblem(c, writeProblem(written.error, NOUNS[kind]));
  return answerProblem(c, { code: "conflict", detail: `there is a ${NOUNS[kind]} "${parsed.value.id}" already` });
}

async function replace(c: AppContext, kind: ResourceKind): Promise<Response> {
  const id = idFrom(c);
  if (id === null) return answerProblem(c, notFound(NOUNS[kind]));
  const body = jsonBody(c);
  if (!body.ok) return answerProblem(c, body.error);
  const entity = namedEntity(c, kind, id, body.value);
  if (!entity.ok) return answerProblem(c, entity.error);
  const expected = await expectedBy(c, async () => (await storeOf(c).get(tenantOf(c), kind, id))?.revision ?? null);
  if (!expected.ok) return answerProblem(c, expected.error);
  const written = await storeOf(c).put(tenantOf(c), kind, entity.value, expected.value);
  // What is not there has no revision that could be the expected one.
  if (!written.ok && expected.value.tag === "revision") return answerProblem(c, PRECONDITION_FAILED);
  if (!written.ok) return answerProblem(c, writeProblem(written.error, NOUNS[kind]));
  return answerStored(c, kind, written.value.stored, written.value.created);
}

/** One attempt: what the patch makes of what is there now, if that is what is expected. */
async function patchOnce(
  c: AppContext,
  kind: ResourceKind,
  id: string,
  change: unknown,
  expected: Expected,
): Promise<Result<Stored<EntityOf[ResourceKind]>, Problem>> {
  const present = await storeOf(c).get(tenantOf(c), kind, id);
  if (present === null) return err(notFound(NOUNS[kind]));
  const { revision } = present;
  if (expected.tag === "absent" || (expected.tag === "revision" && expected.revision !== revision))
    return err(PRECONDITION_FAILED);
  const entity = namedEntity(c, kind, id, mergePatch(entityJson(kind, present.entity), change));
  if (!entity.ok) return entity;
  const written = await storeOf(c).put(tenantOf(c), kind, entity.value, { tag: "revision", revision });
  return written.ok ? ok(written.value.stored) : err(writeProblem(written.error, NOUNS[kind]));
}

async function patch(c: AppContext, kind: ResourceKind): Promise<Response> {
  const id = idFrom(c);
  if (id === null) return answerProblem(c, notFound(NOUNS[kind]));
  const body = jsonBody(c);
  if (!body.ok) return answerProblem(c, body.error);
  const expected = await expectedBy(c, async () => (await storeOf(c).get(tenantOf(c), kind, id))?.revision ?? null);
  if (!expected.ok) return answerProblem(c, expected.error);
  for (let attempt = 1; ; attempt++) {
    const patched = await patchOnce(c, kind, id, body.value, expected.value);
    if (patched.ok) return answerStored(c, kind, patched.value);
    const mayRetry = expected.value.tag === "any" && attempt < MAX_PATCH_ATTEMPTS;
    if (patched.error.code !== "precondition_failed" || !mayRetry) return answerProblem(c, patched.error);
  }
}

async function remove(c: AppContext, kind: ResourceKind): Promise<Response> {
  const id = idFrom(c);
  if (id === null) return answerProblem(c, notFound(NOUNS[kind]));
  const expected = await expectedBy(c, async () => (await storeOf(c).get(tenantOf(c), kind, id))?.revision ?? null);
  if (!expected.ok) return answerProblem(c, expected.error);
  const removed = await storeOf(c).remove(tenantOf(c), kind, id, expected.value);
  return removed.ok ? c.body(null, 204) : answerProblem(c, writeProblem(removed.error, NOUNS[kind]));
}

export const resourceRoutes = <Kind extends ResourceKind>(kind: Kind) =>
  new Hono<AppEnv>()
    .get("/", ...allows("config:read"), async (c) => {
      const request = pageRequest(c, kind, FILTERS[kind]);
      if (!request.ok) return answerProblem(c, request.error);
      const page = await storeOf(c).list(tenantOf(c), kind, request.value);
      return answerPage(c, kind, request.value, page, ({ entity }) => entityJson(kind, entity));
    })
    .post("/", ...allows("config:write"), readEntityBody, idempotent, audited(`${kind}.create`), (c) => create(c, kind))
    .get("/:id", ...allows("config:read"), async (c) => {
      const id = idFrom(c);
      const stored = id === null ? null : await storeOf(c).get(tenantOf(c), kind, id);
      return stored === null ? answerProblem(c, notFound(NOUNS[kind])) : answerStored(c, kind, stored);
    })
    .put("/:id", ...allows("config:write"), readEntityBody, audited(`${kind}.replace`), (c) => replace(c, kind))
    .patch("/:id", ...allows("config:write"), readEntityBody, audited(`${kind}.change`), (c) => patch(c, kind))
    .delete("/:id", ...allows("config:write"), audited(`${kind}.delete`), (c) => remove(c, kind));
