/** `/v1/api-keys`: what may act for the tenant. What is changed here is in force at once, without publishing. */
import { Hono } from "hono";
import { ACCESS_FILTERS, apiKeyJson, parseNewApiKey, parseRotation } from "../../../contracts/access.ts";
import { hashApiKeySecret } from "../../../adapters/identity/api-key-check.ts";
import { parsePublicKey } from "../../../adapters/identity/http-signature/signing-keys.ts";
import type { ApiKey } from "../../../domain/configuration/access-store.ts";
import type { Stored } from "../../../domain/configuration/store.ts";
import { API_KEY_RANDOM_BYTES, mintApiKey } from "../../../domain/identity/api-key.ts";
import { ok } from "../../../domain/shared/result.ts";
import type { AppContext, AppEnv } from "../../context.ts";
import { audited } from "../../middleware/audited.ts";
import { idempotent } from "../../middleware/idempotent.ts";
import { handOutProblem } from "../../hand-out.ts";
import { answerProblem } from "../../problem.ts";
import {
  BAD_PUBLIC_KEY,
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
import { putInForce } from "./put-in-force.ts";

/** Makes a key that takes the place of another one, with the same rights, while that one goes on holding for a time. */
async function rotateKey(c: AppContext): Promise<Response> {
  const { access, clock, randomness } = c.get("deps");
  const { tenant, subject } = c.get("principal");
  const nowMs = clock.nowMs();
  const body = c.get("body").length === 0 ? ok({}) : jsonBody(c);
  if (!body.ok) return answerProblem(c, body.error);
  const input = parseRotation(body.value, nowMs);
  if (!input.ok) return answerProblem(c, invalidFields(input.error));
  const id = idFrom(c);
  const stored = id === null ? null : await access.getApiKey(tenant, id);
  if (id === null || stored === null) return answerProblem(c, notFound("API key"));
  const { revokedAtMs, lastUsedAtMs: _of, ...rights } = stored.entity;
  if (revokedAtMs !== null || (rights.expiresAtMs ?? Infinity) <= nowMs)
    return answerProblem(c, { code: "conflict", detail: "the key has ended; make a new one" });
  const beyond = await handOutProblem(c, rights.roles, { scopes: rights.scopes ?? undefined });
  if (beyond !== null) return answerProblem(c, beyond);
  const { overlapS, expiresAt = rights.expiresAtMs } = input.value;
  const key = mintApiKey(tenant, randomness.bytes(API_KEY_RANDOM_BYTES));
  const own = { id: key.keyId, secretHash: await hashApiKeySecret(key.secret), rotatedFrom: id, createdBy: subject };
  const successor = { ...rights, ...own, expiresAtMs: expiresAt };
  const rotated = await access.rotateApiKey(tenant, id, stored.revision, successor, nowMs + overlapS * 1000);
  if (!rotated.ok) return answerProblem(c, writeProblem(rotated.error, "API key"));
  const unpublished = await putInForce(c, unshown(key.keyId));
  return unpublished ?? answerNewKey(c, rotated.value.made, key);
}

const unshown = (id: string): string =>
  `the key "${id}" is stored, but could not be put in force and is not shown: revoke it and ask for another one`;

/** Shown this once: only its hash is kept. */
function answerNewKey(c: AppContext, made: Stored<ApiKey>, { keyId, text }: { keyId: string; text: string }): Response {
  c.header("Cache-Control", "no-store");
  c.header("Location", `/v1/api-keys/${keyId}`);
  return c.json({ ...apiKeyJson(made), key: text }, 201);
}

export const apiKeyRoutes = () =>
  new Hono<AppEnv>()
    .get("/", ...allows("access:manage"), async (c) => {
      const request = pageRequest(c, "api-keys", ACCESS_FILTERS["api-keys"]);
      if (!request.ok) return answerProblem(c, request.error);
      const page = await c.get("deps").access.listApiKeys(c.get("principal").tenant, request.value);
      return answerPage(c, "api-keys", request.value, page, apiKeyJson);
    })
    .post("/", ...allows("access:manage"), readEntityBody, idempotent, audited("api-keys.create"), async (c) => {
      const { access, clock, randomness } = c.get("deps");
      const { tenant, subject } = c.get("principal");
      const body = jsonBody(c);
      if (!body.ok) return answerProblem(c, body.error);
      const input = parseNewApiKey(body.value, clock.nowMs());
      if (!input.ok) return answerProblem(c, invalidFields(input.error));
      const { expiresAt, publicKey: given, ...rest } = input.value;
      const beyond = await handOutProblem(c, rest.roles, { scopes: rest.scopes ?? undefined });
      if (beyond !== null) return answerProblem(c, beyond);
      const publicKey = given === null ? ok(null) : parsePublicKey(given);
      if (!publicKey.ok) return answerProblem(c, BAD_PUBLIC_KEY);
      const key = mintApiKey(tenant, randomness.bytes(API_KEY_RANDOM_BYTES));
      const secretHash = await hashApiKeySecret(key.secret);
      const made = await access.createApiKey(tenant, {
        ...rest,
        publicKey: publicKey.value,
        rotatedFrom: null,
        id: key.keyId,
        expiresAtMs: expiresAt,
        createdBy: subject,
        secretHash,
      });
      if (!made.ok) return answerProblem(c, writeProblem(made.error, "tenant"));
      return (await putInForce(c, unshown(key.keyId))) ?? answerNewKey(c, made.value, key);
    })
    .get("/:id", ...allows("access:manage"), async (c) => {
      const id = idFrom(c);
      const stored = id === null ? null : await c.get("deps").access.getApiKey(c.get("principal").tenant, id);
      if (stored === null) return answerProblem(c, notFound("API key"));
      return answerResource(c, stored.revision, apiKeyJson(stored));
    })
    .post("/:id/rotate", ...allows("access:manage"), readEntityBody, idempotent, audited("api-keys.rotate"), rotateKey)
    .post("/:id/revoke", ...allows("access:manage"), audited("api-keys.revoke"), async (c) => {
      const { access, clock } = c.get("deps");
      const id = idFrom(c);
      const stored = id === null ? null : await access.getApiKey(c.get("principal").tenant, id);
      if (id === null || stored === null) return answerProblem(c, notFound("API key"));
      const { roles, scopes } = stored.entity;
      const beyond = await handOutProblem(c, [], { before: roles, scopes: scopes ?? undefined });
      if (beyond !== null) return answerProblem(c, beyond);
      const revoked = await access.revokeApiKey(c.get("principal").tenant, id, { tag: "any" }, clock.nowMs());
      if (!revoked.ok) return answerProblem(c, writeProblem(revoked.error, "API key"));
      return (await putInForce(c)) ?? answerResource(c, revoked.value.revision, apiKeyJson(revoked.value));
    });
