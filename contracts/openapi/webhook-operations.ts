/** Events that are sent to endpoints of the tenant: the endpoints, what was delivered, and delivering again. */
import { z } from "zod";
import { ATTEMPT_STATUSES } from "../../domain/webhooks/delivery.ts";
import { DISABLED_BECAUSE } from "../../domain/webhooks/endpoint.ts";
import { DELIVERY_FILTERS, WEBHOOK_FILTERS, webhookInput } from "../webhooks.ts";
import type { Answer, Operation } from "./operation.ts";
import {
  ETAG,
  GONE,
  IF_MATCH,
  IF_NONE_MATCH,
  NOT_MODIFIED,
  PAGE,
  PAGE_PROBLEMS,
  TYPED_BODY_PROBLEMS,
  inPath,
  json,
  pageOf,
  query,
} from "./parts.ts";
import type { Schemas } from "./schema-json.ts";
import { written } from "./written.ts";

const instant = z.iso.datetime();

const webhook = z.object({
  id: z.string(),
  ...(written(webhookInput) as typeof webhookInput).shape,
  disabledAt: instant.nullable(),
  disabledBecause: z
    .enum(DISABLED_BECAUSE)
    .nullable()
    .describe("Somebody (`user`), 410 (`gone`), five days of failure (`failing`)."),
  publicKeys: z.array(z.string()).describe("`whpk_…` of the Ed25519 keys that sign now, the newest first."),
  rotatedUntil: instant.nullable().describe("Until then the secret before the newest signs, too."),
  createdBy: z.string(),
  createdAt: instant,
  updatedAt: instant,
});
const webhookPage = pageOf(webhook);
const secretWebhook = webhook.extend({ secret: z.string().describe("`whsec_…`: shown this once.") });
const backlog = z.object({
  waiting: z.int().describe("Events that are to be delivered."),
  oldestRecordedAt: instant.nullable(),
  nextAttemptAt: instant.nullable(),
  breaker: z.enum(["closed", "open", "half_open"]),
  failingSince: instant.nullable(),
  lagging: z.boolean().describe("More came than may wait: the rest is read from the event store when there is room."),
  undeliveredSince: instant.nullable().describe("From when to replay what was not delivered before it was disabled."),
});
const shownWebhook = webhook.extend({ deliveries: backlog.nullable().describe("Null: what delivers does not answer now.") });

const summary = z.object({
  id: z.string(),
  at: instant,
  durationMs: z.int(),
  eventId: z.string(),
  eventType: z.string(),
  attempt: z.int().describe("Of this event, from 1."),
  status: z.enum(ATTEMPT_STATUSES),
  reason: z.enum(["event", "test", "replay"]),
  url: z.string(),
  responseStatus: z.int().nullable(),
  failure: z.string().nullable(),
  nextAttemptAt: instant.nullable(),
});
const kept = { headers: z.record(z.string(), z.string()), body: z.string(), isCut: z.boolean() };
const delivery = summary.extend({
  request: z.object(kept),
  response: z.object({ status: z.int(), ...kept }).nullable(),
});
const deliveryPage = pageOf(summary);
const replay = z.object({
  id: z.string(),
  state: z.enum(["running", "done", "cancelled"]),
  from: instant,
  to: instant,
  events: z.int().describe("That were taken so far."),
  startedAt: instant,
  finishedAt: instant.nullable(),
});

