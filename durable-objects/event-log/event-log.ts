/**
 * A shard of the event log: takes events from sessions, makes them durable in grouped commits, and moves them to R2 segments.
 * An event leaves the head only after its segment and the manifest that names it have been written. Followers read by offset, in the
 * order of commits, and are woken after each flush.
 */
import { DurableObject } from "cloudflare:workers";
import { type Clock, systemClock, systemRandomness } from "../../adapters/platform/clock.ts";
import { type Faults, noFaults } from "../../adapters/platform/faults.ts";
import { markShard } from "../../adapters/r2/shard-mark.ts";
import { type Log, createLog } from "../../adapters/telemetry/log.ts";
import { type Meter, createMeter } from "../../adapters/telemetry/meter.ts";
import { type Environment, parseEnvironment } from "../../contracts/environment.ts";
import type { CloudEvent } from "../../domain/events/event.ts";
import type { Follower, Following, Lag, Unread, WakeUp } from "../../domain/events/follow.ts";
import { hourOf } from "../../domain/events/keys.ts";
import { type AlarmPurpose, nextLogAlarm } from "../../domain/events/log-alarm.ts";
import type { LogEntry } from "../../domain/events/segment.ts";
import type { EventQuery } from "../../domain/events/query/query.ts";
import type { HeadAnswer, IntakeAnswer, Located, PackedBatch, PendingManifest, TailAnswer } from "../../domain/events/shard.ts";
import { isIntakeShard } from "../../domain/events/shards.ts";
import { Watermarks } from "../../domain/events/watermarks.ts";
import { type EventId, type TenantId, timeOfId } from "../../domain/shared/ids.ts";
import { METRICS_OBJECT } from "../metrics/metrics.ts";
import { inJurisdiction } from "../namespaces.ts";
import { BySubject } from "./by-subject.ts";
import { CommitGroups } from "./commit-groups.ts";
import { Followers } from "./followers.ts";
import { Flusher } from "./flusher.ts";
import { HeadMemory } from "./head-memory.ts";
import { Head } from "./head.ts";
import { Intake } from "./intake.ts";
import { Positions } from "./positions.ts";
import { locateIn, searchHead } from "./reading.ts";
import { Tailing } from "./tailing.ts";

/** Events offered without waiting are committed together after this time. */
const GROUP_WINDOW_MS = 250;
/** Events whose sender waits are committed together after this time. */
const DURABLE_WINDOW_MS = 10;
/** Requests of the API are committed together when they come in the same turn of the event loop. */
const INTAKE_WINDOW_MS = 0;
/** A head of this many events is flushed without waiting for its age. */
const FLUSH_EVENTS = 2_048;
/** The same of a shard of the API, which takes them in large batches. */
const INTAKE_FLUSH_EVENTS = 16_384;
/** Beyond this the shard refuses: senders keep what they have, and memory stays bounded while R2 is away. */
const MAX_HEAD_BYTES = 24 * 1024 * 1024;
/** The same by the size of its lines: long events fill a head long before they are many. */
const FLUSH_BYTES = MAX_HEAD_BYTES / 4;
/** Flushes that size causes begin at least this far apart: they write the same manifest, and R2 takes one write a second to a key. */
const MIN_FLUSH_PAUSE_MS = 1_000;
/** How long a sender should wait that found the head full: by then some of it has gone to R2. */
const OVERLOAD_RETRY_MS = 1_000;

/** One event of a call as it is offered: `sequence` counts within the call, without gaps. */
export type OfferedEvent = {
  readonly id: LogEntry["id"];
  readonly subject: string;
  readonly sequence: number;
  readonly line: string;
};

export type AppendOutcome = "durable" | "buffered" | "overloaded";

export type LogStats = { readonly headEvents: number; readonly headBytes: number; readonly flushFailures: number };

