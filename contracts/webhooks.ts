/** Webhook endpoints, deliveries and replays on the wire. */
import { z } from "zod";
import type { Stored } from "../domain/configuration/store.ts";
import { type Result, err, ok } from "../domain/shared/result.ts";
import {
  ATTEMPT_STATUSES,
  type Attempt,
  type AttemptSummary,
  type EndpointStatus,
  type Reading,
} from "../domain/webhooks/delivery.ts";
import type { WebhookEndpointRecord, WebhookInput } from "../domain/webhooks/endpoint.ts";
import { URL_PROBLEMS, webhookUrlProblem } from "../domain/webhooks/url.ts";
import { entityErrors } from "./configuration/entities.ts";
import { instantJson, label } from "./configuration/fields.ts";
import type { FieldError } from "./issues.ts";

/** Characters. */
export const MAX_URL = 2_048;
/** Types that an endpoint names. */
export const MAX_EVENT_TYPES = 64;
const MAX_EVENT_TYPE = 128;

const eventType = z
  .string()
  .max(MAX_EVENT_TYPE)
  .regex(/^[\w.:/-]+\*?$|^\*$/, "the name of a type, or the beginning of one with * behind it");

export const webhookInput = z.strictObject({
  url: z.string().max(MAX_URL),
  description: label,
  eventTypes: z.array(eventType).max(MAX_EVENT_TYPES).default([]),
  personalData: z.boolean().default(false),
  enabled: z.boolean().default(true),
});

/** @param loopback whether this machine is taken too, as in development. */
export function parseWebhook(json: unknown, loopback: boolean): Result<WebhookInput, readonly FieldError[]> {
  const parsed = webhookInput.safeParse(json);
  if (!parsed.success) return err(entityErrors(parsed.error, json));
  const problem = webhookUrlProblem(parsed.data.url, loopback);
  if (problem !== null) return err([{ pointer: "/url", code: "not_allowed", detail: URL_PROBLEMS[problem] }]);
  // As it is asked: what was written in another way cannot hide where it leads.
  return ok({ ...parsed.data, url: new URL(parsed.data.url).href, eventTypes: [...new Set(parsed.data.eventTypes)] });
}

/** @param publicKeys of the secrets that sign, the newest first. */
export function webhookJson(
  { entity, createdAtMs, updatedAtMs }: Stored<WebhookEndpointRecord>,
  publicKeys: readonly string[],
): Record<string, unknown> {
  const { id, url, description, eventTypes, personalData, disabled, rotatedUntilMs, createdBy } = entity;
  const [createdAt, updatedAt, rotatedUntil] = [createdAtMs, updatedAtMs, rotatedUntilMs].map(instantJson);
  return {
    id,
    url,
    description,
    eventTypes,
    personalData,
    enabled: disabled === null,
    disabledAt: instantJson(disabled?.atMs ?? null),
    disabledBecause: disabled?.because ?? null,
    publicKeys,
    rotatedUntil,
    createdBy,
    createdAt,
    updatedAt,
  };
}

export function statusJson(status: EndpointStatus): Record<string, unknown> {
  const { waiting, breaker, lagging } = status;
  const [oldestRecordedAt, nextAttemptAt, failingSince, undeliveredSince] = [
    status.oldestRecordedMs,
    status.nextAttemptMs,
    status.failingSinceMs,
    status.undeliveredSinceMs,
  ].map(instantJson);
  return { waiting, oldestRecordedAt, nextAttemptAt, breaker, failingSince, lagging, undeliveredSince };
}

export function attemptJson(attempt: AttemptSummary): Record<string, unknown> {
  const { number, atMs, nextMs, durationMs, eventId, eventType: type, attempt: count, ...rest } = attempt;
  const { status, reason, url, failure, responseStatus } = rest;
  return {
    id: String(number),
    at: instantJson(atMs),
    durationMs,
    eventId,
    eventType: type,
    attempt: count,
    status,
    reason,
    url,
    responseStatus,
    failure,
    nextAttemptAt: instantJson(nextMs),
  };
}

/** With what was sent and what came back. */
export function deliveryJson(attempt: Attempt): Record<string, unknown> {
  const { request, response, ...rest } = attempt;
  const summary = attemptJson({ ...rest, responseStatus: response?.status ?? null });
  const bodyOf = ({ text, isCut }: { readonly text: string; readonly isCut: boolean }) => ({ body: text, isCut });
  return {
    ...summary,
    request: { headers: request.headers, ...bodyOf(request.body) },
    response: response === null ? null : { status: response.status, headers: response.headers, ...bodyOf(response.body) },
  };
}

export function replayJson(reading: Reading): Record<string, unknown> {
  const { id, state, events } = reading;
  const [from, to, startedAt, finishedAt] = [reading.fromMs, reading.toMs, reading.startedMs, reading.finishedMs].map(
    instantJson,
  );
  return { id, state, from, to, events, startedAt, finishedAt };
}

const FIRST_MS = Date.UTC(2020, 0, 1);

/** `?from=&to=` of a replay, RFC 3339: by when events were recorded, from inclusive, to exclusive and by default now. */
export function parseReplay(
  query: URLSearchParams,
  nowMs: number,
): Result<{ readonly fromMs: number; readonly toMs: number }, readonly FieldError[]> {
  const errors: FieldError[] = [];
  const timeOf = (name: string, otherwise: number | null): number => {
    const [text, ...more] = query.getAll(name);
    if (text === undefined && otherwise !== null) return otherwise;
    const parsed = z.iso.datetime({ offset: true }).safeParse(text);
    if (parsed.success && more.length === 0) return Math.max(FIRST_MS, Date.parse(parsed.data));
    errors.push({
      pointer: `?${name}`,
      code: text === undefined ? "missing" : "bad_format",
      detail: text === undefined ? "is required" : "is not a time by RFC 3339",
    });
    return 0;
  };
  const fromMs = timeOf("from", null);
  const toMs = Math.min(timeOf("to", nowMs), nowMs);
  for (const name of new Set(query.keys()))
    if (name !== "from" && name !== "to")
      errors.push({ pointer: `?${name.slice(0, 64)}`, code: "unknown_filter", detail: "parameters here are from and to" });
  if (errors.length === 0 && fromMs >= toMs)
    errors.push({ pointer: "?from", code: "not_allowed", detail: "must be before to, and before now" });
  return errors.length === 0 ? ok({ fromMs, toMs }) : err(errors);
}

/** Filters of the list of endpoints, and of that of deliveries. */
export const WEBHOOK_FILTERS = { enabled: z.enum(["true", "false"]) } as const;
export const DELIVERY_FILTERS = { status: z.enum(ATTEMPT_STATUSES) } as const;
