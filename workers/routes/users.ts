/** `/v1/users`: the tenant's directory. What is changed here is in force at once; a user's calling profile is part of the configuration. */
import { Hono } from "hono";
import { entityJson, parseEntity } from "../../contracts/configuration/entities.ts";
import { PEOPLE_FILTERS, parseUser, userJson } from "../../contracts/people.ts";
import type { Problem } from "../../contracts/problem.ts";
import type { Expected } from "../../domain/configuration/store.ts";
import { MAX_ISSUERS } from "../../domain/configuration/issuer-store.ts";
import type { UserInput, UserProblem } from "../../domain/identity/people-store.ts";
import { may } from "../../domain/identity/principal.ts";
import { MASK } from "../../domain/privacy/mask.ts";
import { type Result, err, ok } from "../../domain/shared/result.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { handOutProblem, mayDoEverything, needsEverything } from "../hand-out.ts";
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
import { maskCheck } from "./config/masked-profile.ts";
import { expectedBy } from "./config/preconditions.ts";
import { answerRemoved, putInForce } from "./config/put-in-force.ts";

const LAST_ADMIN: Problem = {
  code: "conflict",
  detail: "this is the last administrator of the directory: make another one first",
};

const tenantOf = (c: AppContext) => c.get("principal").tenant;
const userProblem = (problem: UserProblem): Problem =>
  problem.tag === "last_admin" ? LAST_ADMIN : writeProblem(problem, "user");

/** The body as a user who is called as the path says. */
function namedUser(c: AppContext, id: string): Result<UserInput, Problem> {
  const body = jsonBody(c);
  if (!body.ok) return body;
  const user = parseUser({ id, ...body.value });
  if (!user.ok) return err(invalidFields(user.error));
  // Whoever reads what is masked would write the mask in place of the name.
  if (user.value.name === MASK && !may(c.get("principal"), "pii:read"))
    return err(invalidFields([{ pointer: "/name", code: "not_allowed", detail: "is what hides the name, and not a name" }]));
  if (user.value.id === id) return ok(user.value);
  return err(
    invalidFields([{ pointer: "/id", code: "not_allowed", detail: "is not the id in the path; an id cannot be changed" }]),
  );
}

/**
 * What the request expects to be there, once it is sure that who asks may change it: who has more than they is not theirs to change, and
 * must not get it between the look and the write. What a token would say of somebody who is not in the directory, before the write or after
 * it, nobody knows here: that somebody comes into it without being asked, or goes out of it, is for who may do everything.
 * @param names the user's roles after the write; null: none is left in the directory.
 */
async function expectedUser(c: AppContext, id: string, names: readonly string[] | null): Promise<Result<Expected, Problem>> {
  const { people } = c.get("deps");
  const present = mayDoEverything(c) ? undefined : await people.getUser(tenantOf(c), id);
  if (names === null && present === null) return err(notFound("user"));
  const beyond =
    names === null || present === null
      ? needsEverything(c)
      : await handOutProblem(c, names, { before: present?.entity.roles ?? [] });
  if (beyond !== null) return err(beyond);
  const expected = await expectedBy(c, async () => (await people.getUser(tenantOf(c), id))?.revision ?? null);
  if (!expected.ok || present === undefined || expected.value.tag !== "any") return expected;
  return ok(present === null ? { tag: "absent" } : { tag: "revision", revision: present.revision });
}

/**
 * What is wrong with whose subject the user is said to be; null: nothing. That it becomes another one's puts somebody out of the directory
 * and somebody else into it.
 */
async function issuerProblem(c: AppContext, { id, issuer }: UserInput): Promise<Problem | null> {
  if (issuer === undefined) return null;
  const { people, issuers } = c.get("deps");
  if (issuer === ((await people.getUser(tenantOf(c), id))?.entity.issuer ?? null)) return null;
  const known = await issuers.list(tenantOf(c), { filters: {}, afterKey: null, limit: MAX_ISSUERS });
  if (issuer !== null && !known.items.some(({ entity }) => entity.issuer === issuer))
    return invalidFields([
      { pointer: "/issuer", code: "unknown", detail: "the tenant has no issuer of its own with this iss" },
    ]);
  return needsEverything(c);
}

/** A profile that there is not, as the field that names it. */
async function profileProblem(c: AppContext, profile: string | null): Promise<Problem | null> {
  if (profile === null || (await c.get("deps").configuration.get(tenantOf(c), "profiles", profile)) !== null) return null;
  return invalidFields([{ pointer: "/profile", code: "unknown", detail: "there is no such profile in the configuration" }]);
}

