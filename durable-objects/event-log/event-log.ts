/**
 * A shard of the event log: takes events from sessions, makes them durable in grouped commits, and moves them to R2 segments.
 * An event leaves the head only after its segment and the manifest that names it have been written. Followers read by offset, in the
 * order of commits, and are woken after each flush.
 */
import { DurableObject } from "cloudflare:workers";
import { type Clock, systemClock } from "../../adapters/platform/clock.ts";
import { type Faults, noFaults } from "../../adapters/platform/faults.ts";
import { type Log, createLog } from "../../adapters/telemetry/log.ts";
import { type Meter, createMeter } from "../../adapters/telemetry/meter.ts";
import { type Environment, parseEnvironment } from "../../contracts/environment.ts";
import type { CloudEvent } from "../../domain/events/event.ts";
import { FOLLOWERS, type Follower, type Following, type Lag, type Unread, type WakeUp } from "../../domain/events/follow.ts";
import { type AlarmPurpose, nextLogAlarm } from "../../domain/events/log-alarm.ts";
import type { LogEntry } from "../../domain/events/segment.ts";
import { Watermarks } from "../../domain/events/watermarks.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { METRICS_OBJECT } from "../metrics/metrics.ts";
import { inJurisdiction } from "../namespaces.ts";
import { CommitGroups } from "./commit-groups.ts";
import { followFrom, lagOf, unreadOf } from "./following.ts";
import { Flusher } from "./flusher.ts";
import { HeadMemory } from "./head-memory.ts";
import { Head } from "./head.ts";
import { Leases } from "./leases.ts";
import { Positions } from "./positions.ts";
import { Rewakings } from "./rewaking.ts";

/** Events offered without waiting are committed together after this time. */
const GROUP_WINDOW_MS = 250;
/** Events whose sender waits are committed together after this time. */
const DURABLE_WINDOW_MS = 10;
/** A head of this many events is flushed without waiting for its age. */
const FLUSH_EVENTS = 2_048;
/** Beyond this the shard refuses: senders keep what they have, and memory stays bounded while R2 is away. */
const MAX_HEAD_BYTES = 24 * 1024 * 1024;

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
  readonly #positions: Positions;
  readonly #leases = new Leases();
  readonly #rewakings: Rewakings;
  readonly #watermarks: Watermarks;
  readonly #groups: CommitGroups;
  readonly #flusher: Flusher;
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
    for (const { subject, line } of this.#memory.committed())
      this.#watermarks.admit(subject, Number((JSON.parse(line) as CloudEvent).sequence));
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
    this.#rewakings = new Rewakings({
      nowMs: () => this.clock.nowMs(),
      isBehind: () => this.#behind().length > 0,
      readUntilMs: () => this.#readUntilMs(),
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
    if (this.#memory.bytes > MAX_HEAD_BYTES) return "overloaded";
    this.#head.name(shard);
    const fresh = events
      .filter(({ subject, sequence }) => this.#watermarks.admit(subject, sequence))
      .map(({ id, subject, line }) => ({ id, subject, line }));
    for (const entry of fresh) this.#memory.remember(entry);
    if (fresh.length > 0) this.#groups.add(fresh, wait ? DURABLE_WINDOW_MS : GROUP_WINDOW_MS);
    if (!wait) return "buffered";
    await this.#groups.committed(DURABLE_WINDOW_MS);
    return "durable";
  }

  /** The call's events that are not in a segment yet. */
  async read(subject: string): Promise<CloudEvent[]> {
    return this.#memory.of(subject).map(({ line }) => JSON.parse(line) as CloudEvent);
  }

  async stats(): Promise<LogStats> {
    return { headEvents: this.#memory.events, headBytes: this.#memory.bytes, flushFailures: this.#flusher.failures };
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
    if (!this.#leases.take(follower, leaseId, this.clock.nowMs())) return { tag: "busy" };
    const following = followFrom(this.#positions.of(follower), this.#shard, maxEvents);
    if (following.tag === "caught_up") this.#leases.giveUp(follower, leaseId);
    return following;
  }

  /**
   * Everything before `next` has been read. Never goes back, and takes the word of a reader whose lease has ended: what is read is read.
   */
  async advance(follower: Follower, leaseId: string, next: number): Promise<Lag> {
    this.#leases.take(follower, leaseId, this.clock.nowMs());
    if (this.#positions.advance(follower, Math.min(next, this.#head.next))) {
      this.#rewakings.came();
      this.ctx.waitUntil(this.#setAlarm());
    }
    return lagOf(follower, this.#shard);
  }

  /** The reader goes before the end: another one may come at once. */
  async leave(follower: Follower, leaseId: string): Promise<void> {
    this.#leases.giveUp(follower, leaseId);
    await this.#rewakings.left();
  }

  async lag(follower: Follower): Promise<Lag> {
    return lagOf(follower, this.#shard);
  }

  /** Somebody looks after this shard: followers that are behind are woken, and what has to happen has an alarm. */
  async nudge(): Promise<void> {
    await this.#rewakings.wake();
    await this.#setAlarm();
  }

  /** What the projection has not read of a tenant. @param after the last session of the page before; null: the first page. */
  async unprojected(tenant: TenantId, after: string | null, limit: number): Promise<Unread> {
    return unreadOf(tenant, after, limit, "projection", this.#shard);
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
    await this.#rewakings.wakeWhenDue();
    await this.#setAlarm();
  }

  get #shard() {
    return { head: this.#head, memory: this.#memory, positions: this.#positions };
  }

  /** What the head holds is announced by its flush; where that fails, followers get it all the same. */
  #behind(): Follower[] {
    const announced = this.#flusher.failures > 0 ? this.#head.next : this.#head.first;
    return FOLLOWERS.filter((follower) => this.#positions.of(follower) < announced);
  }

  #readUntilMs(): number | null {
    const leases = this.#behind().map((follower) => this.#leases.untilMs(follower, this.clock.nowMs()));
    return leases.reduce((soonest, untilMs) => (soonest === null || untilMs === null ? null : Math.min(soonest, untilMs)));
  }

  #commit(entries: readonly LogEntry[]): void {
    const rows = this.#head.append(entries);
    this.#memory.commit(entries);
    this.#meter.count("trunkline_log_commits_total", {}, rows);
    this.#meter.count("trunkline_log_events_total", {}, entries.length);
    this.#flusher.expect();
    // Also when a flush starts at once: the alarm is what is left of it when this object does not live to see its end.
    this.ctx.waitUntil(this.#setAlarm());
    if (this.#memory.events >= FLUSH_EVENTS) this.ctx.waitUntil(this.#flusher.flush().catch(() => {}));
    this.#reportMetrics();
  }

  async #setAlarm(): Promise<void> {
    const setMs = await this.ctx.storage.getAlarm();
    this.#rewakings.expect();
    const set = setMs === null ? null : { atMs: setMs, purpose: this.#alarmPurpose };
    const next = nextLogAlarm(set, this.#flusher.dueMs, this.#rewakings.due);
    if (next === null) return;
    this.#alarmPurpose = next.purpose;
    await this.ctx.storage.setAlarm(next.atMs);
  }

  /** Not waited for: a queue that is slow holds no flush up. */
  #wakeAfterFlush(released: boolean): void {
    if (!released) this.#rewakings.expect();
    this.#waking = (released ? this.#rewakings.wake() : this.#rewakings.wakeWhenDue()).then(() => this.#setAlarm());
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
