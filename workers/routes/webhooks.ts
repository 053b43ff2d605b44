/** `/v1/webhooks`: where events are delivered to, and what became of deliveries. What is changed here is in force at once. */
import { Hono } from "hono";
import {
  WEBHOOK_SECRET_BYTES,
  type WebhookKeys,
  mintWebhookKeys,
  openAllKeys,
  publicKeyOf,
  sealWebhookKeys,
} from "../../adapters/identity/webhook-keys.ts";
import { WEBHOOK_FILTERS, parseWebhook, statusJson, webhookJson } from "../../contracts/webhooks.ts";
import type { Problem } from "../../contracts/problem.ts";
import type { Expected, Stored, WriteProblem } from "../../domain/configuration/store.ts";
import { type Result, err, ok } from "../../domain/shared/result.ts";
import { MAX_ENDPOINTS, ROTATION_MS, type WebhookEndpointRecord, type WebhookInput } from "../../domain/webhooks/endpoint.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { audited } from "../middleware/audited.ts";
import { idempotent } from "../middleware/idempotent.ts";
import { seesPersonalData } from "../middleware/personal-data.ts";
import { answerProblem } from "../problem.ts";
import { askEndpoint, inForceAt, personalDataProblem, tenantOf } from "../webhooks/endpoint-access.ts";
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
import { PRECONDITION_FAILED, expectedBy } from "./config/preconditions.ts";
import { answerRemoved } from "./config/put-in-force.ts";
import { webhookDeliveryRoutes } from "./webhook-deliveries.ts";

type Endpoint = Stored<WebhookEndpointRecord>;

/** 96 bits: two endpoints of a tenant never meet. */
const ID_BYTES = 12;

const manages = allows("webhooks:manage");

async function newKeys(c: AppContext, id: string): Promise<{ readonly keys: WebhookKeys; readonly sealed: string }> {
  const { randomness, dataKeys } = c.get("deps");
  const keys = await mintWebhookKeys(randomness.bytes(WEBHOOK_SECRET_BYTES));
  return { keys, sealed: await sealWebhookKeys(keys, dataKeys, tenantOf(c), id) };
}

/** Without the secret. The public keys are those that sign now. */
async function jsonOf(c: AppContext, stored: Endpoint): Promise<Record<string, unknown>> {
  const { dataKeys, clock } = c.get("deps");
  const { id, sealedSecrets, rotatedUntilMs } = stored.entity;
  const signing = rotatedUntilMs !== null && clock.nowMs() < rotatedUntilMs ? sealedSecrets : sealedSecrets.slice(0, 1);
  const keys = await openAllKeys(signing, dataKeys, tenantOf(c), id);
  return webhookJson(stored, keys.map(publicKeyOf));
}

function inputOf(c: AppContext): Result<WebhookInput, Problem> {
  const body = jsonBody(c);
  if (!body.ok) return body;
  const input = parseWebhook(body.value, c.get("deps").isDevelopment);
  return input.ok ? input : err(invalidFields(input.error));
}

/** What a write came to: in force, told to the object, and answered. @param extra members that are shown this once. */
async function answerWritten(
  c: AppContext,
  written: Result<Endpoint, WriteProblem>,
  extra: Record<string, unknown> = {},
  status: 200 | 201 = 200,
): Promise<Response> {
  if (!written.ok) return answerProblem(c, writeProblem(written.error, "webhook"));
  const notInForce = await inForceAt(c, written.value);
  if (notInForce !== null) return notInForce;
  const answer = answerResource(c, written.value.revision, { ...(await jsonOf(c, written.value)), ...extra }, status);
  if ("secret" in extra) answer.headers.set("Cache-Control", "no-store");
  return answer;
}