const INPUT = {
  url: "https://hooks.example.com/trunkline",
  description: "CRM",
  eventTypes: ["dev.trunkline.call.*", "dev.trunkline.session.completed.v1"],
  personalData: false,
  enabled: true,
};
const WEBHOOK = {
  id: "wh-3f9c1a2b4d5e6f7081920a1b",
  ...INPUT,
  disabledAt: null,
  disabledBecause: null,
  publicKeys: ["whpk_JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs="],
  rotatedUntil: null,
  createdBy: "alice",
  createdAt: "2026-11-01T09:00:00.000Z",
  updatedAt: "2026-11-01T09:00:00.000Z",
};
const SECRET_WEBHOOK = { ...WEBHOOK, secret: "whsec_dHJ1bmtsaW5lIGV4YW1wbGUgc2VjcmV0IG9mIDMyIGI=" };
const BACKLOG = {
  waiting: 0,
  oldestRecordedAt: null,
  nextAttemptAt: null,
  breaker: "closed",
  failingSince: null,
  lagging: false,
  undeliveredSince: null,
};
const SUMMARY = {
  id: "42",
  at: "2026-11-21T15:00:00.000Z",
  durationMs: 87,
  eventId: "019aa5c1-2b40-7000-8000-3f9c1a2b4d5e",
  eventType: "dev.trunkline.call.answered.v1",
  attempt: 1,
  status: "delivered",
  reason: "event",
  url: INPUT.url,
  responseStatus: 204,
  failure: null,
  nextAttemptAt: null,
};
const DELIVERY = {
  ...SUMMARY,
  request: { headers: { "webhook-id": SUMMARY.eventId }, body: "{}", isCut: false },
  response: { status: 204, headers: {}, body: "", isCut: false },
};
const REPLAY = {
  id: "019aa5c1-2b40-7000-8000-000000000001",
  state: "running",
  from: "2026-11-20T00:00:00.000Z",
  to: "2026-11-21T00:00:00.000Z",
  events: 0,
  startedAt: "2026-11-21T15:00:00.000Z",
  finishedAt: null,
};

const managed = { tag: "Webhooks", permission: "webhooks:manage" } as const;
const ID = inPath("id", "The webhook's id.", WEBHOOK.id);
const PATH = "/v1/webhooks/{id}";
const LOCATION = { Location: "Where it is." };

const written200 = (description: string): Answer => ({
  status: 200,
  description,
  content: [json(webhook, WEBHOOK)],
  headers: ETAG,
});

