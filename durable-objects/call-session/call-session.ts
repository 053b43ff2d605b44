/**
 * One call. Opens durably before its caller is answered, takes reports in any order, forwards its events to the log, and ends by
 * itself when nobody speaks of it any more. domain/call decides; this object stores and carries out.
 */
import { DurableObject } from "cloudflare:workers";
import { type Clock, type Randomness, systemClock, systemRandomness } from "../../adapters/platform/clock.ts";
import { type Faults, noFaults } from "../../adapters/platform/faults.ts";
import { type Log, createLog } from "../../adapters/telemetry/log.ts";
import { createMeter } from "../../adapters/telemetry/meter.ts";
import { traceIdOf } from "../../adapters/telemetry/trace.ts";
import { type Environment, parseEnvironment } from "../../contracts/environment.ts";
import type { Call } from "../../domain/call/call.ts";
import { endsCall } from "../../domain/call/machine.ts";
import { isTerminal } from "../../domain/call/state.ts";
import { archiveDueAt, endDueAt, forwardRetryAt, watchDueAt } from "../../domain/call/timers.ts";
import { type CloudEvent, type SessionEvent, toCloudEvent } from "../../domain/events/event.ts";
import type { Plan } from "../../domain/routing/plan.ts";
import type { AppendOutcome, EventLog } from "../event-log/event-log.ts";
import { handOver } from "../metrics/hand-over.ts";
import { inJurisdiction } from "../namespaces.ts";
import { offerAndWait, offerSoon } from "./offer.ts";
import { settle, settlementOf } from "./settle-toll.ts";
import { type SessionRow, type Stored, type Tombstone, isTombstone, loadRow, saveRow, tombstoneOf } from "./row.ts";
import type { SessionView } from "../../domain/call/session-view.ts";
import {
  type Identity,
  type IncomingReport,
  type StepContext,
  announce,
  emptyRow,
  endBySilence,
  report,
  reportOnTombstone,
  reportsOf,
} from "./steps.ts";

/** A live session with this many events that the log has not confirmed asks for the confirmation, so that its row can shrink. */
const MAX_UNCONFIRMED = 32;

/**
 * With this many events that the log has not confirmed, a session takes no more until it has: a row of its storage holds 2 MB, and
 * a report at most about 1.5 kB.
 */
const MAX_HELD = 500;

export type OpenRequest = {
  readonly identity: Identity;
  readonly call: Call;
  readonly plan: Plan;
  readonly fingerprint: string | null;
  readonly traceparent: string;
};
/** A caller who has just opened the session knows its call and plan: only what came out of it goes back. */
export type OpenOutcome =
  | ({ readonly created: true } & Opened)
  | { readonly created: false; readonly sameRequest: boolean; readonly view: SessionView };
export type Opened = Pick<SessionView, "state" | "createdMs" | "newsMs" | "sequence" | "hours">;

export type ReportRequest = {
  readonly identity: Identity;
  readonly report: IncomingReport;
  /** Take the report also when nobody has announced the call yet. */
  readonly early: boolean;
  readonly traceparent: string;
};
export type ReportAnswer =
  | { readonly tag: "taken"; readonly applied: boolean; readonly ended: boolean; readonly view: SessionView }
  | { readonly tag: "unknown" }
  /** Not taken; it may be sent again. */
  | { readonly tag: "unavailable" };

export type TimelineAnswer = { readonly view: SessionView; readonly events: readonly CloudEvent[] };

