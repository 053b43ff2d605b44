/** Attempts, as they are noted. */
import type { Attempt, AttemptStatus, AttemptSummary, HandedEvent } from "../../domain/webhooks/delivery.ts";
import type { WebhookTarget } from "../../domain/webhooks/target.ts";
import type { Verdict } from "../../domain/webhooks/verdict.ts";
import type { Sent } from "./send.ts";

export type AttemptFacts = {
  readonly seq: number;
  /** That were made before. */
  readonly attempts: number;
  readonly event: HandedEvent;
  readonly reason: Attempt["reason"];
  readonly target: WebhookTarget;
  /** When it began, Unix milliseconds. */
  readonly atMs: number;
};

/** @param nextMs when it is tried again; null: it is not. */
export function attemptOf(
  { attempts, event, reason, target, atMs }: AttemptFacts,
  { durationMs, headers, received, request, type }: Sent,
  verdict: Verdict,
  status: AttemptStatus,
  nextMs: number | null,
): Omit<Attempt, "number"> {
  const failure = verdict.tag === "delivered" ? null : verdict.tag === "gone" ? "answered 410: it is gone" : verdict.detail;
  return {
    atMs,
    durationMs,
    eventId: event.id,
    eventType: type,
    attempt: attempts + 1,
    status,
    reason,
    url: target.url,
    request: { headers, body: request },
    response: received,
    failure,
    nextMs,
  };
}

export function summaryOf({ request: _request, response, ...rest }: Attempt): AttemptSummary {
  return { ...rest, responseStatus: response?.status ?? null };
}
