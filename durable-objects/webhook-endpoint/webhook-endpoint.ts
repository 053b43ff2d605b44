/**
 * What is to be delivered to one endpoint of a tenant, and what became of it: one object per endpoint, named `<tenant>/<endpoint>`.
 * Events are on disk before whoever hands them over is answered, and leave it when the endpoint has taken them. All requests are made from
 * the alarm: an object that dies in the middle is woken again, and makes them again.
 */
import { DurableObject } from "cloudflare:workers";
import { createDataKeys } from "../../adapters/identity/data-keys.ts";
import { type Clock, type Randomness, systemClock, systemRandomness } from "../../adapters/platform/clock.ts";
import { inTime, within } from "../../adapters/platform/deadline.ts";
import { type Log, createLog } from "../../adapters/telemetry/log.ts";
import { type Meter, createMeter } from "../../adapters/telemetry/meter.ts";
import { type Environment, parseEnvironment } from "../../contracts/environment.ts";
import { type TenantId, timeOfId } from "../../domain/shared/ids.ts";
import { againAfterMs, nextAlarmMs } from "../../domain/webhooks/alarm.ts";
import { CLOSED, allowedAtOnce, stateOf } from "../../domain/webhooks/breaker.ts";
import type {
  Attempt,
  AttemptPage,
  AttemptStatus,
  EndpointStatus,
  Handed,
  HandedEvent,
  Reading,
} from "../../domain/webhooks/delivery.ts";
import type { WebhookDesk } from "../../domain/webhooks/desk.ts";
import type { DisabledBecause } from "../../domain/webhooks/endpoint.ts";
import { DeliveryQueue, MAX_QUEUED, type Waiting } from "../../domain/webhooks/queue.ts";
import type { WebhookTarget } from "../../domain/webhooks/target.ts";
import { verdictOf } from "../../domain/webhooks/verdict.ts";
import { METRICS_OBJECT } from "../metrics/metrics.ts";
import { inJurisdiction } from "../namespaces.ts";
import { type AttemptFacts, attemptOf, summaryOf } from "./attempt.ts";
import { composed } from "./compose.ts";
import { Readings } from "./readings.ts";
import { EndpointRows } from "./rows.ts";
import { type Fetch, type Sent, send } from "./send.ts";
import { settleAttempt } from "./settle-attempt.ts";

/** Requests under way to one endpoint: a Worker has six connections, and one is left for the event store. */
export const MAX_PARALLEL = 5;
/** No request is begun later than this in one alarm, which the platform gives 15 minutes. */
const RUN_MS = 5 * 60_000;
/** What cannot begin although it is due, for want of a free place, is not looked at more often. */
const MIN_PAUSE_MS = 100;
/** A Worker that has not told the database by then is asked again. */
const DESK_DEADLINE_MS = 30_000;

/** Why events could not be delivered that were handed over: nobody has to try again. */
export type TakeAnswer = "taken" | "disabled";