export class CallSession extends DurableObject<Env> {
  clock: Clock = systemClock;
  randomness: Randomness = systemRandomness;
  faults: Faults = noFaults;
  readonly #environment: Environment;
  readonly #log: Log;
  #stored: Stored | null;
  #forwardFailures = 0;
  #forwarding = false;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#environment = parseEnvironment(env);
    this.#log = createLog({ component: "call-session", lane: this.#environment.LANE });
    this.#stored = loadRow(ctx.storage);
  }

  /** Announces the call. A repetition changes nothing and gets the session as it is. */
  async open(request: OpenRequest): Promise<OpenOutcome> {
    await this.faults.at("call-session.open");
    const stored = this.#stored;
    if (stored !== null && (isTombstone(stored) || stored.call !== null)) {
      const fingerprint = isTombstone(stored) ? request.fingerprint : stored.fingerprint;
      return { created: false, sameRequest: fingerprint === request.fingerprint, view: viewOf(stored) };
    }
    const context = this.#context(request.traceparent);
    const row = announce(
      stored ?? emptyRow(request.identity, context.nowMs),
      request.call,
      request.plan,
      request.fingerprint,
      context,
    );
    this.#commit(stored, row, context);
    const { state, createdMs, newsMs, sequence, hours } = row;
    return { created: true, state, createdMs, newsMs, sequence, hours };
  }

  /** Takes a report about the call. */
  async report(request: ReportRequest): Promise<ReportAnswer> {
    const stored = this.#stored;
    if (stored === null && !request.early) return { tag: "unknown" };
    if (stored !== null && stored.tenant !== request.identity.tenant) return { tag: "unknown" };
    const context = this.#context(request.traceparent);
    if (stored !== null && isTombstone(stored)) return this.#reportAfterArchive(stored, request, context);
    const held = stored === null ? 0 : unconfirmedOf(stored).length;
    if (held >= MAX_HELD && !endsCall(request.report.type)) return { tag: "unavailable" };
    const before = stored ?? emptyRow(request.identity, context.nowMs);
    const outcome = report(before, request.report, context);
    if (outcome.stored) this.#commit(stored, outcome.row, context);
    return { tag: "taken", applied: outcome.applied, ended: outcome.ended, view: viewOf(outcome.row) };
  }

  /**
   * Gives up reports on a call that was announced on the other lane, and everything else with them. Empty when the call was
   * announced here, or nothing is known of it.
   */
  async surrender(): Promise<readonly IncomingReport[]> {
    const stored = this.#stored;
    if (stored === null || isTombstone(stored) || stored.call !== null) return [];
    this.#stored = null;
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
    return reportsOf(stored);
  }

  async view(): Promise<SessionView | null> {
    return this.#stored === null ? null : viewOf(this.#stored);
  }

  /** The session and the events that it still holds itself. */
  async timeline(): Promise<TimelineAnswer | null> {
    const stored = this.#stored;
    if (stored === null) return null;
    return {
      view: viewOf(stored),
      events: isTombstone(stored) ? [] : stored.events.map((event) => toCloudEvent(event, stored.tenant, stored.id)),
    };
  }

  /** Due: silence that lasted too long, events that the log has not taken, or storage that may be given up. */
  override async alarm(info?: AlarmInvocationInfo): Promise<void> {
    const stored = this.#stored;
    if (stored === null || isTombstone(stored)) return;
    const context = this.#context(stored.events.at(-1)?.traceparent ?? "");
    const maxDurationMs = maxDurationOf(stored.plan);
    const dueMs = endDueAt(stored.state, stored.newsMs, maxDurationMs);
    if (dueMs !== null && dueMs > context.nowMs) {
      await this.ctx.storage.setAlarm(watchDueAt(stored.state, stored.newsMs, context.nowMs, maxDurationMs) ?? dueMs);
      await this.#forward(stored);
      await this.#settleToll(context.nowMs);
      return;
    }
    // The archive alarm is set only when the log has taken everything: its time is the acknowledgement, and saves the row that a
    // flag would cost.
    if (stored.endRecordedMs !== null && info?.scheduledTime === archiveDueAt(stored.endRecordedMs)) {
      this.#archive(stored);
      return;
    }
    // This alarm is used up, and what follows may not come to its end.
    this.#armRetry(context.nowMs);
    if (stored.endRecordedMs !== null) return void (await this.#forward(stored));
    const ended = endBySilence(stored, context);
    this.ctx.waitUntil(this.#countEnd(ended));
    this.#commit(stored, ended, context);
  }

  #context(traceparent: string): StepContext {
    return { nowMs: this.clock.nowMs(), random: this.randomness.bytes, traceparent };
  }

  /** Writes the row, and the alarm with it where there has to be another: both or neither are on disk before anything is answered. */
  #commit(before: SessionRow | null, row: SessionRow, context: StepContext): void {
    saveRow(this.ctx.storage, row);
    this.#stored = row;
    // After the end the alarm stands at the archive time, which says that the log has everything; now it has not.
    if (before?.endRecordedMs != null) this.#armRetry(context.nowMs);
    else if (before === null)
      void this.ctx.storage.setAlarm(watchDueAt(row.state, context.nowMs, context.nowMs) ?? this.#retryAt(context.nowMs));
    // The opening is in the log line of its request already.
    if (before !== null && before.state.phase !== row.state.phase) {
      this.#log("info", "session transition", {
        traceId: traceIdOf(context.traceparent),
        sessionId: row.id,
        from: before.state.phase,
        to: row.state.phase,
        sequence: row.sequence,
      });
    }
    // The answer does not wait: the row holds the events until the log has them.
    const unconfirmed = unconfirmedOf(row);
    const wait = row.endRecordedMs !== null || unconfirmed.length >= MAX_UNCONFIRMED;
    if (before?.endRecordedMs == null && row.endRecordedMs !== null) this.ctx.waitUntil(this.#settleToll(context.nowMs));
    if (wait) this.ctx.waitUntil(this.#forward(row));
    else offerSoon(this.#logs(), row, unconfirmed, context.nowMs);
  }

  /**
   * Offers everything that is not known to be durable in the log, and waits for its word. Done when a session has ended, or its
   * row has grown; before that, what is offered makes events visible early, and the row stays responsible for them.
   */
  async #forward(row: SessionRow): Promise<void> {
    if (this.#forwarding) return;
    this.#forwarding = true;
    const outcome = await offerAndWait(this.#logs(), row, unconfirmedOf(row));
    this.#forwarding = false;
    await this.#acknowledge(row, outcome);
  }

  async #acknowledge(row: SessionRow, outcome: AppendOutcome): Promise<void> {
    const current = this.#stored;
    if (current === null || isTombstone(current)) return;
    if (outcome !== "durable") {
      this.#forwardFailures += 1;
      this.#log("warn", "the event log did not take a session's events; offered again later", {
        sessionId: row.id,
        failures: this.#forwardFailures,
      });
      if (isTerminal(current.state.phase)) this.#armRetry(this.clock.nowMs());
      return;
    }
    this.#forwardFailures = 0;
    this.#stored = { ...current, forwarded: Math.max(current.forwarded, row.sequence) };
    if (current.endRecordedMs === null) return;
    if (current.sequence > row.sequence) return void (await this.#forward(this.#stored));
    const archiveMs = archiveDueAt(current.endRecordedMs);
    if (archiveMs > this.clock.nowMs()) await this.ctx.storage.setAlarm(archiveMs);
    else this.#archive(this.#stored);
  }

  /** Best effort: a settlement that does not get through is made up for at the next look or at the end; after that it is lost. */
  async #settleToll(nowMs: number): Promise<void> {
    const row = this.#stored;
    const due = row === null || isTombstone(row) ? null : settlementOf(row, nowMs);
    if (row === null || isTombstone(row) || due === null) return;
    const ledgers = inJurisdiction(this.env.TOLL_LEDGER, this.#environment.JURISDICTION);
    if (!(await settle(ledgers, row, due)))
      return this.#log("warn", "a toll ledger was not told what a call cost", { sessionId: row.id });
    const current = this.#stored;
    if (current === null || isTombstone(current)) return;
    this.#stored = { ...current, tollSettledMicros: (current.tollSettledMicros ?? 0) + due.micros };
    // After the end nothing more is settled: the row need not be written for it.
    if (current.endRecordedMs === null) saveRow(this.ctx.storage, this.#stored);
  }

  #logs(): DurableObjectNamespace<EventLog> {
    return inJurisdiction(this.env.EVENT_LOG, this.#environment.JURISDICTION);
  }

  #retryAt(nowMs: number): number {
    return forwardRetryAt(nowMs, this.#forwardFailures, this.randomness.fraction());
  }

  #armRetry(nowMs: number): void {
    void this.ctx.storage.setAlarm(this.#retryAt(nowMs));
  }

  /** Ends by report are counted where they are answered; nobody answers for one by silence. */
  async #countEnd({ id, state }: SessionRow): Promise<void> {
    const meter = createMeter({ lane: this.#environment.LANE });
    meter.count("trunkline_sessions_ended_total", { disposition: state.disposition ?? "", state: state.phase });
    if (!(await handOver(this.env.METRICS, this.#environment.JURISDICTION, meter, this.clock.nowMs())))
      this.#log("warn", "an end could not be counted", { sessionId: id });
  }

  #archive(row: SessionRow): void {
    const tombstone = tombstoneOf(row);
    saveRow(this.ctx.storage, tombstone);
    this.#stored = tombstone;
  }

  /** News of a call whose storage is gone: recorded in the log as not applied, resurrects nothing. */
  async #reportAfterArchive(tombstone: Tombstone, request: ReportRequest, context: StepContext): Promise<ReportAnswer> {
    const { row } = reportOnTombstone(tombstone, request.identity, request.report, context);
    const event = row.events.at(-1);
    if (event !== undefined) {
      // The place is taken before the log is asked: another report may arrive meanwhile.
      this.#stored = {
        ...tombstone,
        sequence: event.sequence,
        hours: row.hours,
        reportIds: row.reportIds,
        newsMs: context.nowMs,
      };
      saveRow(this.ctx.storage, this.#stored);
      const late = { ...event, data: { ...event.data, applied: false } };
      const outcome = await offerAndWait(this.#logs(), tombstone, [late]);
      // Nothing else holds this event: without the log it has not been taken, and the reporter has to know.
      if (outcome !== "durable") return { tag: "unavailable" };
    }
    return { tag: "taken", applied: false, ended: false, view: viewOf(tombstone) };
  }
}

function maxDurationOf(plan: Plan | null): number | undefined {
  return plan?.action === "route" ? plan.maxDurationMs : undefined;
}

function unconfirmedOf(row: SessionRow): SessionEvent[] {
  return row.events.filter(({ sequence }) => sequence > row.forwarded);
}

function viewOf(stored: Stored): SessionView {
  const { id, tenant, lane, state, createdMs, newsMs, sequence, hours, log } = stored;
  const shared = { id, tenant, lane, state, createdMs, newsMs, sequence, hours, log };
  if (isTombstone(stored)) return { ...shared, announced: true, archived: true, call: null, plan: null };
  return { ...shared, announced: stored.call !== null, archived: false, call: stored.call, plan: stored.plan };
}
