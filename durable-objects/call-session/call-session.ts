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
import { anyOpen } from "../../domain/call/legs.ts";
import { endsCall } from "../../domain/call/machine.ts";
import type { SessionView } from "../../domain/call/session-view.ts";
import { alarmToSet, archiveDueAt, earliest } from "../../domain/call/timers.ts";
import type { CloudEvent } from "../../domain/events/event.ts";
import type { FeedWriter } from "../../domain/sessions/feed.ts";
import { summaryOf } from "../../domain/sessions/summary.ts";
import type { EventLog } from "../event-log/event-log.ts";
import { answerClose } from "../sockets/sockets.ts";
import { createFeedWriter } from "../live-feed/feed-writer.ts";
import { inJurisdiction } from "../namespaces.ts";
import { AfterArchive } from "./after-archive.ts";
import { carryOut } from "./command-steps.ts";
import { commandVerdict, readyCommand, rememberingCommand } from "./command-verdict.ts";
import { countEnd } from "./count-end.ts";
import { type EndCause, lookDueAt, mayBeTalking, overdue } from "./due.ts";
import { Forwarding, isFull } from "./forwarding.ts";
import { type Carriers, stillTalks } from "./leg-runner.ts";
import { beginWithLegs, stepLegs } from "./leg-steps.ts";
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
import { PlacedLegs } from "./placed-legs.ts";
import { noteTransition } from "./note-transition.ts";
import type { StepContext } from "./record.ts";
import { type SessionRow, type Stored, type Tombstone, isTombstone, loadRow, saveRow, tombstoneOf } from "./row.ts";
import { settleDue } from "./settle-toll.ts";
import { type IncomingReport, announce, emptyRow, endByItself, report, reportsOf } from "./steps.ts";
import { historyAfter } from "./timeline.ts";
import { timelineOf, viewOf } from "./view.ts";