export class EventLog extends DurableObject<Env> {
  clock: Clock = systemClock;
  faults: Faults = noFaults;
  readonly #environment: Environment;
  readonly #log: Log;
  readonly #meter: Meter;
  readonly #head: Head;
  readonly #memory: HeadMemory;
  readonly #bySubject = new BySubject();
  readonly #positions: Positions;
  readonly #followers: Followers;
  readonly #watermarks: Watermarks;
  readonly #groups: CommitGroups;
  readonly #flusher: Flusher;
  readonly #tailing: Tailing;
  /** Null until it is needed, and in shards of sessions. */
  #intake: Intake | null = null;
  #takesIntake: boolean | null = null;
  #waking: Promise<void> = Promise.resolve();
  /** What the alarm that is set is for; after a restart it is not known, and flushing is always right. */
  #alarmPurpose: AlarmPurpose = "flush";

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#environment = parseEnvironment(env);
    this.#log = createLog({ component: "event-log", lane: this.#environment.LANE });
    this.#meter = createMeter({ lane: this.#environment.LANE });
    this.#head = new Head(ctx.storage);
    this.#memory = new HeadMemory(this.#head.loaded);
    this.#positions = new Positions(ctx.storage.sql, this.#head);
    this.#watermarks = new Watermarks(this.#head.watermarks());
    if (!this.#isIntake) this.#recallCalls();
    this.#tailing = new Tailing(this.#shard);
    this.#groups = new CommitGroups(
      () => this.clock.nowMs(),
      (entries) => this.#commit(entries),
      (events) => {
        this.#log("error", "a commit failed; the shard starts again from disk", { events });
        // Memory holds events that the disk does not: only a fresh start makes the two agree.
        this.ctx.abort("commit failed");
      },
    );
    this.#flusher = new Flusher({
      ...this.#shard,
      watermarks: this.#watermarks,
      groups: this.#groups,
      intake: () => (this.#isIntake ? this.#taker() : null),
      released: (flushed) => this.#tailing.released(flushed),
      ended: (released) => this.#wakeAfterFlush(released),
      around: () => ({
        bucket: this.env.EVENTS,
        faults: this.faults,
        clock: this.clock,
        log: this.#log,
        meter: this.#meter,
        ageMs: this.#environment.FLUSH_AGE_MS,
      }),
    });
    this.#followers = new Followers({
      shard: this.#shard,
      nowMs: () => this.clock.nowMs(),
      flushFailures: () => this.#flusher.failures,
      send: async () => {
        await this.faults.at("event-log.before-wake-up");
        await this.env.PROJECTION.send({ shard: this.#head.shard } satisfies WakeUp);
      },
      count: (outcome) => this.#meter.count("trunkline_log_wake_ups_total", { outcome }),
    });
  }

  /**
   * Takes a call's events, which must start at the first that the sender does not know to be durable.
   * @param shard this shard's name.
   * @param wait true: answers when they are on disk; false: answers at once, and the sender keeps them until it has waited once.
   */
  async append(shard: string, events: readonly OfferedEvent[], wait: boolean): Promise<AppendOutcome> {
    if (this.#isFull) return "overloaded";
    this.#named(shard);
    const fresh = events
      .filter(({ subject, sequence }) => this.#watermarks.admit(subject, sequence))
      .map(({ id, subject, line }) => ({ id, subject, line }));
    for (const entry of fresh) {
      this.#memory.remember(entry);
      this.#bySubject.add(entry);
    }
    if (fresh.length > 0) this.#groups.add(fresh, wait ? DURABLE_WINDOW_MS : GROUP_WINDOW_MS);
    if (!wait) return "buffered";
    await this.#groups.committed(DURABLE_WINDOW_MS);
    return "durable";
  }

  /**
   * Takes events that come in by the API: all of them or none. The answer is given when they are on disk.
   * @param shard this shard's name.
   */
  async store(shard: string, batch: PackedBatch): Promise<IntakeAnswer> {
    if (this.#isFull) return { tag: "overloaded", retryAfterMs: OVERLOAD_RETRY_MS };
    this.#named(shard);
    const taken = this.#taker().take(batch, this.clock.nowMs());
    if (taken.tag === "key_reused") return taken;
    for (const entry of taken.fresh) this.#memory.remember(entry);
    if (taken.fresh.length > 0) this.#groups.add(taken.fresh, INTAKE_WINDOW_MS);
    // Also with nothing new: what it repeats may be on its way to the disk.
    await this.#groups.committed(INTAKE_WINDOW_MS);
    return { tag: "stored", ids: taken.ids, duplicates: taken.duplicates };
  }

  /** The call's events that are not in a segment yet. */
  async read(subject: string): Promise<CloudEvent[]> {
    return this.#bySubject.of(subject).map(({ line }) => JSON.parse(line) as CloudEvent);
  }

  async stats(): Promise<LogStats> {
    return { headEvents: this.#memory.events, headBytes: this.#memory.bytes, flushFailures: this.#flusher.failures };
  }

  /**
   * What the head holds of an answer, and which manifests may hold more.
   * @param recordedFromMs with `recordedToMs` the hours of manifests that are wanted, both inclusive, Unix milliseconds; null: no bound.
   */
  async search(query: EventQuery, recordedFromMs: number | null, recordedToMs: number | null): Promise<HeadAnswer> {
    return searchHead(query, recordedFromMs, recordedToMs, this.#shard);
  }

  async locate(id: EventId): Promise<Located> {
    return locateIn(id, this.#shard);
  }

  /** What comes behind an offset, null: from now on. Waits up to `waitMs` for something to come. */
  async tailFrom(query: Pick<EventQuery, "tenant" | "filter">, from: number | null, waitMs: number): Promise<TailAnswer> {
    return this.#tailing.follow(query, from, waitMs);
  }

  async pending(): Promise<PendingManifest[]> {
    return this.#head.pending();
  }

  /**
   * Nothing is added any more to the manifests of an hour, which are returned; what comes for it later gets others.
   * @throws when R2 does: what is being flushed has to be there first.
   */
  async seal(hour: string): Promise<PendingManifest[]> {
    const isOfHour = ({ id }: LogEntry): boolean => hourOf(timeOfId(id)) <= hour;
    if (this.#head.frozenGeneration !== null || this.#memory.all().some(isOfHour)) await this.flush();
    this.#head.seal(hour);
    return this.#head.pending().filter((manifest) => manifest.hour === hour);
  }

  /** These manifests are in catalogues now. */
  async merged(keys: readonly string[]): Promise<void> {
    this.#head.forgetManifests(keys);
  }

  /** Segments in R2 that a follower has not read. */
  async unreadKeys(): Promise<string[]> {
    return this.#followers.unreadKeys();
  }

  /** Manifests that a rebuilt index has brought back. */
  async adopt(manifests: readonly PendingManifest[]): Promise<void> {
    this.#head.adopt(manifests);
  }

  /** Moves everything that is committed to R2 now, and waits for it. Throws when R2 does. */
  async flush(): Promise<void> {
    this.#groups.commitNow();
    await this.#flusher.flush();
    if (this.#memory.events > 0) await this.#flusher.flush();
  }

  /**
   * What comes next for a follower. Nobody else reads for it until `advance`, `leave`, the end or `FOLLOW_LEASE_MS` later.
   * @param leaseId the reader's own; @param maxEvents what has left the head comes by whole generations all the same.
   */
  async follow(follower: Follower, leaseId: string, maxEvents: number): Promise<Following> {
    return this.#followers.follow(follower, leaseId, maxEvents);
  }

  /**
   * Everything before `next` has been read. Never goes back, and takes the word of a reader whose lease has ended: what is read is read.
   */
  async advance(follower: Follower, leaseId: string, next: number): Promise<Lag> {
    if (this.#followers.advance(follower, leaseId, next)) this.ctx.waitUntil(this.#setAlarm());
    return this.#followers.lag(follower);
  }

  /** The reader goes before the end: another one may come at once. */
  async leave(follower: Follower, leaseId: string): Promise<void> {
    await this.#followers.leave(follower, leaseId);
  }

  async lag(follower: Follower): Promise<Lag> {
    return this.#followers.lag(follower);
  }

  /** Somebody looks after this shard: followers that are behind are woken, and what has to happen has an alarm. */
  async nudge(): Promise<void> {
    await this.#followers.rewakings.wake();
    await this.#setAlarm();
  }

  /** What the projection has not read of a tenant. @param after the last session of the page before; null: the first page. */
  async unprojected(tenant: TenantId, after: string | null, limit: number): Promise<Unread> {
    return this.#followers.unprojected(tenant, after, limit);
  }

  override async alarm(): Promise<void> {
    const purpose = this.#alarmPurpose;
    this.#alarmPurpose = "flush";
    try {
      if (purpose === "flush" || (this.#flusher.dueMs ?? Number.POSITIVE_INFINITY) <= this.clock.nowMs())
        await this.#flusher.flush();
    } catch {
      // Already logged; the alarm must not fail, or the platform gives up on it after six times.
    }
    await this.#waking;
    await this.#followers.rewakings.wakeWhenDue();
    await this.#setAlarm();
  }

  get #shard() {
    return { head: this.#head, memory: this.#memory, positions: this.#positions, bySubject: this.#bySubject };
  }

  /** Once it is named, a shard is of one kind for ever. */
  get #isIntake(): boolean {
    if (this.#takesIntake === null && this.#head.shard !== "") this.#takesIntake = isIntakeShard(this.#head.shard);
    return this.#takesIntake ?? false;
  }

  /** Called for the first time, a shard leaves word where readers find it when the layout is another; its first flush does so, too. */
  #named(shard: string): void {
    if (this.#head.shard === shard) return;
    this.#head.name(shard);
    this.ctx.waitUntil(markShard(this.env.EVENTS, shard).catch(() => {}));
  }

  #taker(): Intake {
    this.#intake ??= new Intake(this.#environment.LANE, this.#head, this.#memory.committed(), systemRandomness.bytes);
    return this.#intake;
  }

  /** What the head holds of sessions, as it was known before a restart. */
  #recallCalls(): void {
    for (const entry of this.#memory.committed()) {
      this.#bySubject.add(entry);
      this.#watermarks.admit(entry.subject, Number((JSON.parse(entry.line) as CloudEvent).sequence));
    }
  }

  #commit(entries: readonly LogEntry[]): void {
    const rows = this.#head.append(entries);
    this.#memory.commit(entries);
    this.#meter.count("trunkline_log_commits_total", {}, rows);
    this.#meter.count("trunkline_log_events_total", {}, entries.length);
    this.#flusher.expect();
    // Also when a flush starts at once: the alarm is what is left of it when this object does not live to see its end.
    this.ctx.waitUntil(this.#setAlarm());
    this.#tailing.tell();
    if (this.#isLarge) this.#flushBehind();
    this.#reportMetrics();
  }

  /** Whether the head is to be flushed for its size. */
  get #isLarge(): boolean {
    const { events, bytes } = this.#memory;
    if (events < (this.#isIntake ? INTAKE_FLUSH_EVENTS : FLUSH_EVENTS) && bytes < FLUSH_BYTES) return false;
    return !this.#isIntake || this.clock.nowMs() - this.#flusher.startedMs >= MIN_FLUSH_PAUSE_MS;
  }

  /** A full head takes no commit that could begin a flush: whoever finds it full does. */
  get #isFull(): boolean {
    const isFull = this.#memory.bytes > MAX_HEAD_BYTES;
    if (isFull && this.#flusher.failures === 0) this.#flushBehind();
    return isFull;
  }

  #flushBehind(): void {
    this.ctx.waitUntil(this.#flusher.flush().catch(() => {}));
  }

  async #setAlarm(): Promise<void> {
    const setMs = await this.ctx.storage.getAlarm();
    this.#followers.rewakings.expect();
    const set = setMs === null ? null : { atMs: setMs, purpose: this.#alarmPurpose };
    const next = nextLogAlarm(set, this.#flusher.dueMs, this.#followers.rewakings.due);
    if (next === null) return;
    this.#alarmPurpose = next.purpose;
    await this.ctx.storage.setAlarm(next.atMs);
  }

  /** Not waited for: a queue that is slow holds no flush up. */
  #wakeAfterFlush(released: boolean): void {
    if (!released) this.#followers.rewakings.expect();
    this.#waking = (released ? this.#followers.rewakings.wake() : this.#followers.rewakings.wakeWhenDue()).then(() =>
      this.#setAlarm(),
    );
    this.ctx.waitUntil(this.#waking);
  }

  #reportMetrics(): void {
    const deltas = this.#meter.take(this.clock.nowMs());
    if (deltas === null) return;
    const metrics = inJurisdiction(this.env.METRICS, this.#environment.JURISDICTION).getByName(METRICS_OBJECT);
    this.ctx.waitUntil(
      metrics.add(deltas).then(
        () => {},
        () => {},
      ),
    );
  }
}
