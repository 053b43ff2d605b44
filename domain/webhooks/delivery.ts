/** What is handed to an endpoint's object, and what it tells. Plain data: it travels between Workers and objects as it is. */
import { parseStored } from "../events/stored.ts";
import type { BreakerState } from "../resilience/breaker.ts";
import type { EventId, Lane, TenantId } from "../shared/ids.ts";
import type { DisabledBecause } from "./endpoint.ts";
import type { WebhookTarget } from "./target.ts";

export type HandedEvent = {
  readonly id: EventId;
  /** What its order is kept by; null: it belongs to nothing. */
  readonly subject: string | null;
  /** As it is stored. */
  readonly line: string;
};

export type Handed = {
  readonly tenant: TenantId;
  readonly target: WebhookTarget;
  /** Whose events they are. */
  readonly lane: Lane;
  readonly events: readonly HandedEvent[];
};

export const ATTEMPT_STATUSES = ["delivered", "failed", "given_up"] as const;
/** `given_up`: it failed, and was the last of its event. */
export type AttemptStatus = (typeof ATTEMPT_STATUSES)[number];

/** A text that is kept as far as it is not too long. */
export type Kept = { readonly text: string; readonly isCut: boolean };

export type Received = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Kept;
};

const HIDDEN: Kept = { text: "", isCut: true };

/** One attempt to deliver one event. */
export type Attempt = {
  /** Counts the endpoint's attempts. */
  readonly number: number;
  readonly atMs: number;
  readonly durationMs: number;
  readonly eventId: string;
  readonly eventType: string;
  /** Of this event, from 1. */
  readonly attempt: number;
  readonly status: AttemptStatus;
  /** `event`, or what else it was sent for. */
  readonly reason: "event" | "test" | "replay";
  readonly url: string;
  readonly request: { readonly headers: Readonly<Record<string, string>>; readonly body: Kept };
  /** Null: nothing came back. */
  readonly response: Received | null;
  /** Why it failed, in plain English; null: it did not. */
  readonly failure: string | null;
  /** When it is tried again; null: it is not. */
  readonly nextMs: number | null;
};

/**
 * An attempt as it may be shown, by what the event store has of its event now.
 * @param line null: nothing. What has been erased, or is kept no longer, is shown neither as it was sent nor in what came back of it.
 */
export function shownAttempt(attempt: Attempt, line: string | null): Attempt {
  if (attempt.reason === "test" || (line !== null && parseStored(line).erased === undefined)) return attempt;
  const { request, response } = attempt;
  return {
    ...attempt,
    request: { ...request, body: HIDDEN },
    response: response === null ? null : { status: response.status, headers: {}, body: HIDDEN },
  };
}

export type AttemptSummary = Omit<Attempt, "request" | "response"> & { readonly responseStatus: number | null };

export type AttemptPage = { readonly items: readonly AttemptSummary[]; readonly more: boolean };

/** Events that are read from the store and delivered: again, because somebody asked, or later, because too many waited. */
export type Reading = {
  readonly id: string;
  readonly kind: "replay" | "put_off";
  /** By when they were recorded: inclusive and exclusive. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Behind this event it goes on; null: it begins. */
  readonly place: EventId | null;
  /** That were taken so far. */
  readonly events: number;
  readonly state: "running" | "done" | "cancelled";
  readonly startedMs: number;
  readonly finishedMs: number | null;
};

export type Disabled = {
  readonly because: DisabledBecause;
  readonly atMs: number;
  /** Of the endpoint that was disabled: a newer one is another matter. */
  readonly revision: number;
  /** When the oldest event was recorded that was not delivered; null: there was none. */
  readonly undeliveredSinceMs: number | null;
};

export type EndpointStatus = {
  readonly waiting: number;
  readonly oldestRecordedMs: number | null;
  readonly nextAttemptMs: number | null;
  readonly breaker: BreakerState;
  readonly failingSinceMs: number | null;
  /** More came than may wait: the rest is read from the event store when there is room. */
  readonly lagging: boolean;
  /** Of what was not delivered when the endpoint was last stopped; null: nothing. */
  readonly undeliveredSinceMs: number | null;
};
