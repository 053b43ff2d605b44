/**
 * One call. Opens durably before its caller is answered, takes reports and commands in any order, dials where it is to dial, tells whoever
 * watches, forwards its events to the log, and ends by itself when nobody speaks of it any more. domain/call decides; this object stores
 * and carries out.
 */
import { DurableObject } from "cloudflare:workers";
import { carrierOf } from "../../adapters/carriers/accounts.ts";
import { type Clock, type Randomness, systemClock, systemRandomness } from "../../adapters/platform/clock.ts";
import { type Faults, noFaults } from "../../adapters/platform/faults.ts";
import { type Log, createLog } from "../../adapters/telemetry/log.ts";
import { type Environment, parseEnvironment } from "../../contracts/environment.ts";
import { type LegAction, anyOpen } from "../../domain/call/legs.ts";
import { endsCall } from "../../domain/call/machine.ts";
import type { SessionView } from "../../domain/call/session-view.ts";
import { alarmToSet, archiveDueAt, earliest } from "../../domain/call/timers.ts";
import type { CloudEvent } from "../../domain/events/event.ts";
import type { FeedWriter } from "../../domain/sessions/feed.ts";
import { type SessionSummary, summaryOf, summaryOfDeleted } from "../../domain/sessions/summary.ts";
import type { EventLog } from "../event-log/event-log.ts";
import { answerClose } from "../sockets/sockets.ts";
import { resilienceOf } from "../breakers/isolate.ts";
import { createFeedWriter } from "../live-feed/feed-writer.ts";
import { inJurisdiction } from "../namespaces.ts";
import { AfterArchive } from "./after-archive.ts";
import { SessionAlarm } from "./alarm.ts";
import { CommandTaker } from "./command-taker.ts";
import { countEnd } from "./count-end.ts";
import { Deletion } from "./deletion.ts";
import { lookDueAt, mayHaveMissed } from "./due.ts";
import { Forwarding, isFull } from "./forwarding.ts";
import { KeptRecord } from "./kept-record.ts";
import type { Carriers } from "./leg-runner.ts";
import { beginWithLegs, stepLegs } from "./leg-steps.ts";
import { Lines } from "./lines.ts";
import { SessionSockets } from "./live.ts";
import type {
  CallbackAnswer,
  CallbackRequest,
  CommandAnswer,
  CommandRequest,
  OpenOutcome,
  OpenRequest,
  ReportAnswer,
  ReportRequest,
  TimelineAnswer,
} from "./messages.ts";
import { OwnEnd } from "./own-end.ts";
import { PlacedLegs } from "./placed-legs.ts";
import { createCommandNotes } from "./note-command.ts";
import { noteTransition } from "./note-transition.ts";
import type { DeleteAnswer, DeleteRequest, RecordAnswer, RecordRequest, WriteAnswer, WriteRequest } from "./record-messages.ts";
import type { StepContext } from "./record.ts";
import { type SessionRow, type Stored, type Tombstone, isDeleted, isTombstone, loadRow, saveRow, tombstoneOf } from "./row.ts";
import { settleToll } from "./settle-toll.ts";
import { type IncomingReport, announce, emptyRow, report, reportsOf } from "./steps.ts";
import { historyAfter } from "./timeline.ts";
import { timelineOf, viewOf } from "./view.ts";

