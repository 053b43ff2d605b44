/**
 * A shard of the event log: takes events from sessions, makes them durable in grouped commits, and moves them to R2 segments.
 * An event leaves the head only after its segment and the manifest that names it have been written.
 */
import { DurableObject } from "cloudflare:workers";
import { type Clock, systemClock } from "../../adapters/platform/clock.ts";
import { type Faults, noFaults } from "../../adapters/platform/faults.ts";
import { addToManifest, putSegment } from "../../adapters/r2/segment-writer.ts";
import { type Log, createLog } from "../../adapters/telemetry/log.ts";
import { type Meter, createMeter } from "../../adapters/telemetry/meter.ts";
import { type Environment, parseEnvironment } from "../../contracts/environment.ts";
import type { CloudEvent } from "../../domain/events/event.ts";
import {
  type LogEntry,
  SEGMENTS_PER_MANIFEST_PART,
  type SegmentInfo,
  hourOf,
  planSegments,
} from "../../domain/events/segment.ts";
import { Watermarks } from "../../domain/events/watermarks.ts";
import { METRICS_OBJECT } from "../metrics/metrics.ts";
import { inJurisdiction } from "../namespaces.ts";
import { Head } from "./head.ts";

/** Events offered without waiting are committed together after this time: the largest saving of the whole store. */
const GROUP_WINDOW_MS = 250;
/** Events whose sender waits are committed together after this time. */
const DURABLE_WINDOW_MS = 10;
/** A head of this many events is flushed without waiting for its age. */
const FLUSH_EVENTS = 2_048;
/** Beyond this the shard refuses: senders keep what they have, and memory stays bounded while R2 is away. */
const MAX_HEAD_BYTES = 24 * 1024 * 1024;
const FLUSH_RETRY_FIRST_MS = 1_000;
const FLUSH_RETRY_MAX_MS = 60_000;
/** Hours whose manifests may still grow by late events. */
const MANIFEST_HOURS_KEPT = 48;

/** One event of a call as it is offered: `sequence` counts within the call, without gaps. */
export type OfferedEvent = {
  readonly id: LogEntry["id"];
  readonly subject: string;
  readonly sequence: number;
  readonly line: string;
};

export type AppendOutcome = "durable" | "buffered" | "overloaded";

export type LogStats = { readonly headEvents: number; readonly headBytes: number; readonly flushFailures: number };

type Group = {
  readonly entries: LogEntry[];
  readonly committed: Promise<void>;
  readonly settle: (error?: unknown) => void;
  timer: ReturnType<typeof setTimeout>;
  dueMs: number;
};

export class EventLog extends DurableObject<Env> {
  clock: Clock = systemClock;
  faults: Faults = noFaults;
  readonly #environment: Environment;
  readonly #head: Head;
  readonly #watermarks: Watermarks;
  readonly #bySubject = new Map<string, LogEntry[]>();
  readonly #log: Log;
  readonly #meter: Meter;
  /** What the head's generations hold on disk: the frozen one, which a flush is writing, and the one that grows. */
  #frozen: LogEntry[];
  #growing: LogEntry[];
  #headEvents = 0;
  #headBytes = 0;
  #group: Group | null = null;
  #flushing: Promise<void> | null = null;
  #flushFailures = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#environment = parseEnvironment(env);
    this.#log = createLog({ component: "event-log", lane: this.#environment.LANE });
    this.#meter = createMeter({ lane: this.#environment.LANE });
    this.#head = new Head(ctx.storage);
    this.#watermarks = new Watermarks(this.#head.watermarks());
    const { frozenGeneration, generation } = this.#head;
    this.#frozen = frozenGeneration === null ? [] : this.#head.entriesOf(frozenGeneration);
    this.#growing = this.#head.entriesOf(generation);
    for (const entry of [...this.#frozen, ...this.#growing]) {
      this.#remember(entry);
      this.#watermarks.admit(entry.subject, Number((JSON.parse(entry.line) as CloudEvent).sequence));
    }
  }

