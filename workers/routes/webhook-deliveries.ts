/** `/v1/webhooks/{id}/…`: what was delivered, a test, and delivering again. */
import { Hono } from "hono";
import { DELIVERY_FILTERS, attemptJson, deliveryJson, parseReplay, replayJson } from "../../contracts/webhooks.ts";
import type { Stored } from "../../domain/configuration/store.ts";
import { type EventId, freshSessionId } from "../../domain/shared/ids.ts";
import type { AttemptStatus } from "../../domain/webhooks/delivery.ts";
import type { WebhookEndpointRecord } from "../../domain/webhooks/endpoint.ts";
import { ANSWER_DEADLINE_MS } from "../../domain/webhooks/verdict.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { audited } from "../middleware/audited.ts";
import { idempotent } from "../middleware/idempotent.ts";
import { readBody } from "../middleware/read-body.ts";
import { answerProblem } from "../problem.ts";
import { currentAttempt } from "../webhooks/current-event.ts";
import { askEndpoint, personalDataProblem, targetOf, tenantOf } from "../webhooks/endpoint-access.ts";
import { allows, answerPage, idFrom, notFound, pageRequest } from "./config/answers.ts";

export const TEST_TYPE = "dev.trunkline.webhook.test.v1";
const RANDOM_ID_BYTES = 16;
/** An object signs and notes beside what the endpoint takes. */
const TEST_DEADLINE_MS = ANSWER_DEADLINE_MS + 5_000;
const NUMBER = /^[1-9]\d{0,14}$/;

const manages = allows("webhooks:manage");

type Endpoint = Stored<WebhookEndpointRecord>;

/** The webhook of the path for a handler; 404 where it is not the tenant's. @param reveals whether personal data comes out of what is asked. */
const withEndpoint =
  (handle: (c: AppContext, endpoint: Endpoint) => Promise<Response>, reveals = false) =>
  async (c: AppContext): Promise<Response> => {
    const id = idFrom(c);
    const stored = id === null ? null : await c.get("deps").webhooks.get(tenantOf(c), id);
    if (stored === null) return answerProblem(c, notFound("webhook"));
    const refused = reveals ? personalDataProblem(c, stored.entity) : null;
    return refused === null ? handle(c, stored) : answerProblem(c, refused);
  };

const away = (c: AppContext): Response =>
  answerProblem(c, { code: "unavailable", detail: "what delivers to this webhook does not answer" });

const list = withEndpoint(async (c, { entity: { id } }) => {
  const name = `webhook-deliveries/${id}`;
  const request = pageRequest(c, name, DELIVERY_FILTERS);
  if (!request.ok) return answerProblem(c, request.error);
  const { filters, afterKey, limit } = request.value;
  const wanted = filters["status"] ?? [];
  if (wanted.length > 1) return answerProblem(c, { code: "bad_query", detail: "status is one of its values" });
  const before = afterKey === null ? null : Number(afterKey);
  const status = (wanted[0] ?? null) as AttemptStatus | null;
  const page = await askEndpoint(c, id, (object) => object.attempts(status, before, limit)).catch(() => null);
  if (page === null) return away(c);
  const last = page.items.at(-1);
  const nextKey = page.more && last !== undefined ? String(last.number) : null;
  return answerPage(c, name, request.value, { items: page.items, nextKey }, attemptJson);
});

const one = withEndpoint(async (c, { entity: { id } }) => {
  const number = c.req.param("deliveryId") ?? "";
  if (!NUMBER.test(number)) return answerProblem(c, notFound("delivery"));
  const attempt = await askEndpoint(c, id, (object) => object.attempt(Number(number))).catch(() => undefined);
  if (attempt === undefined) return away(c);
  if (attempt === null) return answerProblem(c, notFound("delivery"));
  const { events, environment } = c.get("deps");
  const shown = await currentAttempt(events, environment.LANE, tenantOf(c), attempt).catch(() => null);
  if (shown === null) return answerProblem(c, { code: "unavailable", detail: "the event could not be looked up" });
  c.header("Cache-Control", "private, no-store");
  return c.json(deliveryJson(shown));
});

const test = withEndpoint(async (c, stored) => {
  const { clock, randomness, environment } = c.get("deps");
  const tenant = tenantOf(c);
  const nowMs = clock.nowMs();
  const eventId = freshSessionId(nowMs, randomness.bytes(RANDOM_ID_BYTES), environment.LANE) as string as EventId;
  const at = new Date(nowMs).toISOString();
  const event = {
    specversion: "1.0",
    id: eventId,
    source: `/tenants/${tenant}/webhooks`,
    type: TEST_TYPE,
    subject: stored.entity.id,
    time: at,
    recordedtime: at,
    datacontenttype: "application/json",
    data: { webhook: stored.entity.id, sentBy: "test" },
  };
  const handed = { id: eventId, subject: null, line: JSON.stringify(event) };
  const asked = askEndpoint(
    c,
    stored.entity.id,
    (object) => object.sendTest(tenant, targetOf(stored), handed),
    TEST_DEADLINE_MS,
  );
  const attempt = await asked.catch(() => null);
  if (attempt === null) return away(c);
  c.header("Cache-Control", "private, no-store");
  return c.json(deliveryJson(attempt));
}, true);

const replay = withEndpoint(async (c, stored) => {
  const { clock, randomness, environment } = c.get("deps");
  const nowMs = clock.nowMs();
  const period = parseReplay(new URL(c.req.url).searchParams, nowMs);
  if (!period.ok) return answerProblem(c, { code: "bad_query", errors: period.error });
  if (stored.entity.disabled !== null)
    return answerProblem(c, { code: "conflict", detail: "the webhook is disabled; enable it first" });
  const { id } = stored.entity;
  const replayId = freshSessionId(nowMs, randomness.bytes(RANDOM_ID_BYTES), environment.LANE);
  const { fromMs, toMs } = period.value;
  const ask = askEndpoint(c, id, (object) => object.replay(tenantOf(c), targetOf(stored), replayId, fromMs, toMs));
  const reading = await ask.catch(() => undefined);
  if (reading === undefined) return away(c);
  if (reading === null)
    return answerProblem(c, { code: "conflict", detail: "as many replays are under way as there may be at once" });
  c.header("Location", `/v1/webhooks/${id}/replays/${replayId}`);
  return c.json(replayJson(reading), 202);
}, true);

const progress = withEndpoint(async (c, { entity: { id } }) => {
  const replayId = idFrom(c, "replayId");
  if (replayId === null) return answerProblem(c, notFound("replay"));
  const reading = await askEndpoint(c, id, (object) => object.reading(replayId)).catch(() => undefined);
  if (reading === undefined) return away(c);
  c.header("Cache-Control", "private, no-store");
  return reading === null ? answerProblem(c, notFound("replay")) : c.json(replayJson(reading));
});

export const webhookDeliveryRoutes = () =>
  new Hono<AppEnv>()
    .get("/:id/deliveries", ...manages, list)
    .get("/:id/deliveries/:deliveryId", ...manages, one)
    .post("/:id/test", ...manages, audited("webhooks.test"), test)
    .post("/:id/replay", ...manages, readBody, idempotent, audited("webhooks.replay"), replay)
    .get("/:id/replays/:replayId", ...manages, progress);