export class CallSession extends DurableObject<Env> {
  clock: Clock = systemClock;
  randomness: Randomness = systemRandomness;
  faults: Faults = noFaults;
  carriers: Carriers = (account) => {
    const { CARRIER_ACCOUNTS, LANE } = this.#environment;
    const { guard } = resilienceOf(this.env);
    return carrierOf(CARRIER_ACCOUNTS, account, { guard, insists: LANE === "emergency" });
  };
  readonly #environment: Environment;
  readonly #log: Log;
  readonly #forwarding: Forwarding;
  readonly #archived: AfterArchive;
  readonly #legs: PlacedLegs;
  readonly #lines: Lines;
  readonly #sockets: SessionSockets;
  readonly #feed: FeedWriter;
  readonly #alarm: SessionAlarm;
  readonly #commands: CommandTaker;
  readonly #ownEnd: OwnEnd;
  readonly #record: KeptRecord;
  readonly #deletion: Deletion;
  readonly #settleToll: (nowMs: number) => Promise<void>;
  #stored: Stored | null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#environment = parseEnvironment(env);
    this.#log = createLog({ component: "call-session", lane: this.#environment.LANE });
    const kept = loadRow(ctx.storage);
    const deleted = kept !== null && isDeleted(kept) ? kept : null;
    this.#stored = kept !== null && isDeleted(kept) ? null : kept;
    this.#feed = createFeedWriter(env, this.#environment, () => this.clock.nowMs());
    // What its parts ask of the session.
    const host = {
      stored: () => this.#stored,
      remember: (row: SessionRow) => void (this.#stored = row),
      storage: () => this.ctx.storage,
      logs: () => this.#logs(),
      carriers: () => this.carriers,
      nowMs: () => this.clock.nowMs(),
      context: (traceparent: string) => this.#context(traceparent),
      behind: (work: Promise<void>) => this.#behind(work),
      log: this.#log,
    };
    this.#forwarding = new Forwarding({
      ...host,
      remember: (row) => {
        this.#stored = row;
        // Of a session that goes on without an alarm the row itself has to say that there is nothing more to offer.
        if (row.recorded !== undefined) saveRow(this.ctx.storage, row);
      },
      fraction: () => this.randomness.fraction(),
      complete: (row) => this.#settled(row),
      again: (atMs) => this.#alarm.offerAgainBy(atMs),
    });
    this.#legs = new PlacedLegs({ ...host, commit: (...step) => this.#commitOwn(...step) });
    this.#lines = new Lines(env, this.#environment, host);
    this.#settleToll = (nowMs) => settleToll(env, this.#environment.JURISDICTION, host, nowMs);
    this.#alarm = new SessionAlarm({
      ...host,
      socketsDueAt: () => this.#sockets.dueAt(),
      offerAgainAt: () => this.#forwarding.againAt(),
    });
    this.#commands = new CommandTaker({
      ...host,
      planner: () => this.ctx.exports.CallPlanner,
      commit: (...step) => this.#toldBefore(this.#act(...step)),
    });
    this.#ownEnd = new OwnEnd({ ...host, commit: (...step) => this.#behind(this.#act(...step)) });
    const retryAt = () => this.#forwarding.retryAt(this.clock.nowMs());
    this.#deletion = new Deletion({ ...host, retryAt }, deleted);
    this.#record = new KeptRecord({
      ...host,
      isDeleted: () => this.#deletion.deleted !== null,
      commit: (...step) => this.#toldBefore(this.#commit(...step)),
    });
    this.#archived = new AfterArchive({
      ...host,
      save: (tombstone) => this.#saveTombstone(tombstone),
      lookAgain: () => this.#alarm.by(retryAt()),
      rest: () => this.#alarm.rest(),
    });
    this.#sockets = new SessionSockets(ctx, {
      row: () => this.#stored,
      view: () => (this.#stored === null ? null : viewOf(this.#stored)),
      history: (after) => this.#history(after),
      command: (given, holder) => this.#commands.takeOver(given, holder),
      note: createCommandNotes(env, this.#environment, { ...host, session: host.stored }),
      nowMs: host.nowMs,
      log: this.#log,
    });
  }

  /** Announces the call. A repetition changes nothing and gets the session as it is. */
  async open(request: OpenRequest): Promise<OpenOutcome> {
    await this.faults.at("call-session.open");
    if (this.#deletion.deleted !== null) return { created: false, deleted: true };
    const stored = this.#stored;
    // Somebody else has reported under this id before there was a call: what they began is not this caller's.
    if (stored !== null && stored.tenant !== request.identity.tenant) return { created: false, deleted: true };
    if (stored !== null && (isTombstone(stored) || stored.call !== null)) {
      const fingerprint = isTombstone(stored) ? request.fingerprint : stored.fingerprint;
      return { created: false, deleted: false, sameRequest: fingerprint === request.fingerprint, view: viewOf(stored) };
    }
    const context = this.#context(request.traceparent);
    const before = stored ?? emptyRow(request.identity, context.nowMs);
    const announced = announce(before, request.call, request.plan, request.fingerprint, context);
    const { row, actions } = beginWithLegs(announced, context);
    const told = this.#commit(stored, row, context);
    this.#legs.act(actions, context);
    await this.#toldBefore(told);
    const { state, createdMs, newsMs, sequence, hours } = row;
    return { created: true, state, createdMs, newsMs, sequence, hours };
  }

  /** Takes a report about the call. */
  async report(request: ReportRequest): Promise<ReportAnswer> {
    const stored = this.#stored;
    if (this.#deletion.deleted !== null || (stored === null && !request.early)) return { tag: "unknown" };
    if (stored !== null && stored.tenant !== request.identity.tenant) return { tag: "unknown" };
    if (stored?.recorded !== undefined) return { tag: "recorded" };
    const context = this.#context(request.traceparent);
    if (stored !== null && isTombstone(stored)) return this.#archived.report(stored, request.report, context);
    if (stored !== null && isFull(stored) && !endsCall(request.report.type)) return { tag: "unavailable" };
    const before = stored ?? emptyRow(request.identity, context.nowMs);
    const outcome = report(before, request.report, context);
    // Who has ended the call is not dialled for any more.
    const { row, actions } = outcome.ended ? stepLegs(outcome.row, { kind: "hang_up" }, context) : { ...outcome, actions: [] };
    const told = outcome.stored ? this.#commit(stored, row, context) : Promise.resolve();
    this.#legs.act(actions, context);
    await this.#toldBefore(told);
    return { tag: "taken", applied: outcome.applied, ended: outcome.ended, view: viewOf(row) };
  }

  /** Takes a carrier's word on a leg of ours. */
  async legCallback({ account, callback, traceparent }: CallbackRequest): Promise<CallbackAnswer> {
    const stored = this.#stored;
    if (stored === null || isTombstone(stored) || stored.plan?.carrier !== account || stored.legs === undefined)
      return { tag: "unknown" };
    await this.#toldBefore(this.#legs.move({ kind: "callback", callback }, this.#context(traceparent)));
    return { tag: "taken" };
  }

  /** Does what somebody tells the call to do, or says why not. */
  async command(request: CommandRequest): Promise<CommandAnswer> {
    return this.#commands.take(request);
  }

  /** Keeps a call for another system: durably before it is answered, and for as long as nobody ends it. */
  async record(request: RecordRequest): Promise<RecordAnswer> {
    return this.#record.begin(request);
  }

  /** Writes on the record what people and other systems say of the call: all of a request in one commit. */
  async write(request: WriteRequest): Promise<WriteAnswer> {
    return this.#record.write(request);
  }

  /** Forgets everything but that there was a session. What the store has of it is being erased already. */
  async remove(request: DeleteRequest): Promise<DeleteAnswer> {
    const verdict = this.#deletion.verdict(this.#stored, request);
    const stored = this.#stored;
    if (verdict.tag !== "deleted" || stored === null) return verdict;
    const deleted = this.#deletion.carryOut(stored, this.#context(request.traceparent));
    this.#stored = null;
    this.#sockets.deleted(deleted);
    this.#behind(this.#deletion.offer());
    await this.#toldBefore(this.#feed.put(summaryOfDeleted(deleted)));
    return verdict;
  }

  /** As lists and feeds show it; null where they have nothing to show. */
  async summary(): Promise<SessionSummary | null> {
    const { deleted } = this.#deletion;
    if (deleted !== null) return summaryOfDeleted(deleted);
    return this.#stored === null ? null : summaryOf(viewOf(this.#stored));
  }

  /**
   * Gives up reports on a call that was announced on the other lane, and everything else with them. Empty when the call was
   * announced here, or nothing is known of it.
   */
  async surrender(): Promise<readonly IncomingReport[]> {
    const stored = this.#stored;
    if (stored === null || isTombstone(stored) || stored.call !== null) return [];
    this.#stored = null;
    this.#sockets.gone();
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
    return reportsOf(stored);
  }

  async view(): Promise<SessionView | null> {
    return this.#stored === null ? null : viewOf(this.#stored);
  }

  /** The session and the events that it still holds itself. */
  async timeline(): Promise<TimelineAnswer | null> {
    return this.#stored === null ? null : timelineOf(this.#stored);
  }

  /** Upgrades to a live socket, and nothing else. */
  override async fetch(request: Request): Promise<Response> {
    const answer = await this.#sockets.upgrade(request);
    await this.#alarm.armForSockets();
    return answer;
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    await this.#sockets.message(socket, message);
    await this.#alarm.armForSockets();
  }

  override async webSocketClose(socket: WebSocket, code: number): Promise<void> {
    this.#sockets.closed(socket);
    answerClose(socket, code);
  }

  override async webSocketError(socket: WebSocket): Promise<void> {
    this.#sockets.closed(socket);
  }

  /** Something may be due: an end, a leg, a socket, events that the log has not taken, storage that may be given up. */
  override async alarm(info?: AlarmInvocationInfo): Promise<void> {
    this.#sockets.due(this.clock.nowMs());
    await this.#deletion.offer();
    const stored = this.#stored;
    if (stored !== null && isTombstone(stored)) await this.#archived.offer(stored);
    if (stored === null || isTombstone(stored)) return this.#alarm.armForSockets();
    const context = this.#context(stored.events.at(-1)?.traceparent ?? "");
    if (stored.endRecordedMs !== null) return this.#lookAfterEnd(stored, info?.scheduledTime ?? 0, context);
    const ending = this.#ownEnd.whenDue(stored, context);
    if (ending !== null) return ending;
    this.#stored = { ...stored, alarmMs: null };
    this.#behind(this.#legs.move({ kind: "time" }, context));
    this.#lines.look(context.nowMs);
    await this.#alarm.replaced(stored.alarmMs ?? null, () => this.#forwarding.forward(stored));
    await this.#settleToll(context.nowMs);
    if (mayHaveMissed(stored, context.nowMs)) this.#legs.poll(stored, context);
  }

  async #lookAfterEnd(row: SessionRow, scheduledMs: number, context: StepContext): Promise<void> {
    const open = row.legs !== undefined && anyOpen(row.legs);
    // The archive alarm is set only when the log has taken everything: its time is the acknowledgement, and saves the row that a
    // flag would cost.
    if (!open && row.endRecordedMs !== null && scheduledMs === archiveDueAt(row.endRecordedMs)) return this.#archive(row);
    this.#behind(this.#legs.move({ kind: "time" }, context));
    this.#alarm.offerAgainBy(this.#forwarding.retryAt(context.nowMs));
    if (this.#stored !== null && !isTombstone(this.#stored)) await this.#forwarding.forward(this.#stored);
  }

  #context(traceparent: string): StepContext {
    return { nowMs: this.clock.nowMs(), random: this.randomness.bytes, traceparent };
  }

  /**
   * Writes the row, and the alarm with it where there has to be another: both or neither are on disk before anything is answered or told.
   * @returns when the tenant's feed has it.
   */
  #commit(before: SessionRow | null, row: SessionRow, context: StepContext): Promise<void> {
    const { nowMs } = context;
    const after = before !== null && before.endRecordedMs !== null;
    const dueMs = earliest(lookDueAt(row, nowMs, after ? this.#forwarding.retryAt(nowMs) : null), this.#sockets.dueAt());
    const standingMs = after ? null : (before?.alarmMs ?? null);
    const alarmMs = alarmToSet(standingMs, dueMs, nowMs);
    const saved: SessionRow = { ...row, alarmMs: row.endRecordedMs === null ? (alarmMs ?? standingMs) : null };
    saveRow(this.ctx.storage, saved);
    if (alarmMs !== null) void this.ctx.storage.setAlarm(alarmMs);
    this.#stored = saved;
    noteTransition(this.#log, before, row, context.traceparent);
    this.#lines.committed(before, row);
    if (!after && row.endRecordedMs !== null) this.ctx.waitUntil(this.#settleToll(nowMs));
    const news = row.events.filter(({ sequence }) => sequence > (before?.sequence ?? 0));
    if (news.length === 0) return Promise.resolve();
    this.#sockets.onCommit(news, saved);
    // A client that does not keep up is looked at again: only now is it known which.
    const socketsMs = this.#sockets.dueAt();
    if (socketsMs !== null && socketsMs < (alarmMs ?? standingMs ?? Infinity)) void this.ctx.storage.setAlarm(socketsMs);
    const waiting = this.#forwarding.offer(saved, nowMs);
    if (waiting !== null) this.ctx.waitUntil(waiting);
    const summary = summaryOf(viewOf(saved));
    return summary === null ? Promise.resolve() : this.#feed.put(summary);
  }

  /** Commits a step, and then asks carriers what it wants of them. */
  #act(before: SessionRow, row: SessionRow, actions: readonly LegAction[], context: StepContext): Promise<void> {
    const told = this.#commitOwn(before, row, context);
    this.#legs.act(actions, context);
    return told;
  }

  /** Who is answered now reads its own write in lists. An emergency waits for no feed. */
  async #toldBefore(told: Promise<void>): Promise<void> {
    if (this.#environment.LANE === "standard") await told;
    else this.#behind(told);
  }

  #behind(work: Promise<void>): void {
    this.ctx.waitUntil(work);
  }

  async #history(after: number): Promise<readonly CloudEvent[]> {
    if (this.#stored === null) return [];
    const { view, events } = timelineOf(this.#stored);
    return historyAfter({ logs: this.#logs(), bucket: this.env.EVENTS }, view, events, after);
  }

  /** The log has everything of an ended session; the rest is waiting. */
  #settled(row: SessionRow): void {
    if (row.endRecordedMs === null || (row.legs !== undefined && anyOpen(row.legs))) return;
    const archiveMs = archiveDueAt(row.endRecordedMs);
    if (archiveMs <= this.clock.nowMs()) this.#archive(row);
    else this.#alarm.by(archiveMs);
  }

  #logs(): DurableObjectNamespace<EventLog> {
    return inJurisdiction(this.env.EVENT_LOG, this.#environment.JURISDICTION);
  }

  /** Commits a step of our own. An end by report is counted where it is answered; nobody answers for one of these. */
  #commitOwn(before: SessionRow, row: SessionRow, context: StepContext): Promise<void> {
    if (before.endRecordedMs === null && row.endRecordedMs !== null)
      this.#behind(countEnd(this.env, this.#environment, row, context.nowMs, this.#log));
    return this.#commit(before, row, context);
  }

  #archive(row: SessionRow): void {
    this.#saveTombstone(tombstoneOf(row));
    this.#sockets.gone();
  }

  #saveTombstone(tombstone: Tombstone): void {
    saveRow(this.ctx.storage, tombstone);
    this.#stored = tombstone;
  }
}