async function create(c: AppContext): Promise<Response> {
  const { webhooks, clock, randomness } = c.get("deps");
  const input = inputOf(c);
  if (!input.ok) return answerProblem(c, input.error);
  const refused = personalDataProblem(c, input.value);
  if (refused !== null) return answerProblem(c, refused);
  const id = `wh-${Array.from(randomness.bytes(ID_BYTES), (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
  const { keys, sealed } = await newKeys(c, id);
  const { subject } = c.get("principal");
  const made = await webhooks.create(
    tenantOf(c),
    { ...input.value, id, createdBy: subject, sealedSecret: sealed },
    clock.nowMs(),
  );
  if (!made.ok)
    return answerProblem(
      c,
      made.error === "too_many"
        ? { code: "conflict", detail: `a tenant has at most ${MAX_ENDPOINTS} webhooks` }
        : notFound("tenant"),
    );
  c.header("Location", `/v1/webhooks/${id}`);
  return answerWritten(c, made, { secret: keys.secret }, 201);
}

/**
 * What the request expects to be there. Who may not see personal data changes no webhook that shows it, nor one that comes to do so between
 * the look and the write.
 */
async function expectedWebhook(c: AppContext, id: string): Promise<Result<Expected, Problem>> {
  const find = () => c.get("deps").webhooks.get(tenantOf(c), id);
  if (seesPersonalData(c)) return expectedBy(c, async () => (await find())?.revision ?? null);
  const present = await find();
  if (present === null) return err(notFound("webhook"));
  const refused = personalDataProblem(c, present.entity);
  if (refused !== null) return err(refused);
  const { revision } = present;
  const expected = await expectedBy(c, async () => revision);
  if (!expected.ok || expected.value.tag === "any") return expected.ok ? ok({ tag: "revision", revision }) : expected;
  return expected.value.tag === "revision" && expected.value.revision !== revision ? err(PRECONDITION_FAILED) : expected;
}

/** A write to the webhook of the path, as the request expects it to be there. */
async function change(
  c: AppContext,
  write: (id: string, expected: Expected) => Promise<Result<Endpoint, WriteProblem>>,
  extra: Record<string, unknown> = {},
): Promise<Response> {
  const id = idFrom(c);
  if (id === null) return answerProblem(c, notFound("webhook"));
  const expected = await expectedWebhook(c, id);
  if (!expected.ok) return answerProblem(c, expected.error);
  return answerWritten(c, await write(id, expected.value), extra);
}

async function remove(c: AppContext): Promise<Response> {
  const id = idFrom(c);
  if (id === null) return answerProblem(c, notFound("webhook"));
  const expected = await expectedBy(c, async () => (await c.get("deps").webhooks.get(tenantOf(c), id))?.revision ?? null);
  if (!expected.ok) return answerProblem(c, expected.error);
  const removed = await c.get("deps").webhooks.remove(tenantOf(c), id, expected.value);
  const problemOf = (problem: WriteProblem) => writeProblem(problem, "webhook");
  return answerRemoved(c, removed, problemOf, () => inForceAt(c, { id, wasThere: removed.ok }));
}

async function show(c: AppContext): Promise<Response> {
  const id = idFrom(c);
  const stored = id === null ? null : await c.get("deps").webhooks.get(tenantOf(c), id);
  if (stored === null) return answerProblem(c, notFound("webhook"));
  // What waits changes all the time: no entity tag stands for it, so that it is left out where the object does not answer.
  const status = await askEndpoint(c, stored.entity.id, (object) => object.status()).catch(() => null);
  const answer = answerResource(c, stored.revision, {
    ...(await jsonOf(c, stored)),
    deliveries: status === null ? null : statusJson(status),
  });
  return answer;
}

export const webhookRoutes = () =>
  new Hono<AppEnv>()
    .get("/", ...manages, async (c) => {
      const request = pageRequest(c, "webhooks", WEBHOOK_FILTERS);
      if (!request.ok) return answerProblem(c, request.error);
      const page = await c.get("deps").webhooks.list(tenantOf(c), request.value);
      const items = await Promise.all(page.items.map((stored) => jsonOf(c, stored)));
      return answerPage(c, "webhooks", request.value, { ...page, items }, (json) => json);
    })
    .post("/", ...manages, readEntityBody, idempotent, audited("webhooks.create"), create)
    .get("/:id", ...manages, show)
    .put("/:id", ...manages, readEntityBody, audited("webhooks.put"), async (c) => {
      const input = inputOf(c);
      if (!input.ok) return answerProblem(c, input.error);
      const refused = personalDataProblem(c, input.value);
      if (refused !== null) return answerProblem(c, refused);
      const { webhooks, clock } = c.get("deps");
      return change(c, (id, expected) => webhooks.put(tenantOf(c), id, input.value, expected, clock.nowMs()));
    })
    .delete("/:id", ...manages, audited("webhooks.remove"), remove)
    .post("/:id/enable", ...manages, audited("webhooks.enable"), (c) =>
      change(c, (id, expected) => c.get("deps").webhooks.enable(tenantOf(c), id, expected)),
    )
    .post("/:id/rotate-secret", ...manages, readEntityBody, idempotent, audited("webhooks.rotate-secret"), async (c) => {
      const id = idFrom(c);
      if (id === null) return answerProblem(c, notFound("webhook"));
      const { webhooks, clock } = c.get("deps");
      const { keys, sealed } = await newKeys(c, id);
      const untilMs = clock.nowMs() + ROTATION_MS;
      return change(c, (known, expected) => webhooks.rotate(tenantOf(c), known, sealed, expected, untilMs), {
        secret: keys.secret,
      });
    })
    .route("/", webhookDeliveryRoutes());