  /**
   * Takes a call's events, which must start at the first that the sender does not know to be durable.
   * @param shard this shard's name.
   * @param wait true: answers when they are on disk; false: answers at once, and the sender keeps them until it has waited once.
   */
  async append(shard: string, events: readonly OfferedEvent[], wait: boolean): Promise<AppendOutcome> {
    if (this.#headBytes > MAX_HEAD_BYTES) return "overloaded";
    this.#head.name(shard);
    const fresh = events.filter(({ subject, sequence }) => this.#watermarks.admit(subject, sequence));
    if (fresh.length > 0) {
      const group = this.#openGroup(wait ? DURABLE_WINDOW_MS : GROUP_WINDOW_MS);
      for (const { id, subject, line } of fresh) {
        group.entries.push({ id, subject, line });
        this.#remember({ id, subject, line });
      }
    }
    if (!wait) return "buffered";
    if (this.#group !== null) {
      this.#hasten(this.#group, DURABLE_WINDOW_MS);
      await this.#group.committed;
    }
    return "durable";
  }

  /** The call's events that are not in a segment yet. */
  async read(subject: string): Promise<CloudEvent[]> {
    return (this.#bySubject.get(subject) ?? []).map(({ line }) => JSON.parse(line) as CloudEvent);
  }

  async stats(): Promise<LogStats> {
    return { headEvents: this.#headEvents, headBytes: this.#headBytes, flushFailures: this.#flushFailures };
  }

  /** Moves everything that is committed to R2 now, and waits for it. Throws when R2 does. */
  async flush(): Promise<void> {
    if (this.#group !== null) this.#commit(this.#group);
    await this.#flushOnce();
    if (this.#headEvents > 0) await this.#flushOnce();
  }

  override async alarm(): Promise<void> {
    try {
      await this.#flushOnce();
    } catch {
      // Already logged; the alarm must not fail, or the platform gives up on it after six times.
    }
    if (this.#headEvents > 0) await this.#ensureAlarm();
  }

  #remember(entry: LogEntry): void {
    const own = this.#bySubject.get(entry.subject);
    if (own === undefined) this.#bySubject.set(entry.subject, [entry]);
    else own.push(entry);
    this.#headEvents += 1;
    this.#headBytes += entry.line.length;
  }

  #forget(entries: readonly LogEntry[]): void {
    const gone = new Set(entries.map(({ id }) => id));
    for (const subject of new Set(entries.map((entry) => entry.subject))) {
      const left = (this.#bySubject.get(subject) ?? []).filter(({ id }) => !gone.has(id));
      if (left.length === 0) this.#bySubject.delete(subject);
      else this.#bySubject.set(subject, left);
    }
    this.#headEvents -= entries.length;
    for (const { line } of entries) this.#headBytes -= line.length;
  }

  #openGroup(windowMs: number): Group {
    if (this.#group !== null) return this.#group;
    let settle: Group["settle"] = () => {};
    const committed = new Promise<void>((resolve, reject) => {
      settle = (error) => (error === undefined ? resolve() : reject(error as Error));
    });
    // Nobody may be waiting for a group of buffered events; its failure is logged and restarts the object.
    committed.catch(() => {});
    const group: Group = {
      entries: [],
      committed,
      settle,
      timer: setTimeout(() => this.#commit(group), windowMs),
      dueMs: this.clock.nowMs() + windowMs,
    };
    this.#group = group;
    return group;
  }

  #hasten(group: Group, windowMs: number): void {
    const dueMs = this.clock.nowMs() + windowMs;
    if (dueMs >= group.dueMs) return;
    clearTimeout(group.timer);
    group.dueMs = dueMs;
    group.timer = setTimeout(() => this.#commit(group), windowMs);
  }

  #commit(group: Group): void {
    if (this.#group === group) this.#group = null;
    clearTimeout(group.timer);
    try {
      const rows = this.#head.append(group.entries);
      this.#growing.push(...group.entries);
      this.#meter.count("trunkline_log_commits_total", {}, rows);
      this.#meter.count("trunkline_log_events_total", {}, group.entries.length);
      group.settle();
    } catch (error) {
      this.#log("error", "a commit failed; the shard starts again from disk", { events: group.entries.length });
      group.settle(error);
      // Memory holds events that the disk does not: only a fresh start makes the two agree.
      this.ctx.abort("commit failed");
      return;
    }
    // Also when a flush starts at once: the alarm is what is left of it when this object does not live to see its end.
    this.ctx.waitUntil(this.#ensureAlarm());
    if (this.#headEvents >= FLUSH_EVENTS) this.ctx.waitUntil(this.#flushOnce().catch(() => {}));
    this.#reportMetrics();
  }

  async #ensureAlarm(): Promise<void> {
    if ((await this.ctx.storage.getAlarm()) !== null) return;
    const backoff =
      this.#flushFailures === 0 ? this.#environment.FLUSH_AGE_MS : FLUSH_RETRY_FIRST_MS * 2 ** this.#flushFailures;
    await this.ctx.storage.setAlarm(
      this.clock.nowMs() + Math.min(backoff, Math.max(FLUSH_RETRY_MAX_MS, this.#environment.FLUSH_AGE_MS)),
    );
  }

  #flushOnce(): Promise<void> {
    this.#flushing ??= this.#moveToSegments().finally(() => {
      this.#flushing = null;
    });
    return this.#flushing;
  }

  #freeze(): number {
    if (this.#head.frozenGeneration === null) {
      this.#frozen = this.#growing;
      this.#growing = [];
    }
    return this.#head.freeze();
  }

  async #moveToSegments(): Promise<void> {
    const committed = this.#headEvents - (this.#group?.entries.length ?? 0);
    if (this.#head.frozenGeneration === null && committed === 0) return;
    try {
      const generation = this.#freeze();
      const entries = this.#frozen;
      const manifestParts = await this.#writeSegments(generation, entries);
      await this.faults.at("event-log.before-release");
      // Watermarks go to disk here, so everything that they admitted has to be there too.
      if (this.#group !== null) this.#commit(this.#group);
      this.#head.release(manifestParts, this.#watermarks.entries());
      this.#frozen = [];
      this.#forget(entries);
      this.#flushFailures = 0;
      this.#meter.count("trunkline_log_flushes_total", { outcome: "done" });
      this.#log("info", "segments written", { shard: this.#head.shard, events: entries.length });
    } catch (error) {
      this.#flushFailures += 1;
      this.#meter.count("trunkline_log_flushes_total", { outcome: "failed" });
      this.#log("error", "a flush failed; the head keeps its events", {
        failures: this.#flushFailures,
        cause: error instanceof Error ? error.name : "unknown",
      });
      throw error;
    }
  }

  async #writeSegments(generation: number, entries: readonly LogEntry[]): Promise<Head["manifestParts"]> {
    const { shard } = this.#head;
    const byHour = new Map<string, SegmentInfo[]>();
    for (const planned of planSegments(shard, generation, entries)) {
      await this.faults.at("event-log.before-segment");
      const info = await putSegment(this.env.EVENTS, planned);
      byHour.set(planned.hour, [...(byHour.get(planned.hour) ?? []), info]);
    }
    const parts = { ...this.#head.manifestParts };
    for (const [hour, segments] of byHour) {
      await this.faults.at("event-log.before-manifest");
      const current = this.#head.manifestPart(hour);
      const part = current.segments >= SEGMENTS_PER_MANIFEST_PART ? current.part + 1 : current.part;
      parts[hour] = { part, segments: await addToManifest(this.env.EVENTS, { shard, hour, part }, segments) };
    }
    const oldest = hourOf(this.clock.nowMs() - MANIFEST_HOURS_KEPT * 3_600_000);
    return Object.fromEntries(Object.entries(parts).filter(([hour]) => hour >= oldest || byHour.has(hour)));
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