export class WebhookEndpoint extends DurableObject<Env> {
  clock: Clock = systemClock;
  randomness: Randomness = systemRandomness;
  fetcher: Fetch = (request) => fetch(request);
  /** The Worker's own entrypoint. */
  desk: WebhookDesk;
  readonly #environment: Environment;
  readonly #log: Log;
  readonly #meter: Meter;
  readonly #rows: EndpointRows;
  readonly #readings: Readings;
  #queue: DeliveryQueue;
  readonly #underWay = new Set<Promise<void>>();
  #isRunning = false;
  /** Wakes the alarm that is running: there may be something to do. */
  #news = Promise.withResolvers<void>();
  /** Of telling the database, since it last succeeded. */
  #settleFailures = 0;
  #settleDueMs = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#environment = parseEnvironment(env);
    this.#log = createLog({ component: "webhook-endpoint", lane: this.#environment.LANE });
    this.#meter = createMeter({ lane: this.#environment.LANE });
    this.#rows = new EndpointRows(ctx.storage);
    this.#queue = new DeliveryQueue(this.#rows.waiting());
    this.desk = ctx.exports.WebhookDesk as unknown as WebhookDesk;
    this.#readings = new Readings(this.#rows, () => this.clock.nowMs());
  }

  /** Takes events that are to be delivered. Those that were taken before are known; answered when they are on disk. */
  async take({ tenant, target, lane, events }: Handed): Promise<TakeAnswer> {
    this.#adopt(tenant, target);
    if (this.#rows.state.disabled !== null) return "disabled";
    if (lane === "emergency" && this.#queue.size >= 2 * MAX_QUEUED) {
      // They cannot be put off, since their store is not at hand here.
      this.#stop("failing", false);
      await this.#arm();
      return "disabled";
    }
    const fresh = events.filter(({ id }) => !this.#rows.isRemembered(id));
    const { now, later } = this.#shared(fresh, lane === "emergency");
    const nowMs = this.clock.nowMs();
    const added = this.#rows.atomically(() => {
      const waiting = this.#rows.put(now, nowMs, "event");
      this.#rows.remember(now);
      if (later.length > 0) this.#readings.putOff(later);
      return waiting;
    });
    for (const item of added) this.#queue.add(item);
    const count = (outcome: string, by: number) =>
      by > 0 && this.#meter.count("trunkline_webhook_events_total", { outcome }, by);
    count("taken", now.length);
    count("put_off", later.length);
    count("repeated", events.length - fresh.length);
    await this.#arm();
    this.#report();
    return "taken";
  }

  /** What the endpoint is now. */
  async configure(tenant: TenantId, target: WebhookTarget): Promise<void> {
    this.#adopt(tenant, target);
    await this.#arm();
  }

  /** Somebody has disabled it: nothing is sent to it any more, whoever has still an older word on it. @param revision of the endpoint that is disabled. */
  async disable(revision: number): Promise<void> {
    const { disabled } = this.#rows.state;
    if (disabled === null) this.#stop("user", true, revision);
    else if (disabled.revision < revision) this.#rows.save({ disabled: { ...disabled, revision } });
    await this.#arm();
  }

  /** The endpoint has been removed: what is kept is whose it was, and that no word on it is newer than that. */
  async remove(): Promise<void> {
    await this.disable(Number.MAX_SAFE_INTEGER);
    this.#rows.clear();
    this.#rows.save({ target: null, breaker: CLOSED, isSettled: true });
  }

  /** Sends one event at once, whatever waits, and whether the endpoint is enabled or not. Tells what came back. */
  async sendTest(tenant: TenantId, target: WebhookTarget, event: HandedEvent): Promise<Attempt> {
    const facts = { seq: 0, attempts: 0, event, reason: "test" as const, target, atMs: this.clock.nowMs() };
    const sent = await this.#send(tenant, facts, facts.atMs);
    const verdict = verdictOf(sent.outcome);
    const status = verdict.tag === "delivered" ? "delivered" : "failed";
    this.#meter.count("trunkline_webhook_deliveries_total", { outcome: "test" });
    this.#report();
    const attempt = this.#rows.log(attemptOf(facts, sent, verdict, status, null));
    await this.#arm();
    return attempt;
  }

  /** Reads events from the event store and delivers them. @returns null when the endpoint is disabled or has as many replays as it may. */
  async replay(tenant: TenantId, target: WebhookTarget, id: string, fromMs: number, toMs: number): Promise<Reading | null> {
    this.#adopt(tenant, target);
    if (this.#rows.state.disabled !== null) return null;
    const reading = this.#readings.begin(id, fromMs, toMs);
    await this.#arm();
    return reading;
  }

  async reading(id: string): Promise<Reading | null> {
    return this.#rows.readings().find((reading) => reading.id === id && reading.kind === "replay") ?? null;
  }

  /** Newest first. @param before exclusive; null: from the newest on. */
  async attempts(status: AttemptStatus | null, before: number | null, limit: number): Promise<AttemptPage> {
    const found = this.#rows.attempts(status, before, limit, this.clock.nowMs());
    return { items: found.slice(0, limit).map(summaryOf), more: found.length > limit };
  }

  async attempt(number: number): Promise<Attempt | null> {
    return this.#rows.attempt(number, this.clock.nowMs());
  }

  async status(): Promise<EndpointStatus> {
    // Whoever looks brings an object to life again whose alarm was lost.
    await this.#arm();
    const { breaker, disabled } = this.#rows.state;
    const oldest = this.#rows.oldestWaiting();
    const nowMs = this.clock.nowMs();
    const { nextDueMs } = this.#queue;
    return {
      waiting: this.#queue.size,
      oldestRecordedMs: oldest === null ? null : timeOfId(oldest),
      nextAttemptMs: nextDueMs === null ? null : Math.max(nextDueMs, breaker.openUntilMs ?? 0),
      breaker: stateOf(breaker, nowMs),
      failingSinceMs: breaker.failingSinceMs,
      lagging: this.#readings.isPuttingOff,
      undeliveredSinceMs: disabled?.undeliveredSinceMs ?? null,
    };
  }

  override async alarm(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      this.#rows.trim(this.clock.nowMs());
      await this.#run(this.clock.nowMs() + RUN_MS);
    } catch (error) {
      // The alarm must not fail, or the platform gives up on it after six times.
      this.#log("error", "deliveries were interrupted; they go on", { cause: error instanceof Error ? error.name : "unknown" });
    }
    this.#isRunning = false;
    await this.#arm();
    this.#report();
  }

  /** Begins what is due, until nothing is. Slow answers hold up nothing but their own subjects. */
  async #run(untilMs: number): Promise<void> {
    for (;;) {
      this.#news = Promise.withResolvers<void>();
      const isLate = this.clock.nowMs() >= untilMs;
      if (!isLate) this.#begin();
      if (this.#underWay.size === 0) return;
      // What is due meanwhile does not wait for an answer that is slow to come.
      const pauseMs = Math.max(0, Math.min(this.#dueMs() ?? untilMs, untilMs) - this.clock.nowMs());
      await within(Promise.race([...this.#underWay, this.#news.promise]), isLate ? RUN_MS : Math.max(pauseMs, MIN_PAUSE_MS));
    }
  }

  #begin(): void {
    const nowMs = this.clock.nowMs();
    const { state } = this.#rows;
    if (!state.isSettled && this.#settleDueMs <= nowMs) {
      this.#settleDueMs = nowMs + DESK_DEADLINE_MS;
      this.#follow(this.#settle());
    }
    if (state.disabled !== null || state.target === null || state.tenant === null) return;
    const { tenant, target } = state;
    if (this.#readings.isDue(nowMs, this.#queue)) this.#follow(this.#refill(tenant, target));
    for (const item of this.#queue.take(nowMs, allowedAtOnce(state.breaker, nowMs, MAX_PARALLEL)))
      this.#follow(this.#attempt(tenant, target, item));
  }

  #follow(work: Promise<void>): void {
    const followed = work.catch((error: unknown) => {
      this.#log("error", "a delivery could not be noted", { cause: error instanceof Error ? error.name : "unknown" });
    });
    const settled: Promise<void> = followed.finally(() => this.#underWay.delete(settled));
    this.#underWay.add(settled);
  }

  async #attempt(tenant: TenantId, target: WebhookTarget, item: Waiting): Promise<void> {
    const stored = this.#rows.lineOf(item.seq);
    const queue = this.#queue;
    if (stored === null) return queue.done(item);
    const event = { id: item.eventId as HandedEvent["id"], subject: item.subject, line: stored.line };
    const facts = { seq: item.seq, attempts: item.attempts, event, reason: stored.reason, target, atMs: this.clock.nowMs() };
    const sent = await this.#send(tenant, facts, stored.takenMs);
    // The endpoint was stopped meanwhile: what waited is gone, and this with it.
    if (queue !== this.#queue) return;
    const around = { rows: this.#rows, queue, meter: this.#meter, randomness: this.randomness, nowMs: this.clock.nowMs() };
    const because = settleAttempt(around, { item, facts, sent });
    if (because !== null) this.#stop(because, false);
  }

  #send(tenant: TenantId, { event, target }: Pick<AttemptFacts, "event" | "target">, takenMs: number): Promise<Sent> {
    const dataKeys = createDataKeys(this.#environment);
    // Only the local system has such a database.
    const loopback = Boolean(this.env.DATABASE_LOCAL_ENDPOINT);
    const current = (waited: HandedEvent) => this.desk.current(tenant, waited);
    const how = { tenant, dataKeys, loopback, takenMs, nowMs: this.clock.nowMs(), current };
    return composed(target, event, how).then((message) =>
      message.ok ? send(message.value, this.fetcher, () => this.clock.nowMs()) : message.error,
    );
  }

  /** Nothing is sent any more, and what waited is given up: the event store has it. @param isKnown whether the database says so already. */
  #stop(because: DisabledBecause, isKnown: boolean, revision = 0): void {
    const { target } = this.#rows.state;
    const oldest = this.#rows.oldestWaiting();
    const waitedMs = [oldest === null ? null : timeOfId(oldest), this.#readings.oldestMs].filter((ms) => ms !== null);
    const undeliveredSinceMs = waitedMs.length === 0 ? null : Math.min(...waitedMs);
    const known = Math.max(revision, target?.revision ?? 0);
    const disabled = { because, atMs: this.clock.nowMs(), revision: known, undeliveredSinceMs };
    this.#rows.atomically(() => {
      this.#rows.clearWaiting();
      this.#readings.cancel();
      this.#rows.save({ disabled, isSettled: isKnown });
    });
    this.#queue = new DeliveryQueue();
    this.#settleDueMs = 0;
    this.#meter.count("trunkline_webhook_disabled_total", { because });
    this.#log("warn", "a webhook endpoint was disabled", { tenant: this.#rows.state.tenant, endpoint: target?.id, because });
  }

  /** Tells the database; until it knows, again and again. */
  async #settle(): Promise<void> {
    const { tenant, target, disabled } = this.#rows.state;
    if (tenant === null || target === null || disabled === null) return;
    try {
      await inTime(this.desk.noteDisabled(tenant, target.id, disabled), DESK_DEADLINE_MS);
      this.#settleFailures = 0;
      if (this.#rows.state.disabled?.atMs === disabled.atMs) this.#rows.save({ isSettled: true });
    } catch {
      this.#settleFailures += 1;
      this.#settleDueMs = this.clock.nowMs() + againAfterMs(this.#settleFailures);
    }
  }

  async #refill(tenant: TenantId, target: WebhookTarget): Promise<void> {
    const queue = this.#queue;
    try {
      const page = await this.#readings.next(this.desk, tenant, target.eventTypes);
      if (page === null || queue !== this.#queue) return;
      const nowMs = this.clock.nowMs();
      const added = this.#rows.atomically(() => this.#readings.take(page, nowMs));
      for (const item of added) this.#queue.add(item);
      if (page.reading.kind === "replay")
        this.#meter.count("trunkline_webhook_events_total", { outcome: "replayed" }, added.length);
    } finally {
      this.#readings.release();
    }
  }

  /** Of what was handed over: what there is room for now, and what is read from the event store when there is room. */
  #shared(events: readonly HandedEvent[], isEmergency: boolean) {
    // The emergency lane's store is not at hand here: its events are few, and are taken in any case.
    if (isEmergency) return { now: events, later: [] };
    if (this.#readings.isPuttingOff) return { now: [], later: events };
    const units = events.reduce((sum, { line }) => sum + line.length, 0);
    return this.#queue.hasRoom(units) ? { now: events, later: [] } : { now: [], later: events };
  }

  /** A newer word on the endpoint counts; one that is newer than its being disabled enables it. */
  #adopt(tenant: TenantId, target: WebhookTarget): void {
    const { target: known, disabled } = this.#rows.state;
    if (target.revision <= Math.max(known?.revision ?? -1, disabled?.revision ?? -1)) return;
    const fresh = disabled !== null ? { disabled: null, isSettled: true, breaker: CLOSED } : {};
    // Another address may answer where the old one did not.
    const moved = known !== null && known.url !== target.url ? { breaker: CLOSED } : {};
    this.#rows.save({ tenant, target, ...moved, ...fresh });
  }

  /** An alarm for what is next. One that goes off too early does no harm; each that is set costs a row. */
  async #arm(): Promise<void> {
    if (this.#isRunning) {
      this.#news.resolve();
      return;
    }
    const nextMs = this.#dueMs();
    if (nextMs === null) return;
    const setMs = await this.ctx.storage.getAlarm();
    if (setMs === null || setMs > nextMs) await this.ctx.storage.setAlarm(Math.max(nextMs, this.clock.nowMs()));
  }

  /** When there is something to do next; null: nothing is left. */
  #dueMs(): number | null {
    const { breaker, disabled, isSettled } = this.#rows.state;
    const isStopped = disabled !== null;
    return nextAlarmMs({
      queueDueMs: isStopped ? null : this.#queue.nextDueMs,
      breaker,
      readingDueMs: isStopped ? null : this.#readings.dueMs(this.#queue),
      settleDueMs: isSettled ? null : this.#settleDueMs,
      trimDueMs: this.#rows.trimDueMs,
    });
  }

  #report(): void {
    const deltas = this.#meter.take(this.clock.nowMs());
    if (deltas === null) return;
    const metrics = inJurisdiction(this.env.METRICS, this.#environment.JURISDICTION).getByName(METRICS_OBJECT);
    this.ctx.waitUntil(metrics.add(deltas).catch(() => {}));
  }
}