export class CallSession extends DurableObject<Env> {
  clock: Clock = systemClock;
  randomness: Randomness = systemRandomness;
  faults: Faults = noFaults;
  carriers: Carriers = (account) => carrierOf(this.#environment.CARRIER_ACCOUNTS, account);
  readonly #environment: Environment;
  readonly #log: Log;
  readonly #forwarding: Forwarding;
  readonly #archived: AfterArchive;
  readonly #legs: PlacedLegs;
  readonly #sockets: SessionSockets;
  readonly #feed: FeedWriter;
  #stored: Stored | null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#environment = parseEnvironment(env);
    this.#log = createLog({ component: "call-session", lane: this.#environment.LANE });
    this.#stored = loadRow(ctx.storage);
    this.#feed = createFeedWriter(env, this.#environment, () => this.clock.nowMs());
    this.#forwarding = new Forwarding({
      logs: () => this.#logs(),
      stored: () => this.#stored,
      remember: (row) => void (this.#stored = row),
      nowMs: () => this.clock.nowMs(),
      fraction: () => this.randomness.fraction(),
      complete: (row) => this.#settled(row),
      again: (atMs) => this.#offerAgainBy(atMs),
      log: this.#log,
    });
    this.#legs = new PlacedLegs({
      stored: () => this.#stored,
      carriers: () => this.carriers,
      context: (traceparent) => this.#context(traceparent),
      commit: (before, row, context) => this.#commitOwn(before, row, context),
      behind: (work) => this.#behind(work),
    });
    this.#archived = new AfterArchive({
      logs: () => this.#logs(),
      stored: () => this.#stored,
      save: (tombstone) => this.#saveTombstone(tombstone),
      lookAgain: () => {
        const againMs = this.#forwarding.retryAt(this.clock.nowMs());
        void this.ctx.storage.setAlarm(earliest(againMs, this.#sockets.dueAt()) ?? againMs);
      },
      rest: () => void (this.#sockets.dueAt() ?? this.ctx.storage.deleteAlarm()),
    });
    this.#sockets = new SessionSockets(ctx, {
      row: () => this.#stored,
      view: () => (this.#stored === null ? null : viewOf(this.#stored)),
      history: (after) => this.#history(after),
      command: async ({ command, id }, { subject: by, trunk = null }) => {
        const stored = this.#stored;
        if (stored === null) return { tag: "unknown" };
        const traceparent = isTombstone(stored) ? "" : (stored.events[0]?.traceparent ?? "");
        return this.command({ tenant: stored.tenant, trunk, command, id, by, traceparent });
      },
      nowMs: () => this.clock.nowMs(),
      log: this.#log,
    });
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
    if (stored === null && !request.early) return { tag: "unknown" };
    if (stored !== null && stored.tenant !== request.identity.tenant) return { tag: "unknown" };
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
    const refused = commandVerdict(this.#stored, request, this.carriers);
    if (refused !== null) return refused;
    const asked = this.#stored as SessionRow;
    const ready = await readyCommand(this.ctx.exports.CallPlanner, asked, request.command);
    if (!ready.ok) return ready.error;
    // The configuration has been asked meanwhile: the call may be another one now.
    const late = commandVerdict(this.#stored, request, this.carriers);
    if (late !== null) return late;
    const before = this.#stored as SessionRow;
    const context = this.#context(request.traceparent);
    const { row, actions } = carryOut(rememberingCommand(before, request.id), ready.value, request.by, context);
    const told = this.#commit(before, row, context);
    this.#legs.act(actions, context);
    await this.#toldBefore(told);
    return { tag: "taken", repeated: false, view: viewOf(this.#stored ?? row) };
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
    await this.#armForSockets();
    return answer;
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    await this.#sockets.message(socket, message);
    await this.#armForSockets();
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
    const stored = this.#stored;
    if (stored !== null && isTombstone(stored)) await this.#archived.offer(stored);
    if (stored === null || isTombstone(stored)) return this.#armForSockets();
    const context = this.#context(stored.events.at(-1)?.traceparent ?? "");
    if (stored.endRecordedMs !== null) return this.#lookAfterEnd(stored, info?.scheduledTime ?? 0, context);
    const because = overdue(stored, context.nowMs);
    if (because === "silence" && mayBeTalking(stored, context.nowMs)) return this.#confirm(stored, context);
    if (because !== null) return this.#endByItself(stored, because, context);
    this.#stored = { ...stored, alarmMs: null };
    this.#behind(this.#legs.move({ kind: "time" }, context));
    this.#lookAgain(stored.alarmMs ?? null, context.nowMs);
    await this.#forwarding.forward(stored);
    await this.#settleToll(context.nowMs);
    this.#legs.poll(stored, context);
  }

  #endByItself(row: SessionRow, because: EndCause, context: StepContext): void {
    const { row: ended, actions } = stepLegs(endByItself(row, context, because), { kind: "hang_up" }, context);
    // Whatever the row promises, no alarm is known to stand when one has come.
    this.#behind(this.#commitOwn({ ...row, alarmMs: null }, ended, context));
    this.#legs.act(actions, context);
  }

  /** Silence is no end while the carrier says that they talk. */
  async #confirm(stored: SessionRow, context: StepContext): Promise<void> {
    // Written first, with the alarm: whoever dies while the carrier is asked asks again.
    this.#behind(this.#commit({ ...stored, alarmMs: null }, { ...stored, askedMs: context.nowMs }, context));
    const asked = this.#stored;
    const talks = await stillTalks(stored, this.carriers, context.traceparent);
    // Somebody has spoken meanwhile.
    if (asked === null || isTombstone(asked) || this.#stored !== asked) return;
    if (talks) this.#behind(this.#commit(asked, { ...asked, heardMs: context.nowMs }, context));
    else this.#endByItself(asked, "silence", context);
  }

  /**
   * The alarm that came is used up: there has to be another, before anything is waited for.
   * @param promisedMs what the row on disk says of the alarm. One that came early is followed by another until then.
   */
  #lookAgain(promisedMs: number | null, nowMs: number): void {
    const row = this.#stored;
    if (row === null || isTombstone(row) || row.alarmMs != null) return;
    const promise = promisedMs !== null && promisedMs > nowMs ? promisedMs : null;
    const dueMs = earliest(lookDueAt(row, nowMs, null), this.#sockets.dueAt(), promise);
    const alarmMs = Math.max(dueMs ?? 0, nowMs + 1);
    void this.ctx.storage.setAlarm(alarmMs);
    if (row.endRecordedMs === null) this.#stored = { ...row, alarmMs: promise ?? alarmMs };
  }

  /** The log has not taken everything of an ended session. */
  #offerAgainBy(atMs: number): void {
    const row = this.#stored;
    if (row === null || isTombstone(row)) return;
    const nowMs = this.clock.nowMs();
    const dueMs = earliest(lookDueAt(row, nowMs, atMs), this.#sockets.dueAt()) ?? atMs;
    void this.ctx.storage.setAlarm(Math.max(dueMs, nowMs + 1));
  }

  async #lookAfterEnd(row: SessionRow, scheduledMs: number, context: StepContext): Promise<void> {
    const open = row.legs !== undefined && anyOpen(row.legs);
    // The archive alarm is set only when the log has taken everything: its time is the acknowledgement, and saves the row that a
    // flag would cost.
    if (!open && row.endRecordedMs !== null && scheduledMs === archiveDueAt(row.endRecordedMs)) return this.#archive(row);
    this.#behind(this.#legs.move({ kind: "time" }, context));
    this.#offerAgainBy(this.#forwarding.retryAt(context.nowMs));
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
    else void this.ctx.storage.setAlarm(earliest(archiveMs, this.#sockets.dueAt()) ?? archiveMs);
  }

  async #settleToll(nowMs: number): Promise<void> {
    const ledgers = inJurisdiction(this.env.TOLL_LEDGER, this.#environment.JURISDICTION);
    const micros = await settleDue(ledgers, this.#stored, nowMs, this.#log);
    const current = this.#stored;
    if (micros === 0 || current === null || isTombstone(current)) return;
    this.#stored = { ...current, tollSettledMicros: (current.tollSettledMicros ?? 0) + micros };
    // After the end nothing more is settled: the row need not be written for it.
    if (current.endRecordedMs === null) saveRow(this.ctx.storage, this.#stored);
  }

  #logs(): DurableObjectNamespace<EventLog> {
    return inJurisdiction(this.env.EVENT_LOG, this.#environment.JURISDICTION);
  }

  /** Outside a commit, and rarely: what the alarm stands at is asked where it is not known. */
  async #armForSockets(): Promise<void> {
    const dueMs = this.#sockets.dueAt();
    const stored = this.#stored;
    const promisedMs = stored === null || isTombstone(stored) ? null : (stored.alarmMs ?? null);
    if (dueMs === null || alarmToSet(promisedMs, dueMs, this.clock.nowMs()) === null) return;
    const standingMs = await this.ctx.storage.getAlarm();
    // One that is overdue stays: it is about to come, and for more than sockets.
    if (standingMs === null || standingMs > dueMs) void this.ctx.storage.setAlarm(dueMs);
  }

  /** Commits a step of our own. An end by report is counted where it is answered; nobody answers for one of these. */
  #commitOwn(before: SessionRow, row: SessionRow, context: StepContext): Promise<void> {
    if (before.endRecordedMs === null && row.endRecordedMs !== null)
      this.#behind(countEnd(this.env.METRICS, this.#environment, row, context.nowMs, this.#log));
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
