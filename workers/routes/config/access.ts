/** `/v1/api-keys` and `/v1/users`: who may act for the tenant. What is changed here is in force at once, without publishing. */
import { Hono } from "hono";
import { ACCESS_FILTERS, apiKeyJson, parseNewApiKey, parseUser, userJson } from "../../../contracts/access.ts";
import { hashApiKeySecret } from "../../../adapters/identity/api-key-check.ts";
import type { UserInput } from "../../../domain/configuration/access-store.ts";
import type { Expected } from "../../../domain/configuration/store.ts";
import { API_KEY_RANDOM_BYTES, mintApiKey } from "../../../domain/identity/api-key.ts";
import type { AppContext, AppEnv } from "../../context.ts";
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
import { expectedBy } from "./preconditions.ts";
import { putInForce } from "./put-in-force.ts";

export const apiKeyRoutes = () =>
  new Hono<AppEnv>()
    .get("/", ...allows("access:manage"), async (c) => {
      const request = pageRequest(c, "api-keys", ACCESS_FILTERS["api-keys"]);
      if (!request.ok) return answerProblem(c, request.error);
      const page = await c.get("deps").access.listApiKeys(c.get("principal").tenant, request.value);
      return answerPage(c, "api-keys", request.value, page, apiKeyJson);
    })
    .post("/", ...allows("access:manage"), readEntityBody, async (c) => {
      const { access, clock, randomness } = c.get("deps");
      const { tenant, subject } = c.get("principal");
      const body = jsonBody(c);
      if (!body.ok) return answerProblem(c, body.error);
      const input = parseNewApiKey(body.value, clock.nowMs());
      if (!input.ok) return answerProblem(c, invalidFields(input.error));
      const { expiresAt, ...rest } = input.value;
      const key = mintApiKey(tenant, randomness.bytes(API_KEY_RANDOM_BYTES));
      const secretHash = await hashApiKeySecret(key.secret);
      const made = await access.createApiKey(tenant, {
        ...rest,
        id: key.keyId,
        expiresAtMs: expiresAt,
        createdBy: subject,
        secretHash,
      });
      if (!made.ok) return answerProblem(c, writeProblem(made.error, "tenant"));
      const unpublished = await putInForce(
        c,
        `the key "${key.keyId}" is stored, but could not be put in force and is not shown: revoke it and ask for another one`,
      );
      if (unpublished !== null) return unpublished;
      // Shown this once: only its hash is kept.
      c.header("Cache-Control", "no-store");
      c.header("Location", `/v1/api-keys/${key.keyId}`);
      return c.json({ ...apiKeyJson(made.value), key: key.text }, 201);
    })
    .get("/:id", ...allows("access:manage"), async (c) => {
      const id = idFrom(c);
      const stored = id === null ? null : await c.get("deps").access.getApiKey(c.get("principal").tenant, id);
      if (stored === null) return answerProblem(c, notFound("API key"));
      return answerResource(c, stored.revision, apiKeyJson(stored));
    })
    .post("/:id/revoke", ...allows("access:manage"), async (c) => {
      const { access, clock } = c.get("deps");
      const id = idFrom(c);
      if (id === null) return answerProblem(c, notFound("API key"));
      const revoked = await access.revokeApiKey(c.get("principal").tenant, id, { tag: "any" }, clock.nowMs());
      if (!revoked.ok) return answerProblem(c, writeProblem(revoked.error, "API key"));
      return (await putInForce(c)) ?? answerResource(c, revoked.value.revision, apiKeyJson(revoked.value));
    });

/** The user of the path, and what the request expects to be there. */
async function expectedUser(c: AppContext, id: string) {
  const { access } = c.get("deps");
  return expectedBy(c, async () => (await access.getUser(c.get("principal").tenant, id))?.revision ?? null);
}

async function putUser(c: AppContext, user: UserInput, expected: Expected): Promise<Response> {
  const { access, clock } = c.get("deps");
  const written = await access.putUser(c.get("principal").tenant, user, expected, clock.nowMs());
  if (!written.ok) return answerProblem(c, writeProblem(written.error, "user"));
  const { stored, created } = written.value;
  if (created) c.header("Location", `/v1/users/${encodeURIComponent(user.id)}`);
  return (await putInForce(c)) ?? answerResource(c, stored.revision, userJson(stored.entity), created ? 201 : 200);
}

export const userRoutes = () =>
  new Hono<AppEnv>()
    .get("/", ...allows("access:manage"), async (c) => {
      const request = pageRequest(c, "users", ACCESS_FILTERS.users);
      if (!request.ok) return answerProblem(c, request.error);
      const page = await c.get("deps").access.listUsers(c.get("principal").tenant, request.value);
      return answerPage(c, "users", request.value, page, ({ entity }) => userJson(entity));
    })
    .get("/:id", ...allows("access:manage"), async (c) => {
      const id = idFrom(c);
      const stored = id === null ? null : await c.get("deps").access.getUser(c.get("principal").tenant, id);
      if (stored === null) return answerProblem(c, notFound("user"));
      return answerResource(c, stored.revision, userJson(stored.entity));
    })
    .put("/:id", ...allows("access:manage"), readEntityBody, async (c) => {
      const id = idFrom(c);
      if (id === null) return answerProblem(c, notFound("user"));
      const body = jsonBody(c);
      if (!body.ok) return answerProblem(c, body.error);
      const user = parseUser({ id, ...body.value });
      if (!user.ok) return answerProblem(c, invalidFields(user.error));
      if (user.value.id !== id)
        return answerProblem(
          c,
          invalidFields([
            { pointer: "/id", code: "not_allowed", detail: "is not the id in the path; an id cannot be changed" },
          ]),
        );
      const expected = await expectedUser(c, id);
      return expected.ok ? putUser(c, user.value, expected.value) : answerProblem(c, expected.error);
    })
    .delete("/:id", ...allows("access:manage"), async (c) => {
      const id = idFrom(c);
      if (id === null) return answerProblem(c, notFound("user"));
      const expected = await expectedUser(c, id);
      if (!expected.ok) return answerProblem(c, expected.error);
      const removed = await c.get("deps").access.removeUser(c.get("principal").tenant, id, expected.value);
      if (!removed.ok && removed.error.tag !== "not_found") return answerProblem(c, writeProblem(removed.error, "user"));
      // Also when there is none: it may have been removed by a request that could not put it in force.
      const unpublished = await putInForce(c);
      if (unpublished !== null) return unpublished;
      return removed.ok ? c.body(null, 204) : answerProblem(c, notFound("user"));
    });