export const WEBHOOK_OPERATIONS: readonly Operation[] = [
  {
    ...managed,
    id: "listWebhooks",
    method: "get",
    path: "/v1/webhooks",
    summary: "Webhooks",
    parameters: [query("enabled", "Those alone that are enabled, or are not.", WEBHOOK_FILTERS.enabled), ...PAGE],
    answers: [{ status: 200, description: "A page.", content: [json(webhookPage, { items: [WEBHOOK] })] }],
    problems: PAGE_PROBLEMS,
  },
  {
    ...managed,
    id: "createWebhook",
    isIdempotent: true,
    method: "post",
    path: "/v1/webhooks",
    summary: "Have events sent to a URL",
    parameters: [],
    body: [json(webhookInput, INPUT)],
    answers: [
      {
        status: 201,
        description: "It is in force within ten seconds.",
        content: [json(secretWebhook, SECRET_WEBHOOK)],
        headers: { ...ETAG, ...LOCATION },
      },
    ],
    problems: [...TYPED_BODY_PROBLEMS, "conflict", "not_found"],
  },
  {
    ...managed,
    id: "getWebhook",
    method: "get",
    path: PATH,
    summary: "A webhook and what waits for it",
    parameters: [ID, IF_NONE_MATCH],
    answers: [
      {
        status: 200,
        description: "The webhook.",
        content: [json(shownWebhook, { ...WEBHOOK, deliveries: BACKLOG })],
        headers: ETAG,
      },
      NOT_MODIFIED,
    ],
    problems: ["not_found"],
  },
  {
    ...managed,
    id: "putWebhook",
    method: "put",
    path: PATH,
    summary: "Change a webhook",
    parameters: [ID, IF_MATCH],
    body: [json(webhookInput, INPUT)],
    answers: [written200("As it is now.")],
    problems: [...TYPED_BODY_PROBLEMS, "bad_header", "not_found", "precondition_failed"],
  },
  {
    ...managed,
    id: "removeWebhook",
    method: "delete",
    path: PATH,
    summary: "Remove a webhook",
    parameters: [ID, IF_MATCH],
    answers: [GONE],
    problems: ["bad_header", "not_found", "precondition_failed"],
  },
  {
    ...managed,
    id: "enableWebhook",
    method: "post",
    path: `${PATH}/enable`,
    summary: "Send to it again",
    parameters: [ID, IF_MATCH],
    answers: [written200("It is enabled; what it missed is had by a replay.")],
    problems: ["bad_header", "not_found", "precondition_failed"],
  },
  {
    ...managed,
    id: "rotateWebhookSecret",
    isIdempotent: true,
    method: "post",
    path: `${PATH}/rotate-secret`,
    summary: "Make a new secret",
    description: "For 24 hours the one before signs, too.",
    parameters: [ID, IF_MATCH],
    answers: [{ ...written200("With the new secret."), content: [json(secretWebhook, SECRET_WEBHOOK)] }],
    problems: ["bad_header", "not_found", "precondition_failed", "body_too_large", "body_too_slow"],
  },
  {
    ...managed,
    id: "listDeliveries",
    method: "get",
    path: `${PATH}/deliveries`,
    summary: "The last attempts, newest first",
    parameters: [ID, query("status", "Those alone that ended so.", DELIVERY_FILTERS.status, "failed"), ...PAGE],
    answers: [{ status: 200, description: "A page.", content: [json(deliveryPage, { items: [SUMMARY] })] }],
    problems: [...PAGE_PROBLEMS, "not_found"],
  },
  {
    ...managed,
    id: "getDelivery",
    method: "get",
    path: `${PATH}/deliveries/{deliveryId}`,
    summary: "What was sent, and what came back",
    parameters: [ID, inPath("deliveryId", "The attempt's id.", SUMMARY.id)],
    answers: [{ status: 200, description: "The attempt.", content: [json(delivery, DELIVERY)] }],
    problems: ["not_found"],
  },
  {
    ...managed,
    id: "testWebhook",
    method: "post",
    path: `${PATH}/test`,
    summary: "Send a test event at once",
    parameters: [ID],
    answers: [
      {
        status: 200,
        description: "What came back, whatever it was.",
        content: [json(delivery, { ...DELIVERY, eventType: "dev.trunkline.webhook.test.v1", reason: "test" })],
      },
    ],
    problems: ["not_found"],
  },
  {
    ...managed,
    id: "replayWebhook",
    isIdempotent: true,
    method: "post",
    path: `${PATH}/replay`,
    summary: "Deliver again what was recorded in a time",
    parameters: [
      ID,
      query("from", "RFC 3339, inclusive.", instant, REPLAY.from),
      query("to", "RFC 3339, exclusive; by default now.", instant, REPLAY.to),
    ],
    answers: [
      {
        status: 202,
        description: "It has begun.",
        content: [json(replay, REPLAY)],
        headers: { Location: "Where its progress is told." },
      },
    ],
    problems: ["bad_query", "not_found", "conflict", "body_too_large", "body_too_slow"],
  },
  {
    ...managed,
    id: "getWebhookReplay",
    method: "get",
    path: `${PATH}/replays/{replayId}`,
    summary: "How far a replay is",
    parameters: [ID, inPath("replayId", "The replay's id.", REPLAY.id)],
    answers: [{ status: 200, description: "The replay.", content: [json(replay, REPLAY)] }],
    problems: ["not_found"],
  },
];

export const WEBHOOK_SCHEMAS: Schemas = {
  Webhook: webhook,
  WebhookInput: webhookInput,
  WebhookWithSecret: secretWebhook,
  WebhookShown: shownWebhook,
  WebhookPage: webhookPage,
  WebhookBacklog: backlog,
  DeliverySummary: summary,
  Delivery: delivery,
  DeliveryPage: deliveryPage,
  WebhookReplay: replay,
};
