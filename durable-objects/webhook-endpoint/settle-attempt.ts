/** What an attempt has come to: on disk, in the queue, for the breaker, and in what is counted. */
import type { Randomness } from "../../adapters/platform/clock.ts";
import type { Meter } from "../../adapters/telemetry/meter.ts";
import { timeOfId } from "../../domain/shared/ids.ts";
import { CLOSED, afterFailure, hasFailedTooLong } from "../../domain/webhooks/breaker.ts";
import type { AttemptStatus } from "../../domain/webhooks/delivery.ts";
import type { DisabledBecause } from "../../domain/webhooks/endpoint.ts";
import type { DeliveryQueue, Waiting } from "../../domain/webhooks/queue.ts";
import { retryDelayMs } from "../../domain/webhooks/schedule.ts";
import { type Verdict, verdictOf } from "../../domain/webhooks/verdict.ts";
import { type AttemptFacts, attemptOf } from "./attempt.ts";
import type { EndpointRows } from "./rows.ts";
import type { Sent } from "./send.ts";

type Around = {
  readonly rows: EndpointRows;
  readonly queue: DeliveryQueue;
  readonly meter: Meter;
  readonly randomness: Randomness;
  readonly nowMs: number;
};

type Made = { readonly item: Waiting; readonly facts: AttemptFacts; readonly sent: Sent };
type Failure = Exclude<Verdict, { readonly tag: "delivered" }>;

function noteDelivered({ rows, queue, meter, nowMs }: Around, { item, facts, sent }: Made): void {
  const { breaker } = rows.state;
  rows.atomically(() => {
    rows.done(item.seq);
    rows.log(attemptOf(facts, sent, { tag: "delivered" }, "delivered", null));
    if (breaker.failures > 0) rows.save({ breaker: CLOSED });
  });
  queue.done(item);
  if (breaker.openUntilMs !== null) meter.count("trunkline_webhook_breaker_total", { to: "closed" });
  meter.count("trunkline_webhook_deliveries_total", { outcome: "delivered" });
  if (facts.reason === "event")
    meter.observe("trunkline_webhook_delay_seconds", {}, Math.max(0, nowMs - timeOfId(facts.event.id)) / 1_000);
}

function noteFailed(around: Around, { item, facts, sent }: Made, verdict: Failure): DisabledBecause | null {
  const { rows, queue, meter, randomness, nowMs } = around;
  const { breaker } = rows.state;
  const retryAfterMs = verdict.tag === "failed" ? verdict.retryAfterMs : null;
  const next = afterFailure(breaker, nowMs, facts.atMs, retryAfterMs, randomness.fraction());
  const isStopped = verdict.tag === "gone" || hasFailedTooLong(next, nowMs);
  const delayMs = isStopped ? null : retryDelayMs(item.attempts + 1, randomness.fraction(), retryAfterMs);
  const nextMs = delayMs === null ? null : nowMs + delayMs;
  const status: AttemptStatus = isStopped || nextMs !== null ? "failed" : "given_up";
  rows.atomically(() => {
    rows.save({ breaker: next });
    rows.log(attemptOf(facts, sent, verdict, status, nextMs));
    if (nextMs !== null) rows.failed(queue.failed(item, nextMs));
    else if (!isStopped) rows.done(item.seq);
  });
  if (nextMs === null && !isStopped) {
    queue.done(item);
    meter.count("trunkline_webhook_events_total", { outcome: "given_up" });
  }
  meter.count("trunkline_webhook_deliveries_total", { outcome: status });
  if (breaker.openUntilMs === null && next.openUntilMs !== null) meter.count("trunkline_webhook_breaker_total", { to: "open" });
  if (!isStopped) return null;
  return verdict.tag === "gone" ? "gone" : "failing";
}

/** @returns why nothing is to be sent to the endpoint any more, for which the caller has to see; null: it goes on. */
export function settleAttempt(around: Around, made: Made): DisabledBecause | null {
  const verdict = verdictOf(made.sent.outcome);
  around.meter.observe("trunkline_webhook_attempt_duration_seconds", {}, made.sent.durationMs / 1_000);
  if (verdict.tag !== "delivered") return noteFailed(around, made, verdict);
  noteDelivered(around, made);
  return null;
}