async function put(c: AppContext): Promise<Response> {
  const id = idFrom(c);
  if (id === null) return answerProblem(c, notFound("user"));
  const user = namedUser(c, id);
  if (!user.ok) return answerProblem(c, user.error);
  const expected = await expectedUser(c, id, user.value.roles);
  if (!expected.ok) return answerProblem(c, expected.error);
  const wrong = (await issuerProblem(c, user.value)) ?? (await profileProblem(c, user.value.profile));
  if (wrong !== null) return answerProblem(c, wrong);
  const { people, clock } = c.get("deps");
  const written = await people.putUser(tenantOf(c), user.value, expected.value, clock.nowMs());
  if (!written.ok) return answerProblem(c, userProblem(written.error));
  const { stored, created } = written.value;
  if (created) c.header("Location", `/v1/users/${encodeURIComponent(id)}`);
  return (await putInForce(c)) ?? answerResource(c, stored.revision, userJson(stored.entity), created ? 201 : 200);
}

async function remove(c: AppContext): Promise<Response> {
  const id = idFrom(c);
  if (id === null) return answerProblem(c, notFound("user"));
  const expected = await expectedUser(c, id, null);
  if (!expected.ok) return answerProblem(c, expected.error);
  const removed = await c.get("deps").people.removeUser(tenantOf(c), id, expected.value);
  return answerRemoved(c, removed, userProblem);
}

/** The id of the user's profile; null when there is no such user, or no profile of theirs. */
async function profileOf(c: AppContext): Promise<string | null> {
  const id = idFrom(c);
  const stored = id === null ? null : await c.get("deps").people.getUser(tenantOf(c), id);
  return stored?.entity.profile ?? null;
}

const profilePath = (profile: string): string => `/v1/profiles/${encodeURIComponent(profile)}`;

async function getProfile(c: AppContext): Promise<Response> {
  const profile = await profileOf(c);
  const stored = profile === null ? null : await c.get("deps").configuration.get(tenantOf(c), "profiles", profile);
  if (stored === null) return answerProblem(c, notFound("profile of a user"));
  c.header("Content-Location", profilePath(stored.entity.id));
  return answerResource(c, stored.revision, entityJson("profiles", stored.entity));
}

/** As `PUT /v1/profiles/{profile}`: it is edited in the draft, and in force with the next publication. */
async function putProfile(c: AppContext): Promise<Response> {
  const { configuration } = c.get("deps");
  const body = jsonBody(c);
  if (!body.ok) return answerProblem(c, body.error);
  const profile = await profileOf(c);
  if (profile === null) return answerProblem(c, notFound("profile of a user"));
  const parsed = parseEntity("profiles", { id: profile, ...body.value });
  if (!parsed.ok) return answerProblem(c, invalidFields(parsed.error));
  const masked = maskCheck(c)("profiles", parsed.value);
  if (masked.length > 0) return answerProblem(c, invalidFields(masked));
  if (parsed.value.id !== profile)
    return answerProblem(c, invalidFields([{ pointer: "/id", code: "not_allowed", detail: "is not the user's profile" }]));
  const current = async () => (await configuration.get(tenantOf(c), "profiles", profile))?.revision ?? null;
  const expected = await expectedBy(c, current);
  if (!expected.ok) return answerProblem(c, expected.error);
  const written = await configuration.put(tenantOf(c), "profiles", parsed.value, expected.value);
  if (!written.ok) return answerProblem(c, writeProblem(written.error, "profile"));
  const { stored, created } = written.value;
  c.header(created ? "Location" : "Content-Location", profilePath(profile));
  return answerResource(c, stored.revision, entityJson("profiles", stored.entity), created ? 201 : 200);
}

export const userRoutes = () =>
  new Hono<AppEnv>()
    .get("/", ...allows("access:manage"), audited("users.list", { reads: true }), async (c) => {
      const request = pageRequest(c, "users", PEOPLE_FILTERS.users);
      if (!request.ok) return answerProblem(c, request.error);
      const page = await c.get("deps").people.listUsers(tenantOf(c), request.value);
      return answerPage(c, "users", request.value, page, ({ entity }) => userJson(entity));
    })
    .get("/:id", ...allows("access:manage"), async (c) => {
      const id = idFrom(c);
      const stored = id === null ? null : await c.get("deps").people.getUser(tenantOf(c), id);
      if (stored === null) return answerProblem(c, notFound("user"));
      return answerResource(c, stored.revision, userJson(stored.entity));
    })
    .put("/:id", ...allows("access:manage"), readEntityBody, audited("users.put"), put)
    .delete("/:id", ...allows("access:manage"), audited("users.remove"), remove)
    .get("/:id/profile", ...allows("config:read"), getProfile)
    .put("/:id/profile", ...allows("config:write"), readEntityBody, audited("users.put-profile"), putProfile);
