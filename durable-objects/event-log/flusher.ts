/** Moves the head of a shard to R2, one generation at a time. */
import type { Clock } from "../../adapters/platform/clock.ts";
import type { Faults } from "../../adapters/platform/faults.ts";
import type { Log } from "../../adapters/telemetry/log.ts";
import type { Meter } from "../../adapters/telemetry/meter.ts";
import { flushDelayMs } from "../../domain/events/log-alarm.ts";
import type { Watermarks } from "../../domain/events/watermarks.ts";
import type { CommitGroups } from "./commit-groups.ts";
import { type Shard, oldestMsOf } from "./following.ts";
import type { Flushed } from "./head.ts";
import { type Intake, largestOf } from "./intake.ts";
import { partsWith, writeSegments } from "./write-segments.ts";

type Surroundings = {
  readonly bucket: R2Bucket;
  readonly faults: Faults;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  /** At which a head is flushed. */
  readonly ageMs: number;
};

type Parts = Shard & {
  readonly watermarks: Watermarks;
  readonly groups: CommitGroups;
  /** Looked up each time. */
  readonly around: () => Surroundings;
  /** Null in a shard of sessions. */
  readonly intake: () => Intake | null;
  /** A generation has left the head. */
  readonly released: (flushed: Flushed) => void;
  /** Is called once for each flush that had something to do. */
  readonly ended: (released: boolean) => void;
};

const NO_FINGERPRINTS: ReturnType<Intake["saving"]> = { fingerprints: [], forgotten: 0 };

export class Flusher {
  readonly #parts: Parts;
  #startedMs = 0;
  #running: Promise<void> | null = null;
  #failures = 0;
  #dueMs: number | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.expect();
  }

  /** Since it last succeeded. */
  get failures(): number {
    return this.#failures;
  }

  /** When the head is to be flushed; null while it is empty. */
  get dueMs(): number | null {
    return this.#dueMs;
  }

  /** When it last began, Unix milliseconds. */
  get startedMs(): number {
    return this.#startedMs;
  }

  /** There may be something to flush now. */
  expect(): void {
    if (this.#parts.memory.events === 0) return;
    this.#dueMs ??= this.#nextMs();
  }

  /** One at a time: whoever comes while one is under way waits for that. @throws when R2 fails; the head keeps its events. */
  flush(): Promise<void> {
    this.#running ??= this.#move().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  #nextMs(): number {
    const { clock, ageMs } = this.#parts.around();
    return clock.nowMs() + flushDelayMs(this.#failures, ageMs);
  }

  async #move(): Promise<void> {
    const { head, memory, groups } = this.#parts;
    const { meter, log } = this.#parts.around();
    if (head.frozenGeneration === null && memory.events === groups.waiting) return;
    this.#startedMs = this.#parts.around().clock.nowMs();
    try {
      const events = await this.#writeAndRelease();
      this.#failures = 0;
      this.#dueMs = null;
      this.expect();
      meter.count("trunkline_log_flushes_total", { outcome: "done" });
      log("info", "segments written", { shard: head.shard, events });
      this.#parts.ended(true);
    } catch (error) {
      this.#failures += 1;
      this.#dueMs = this.#nextMs();
      meter.count("trunkline_log_flushes_total", { outcome: "failed" });
      log("error", "a flush failed; the head keeps its events", {
        failures: this.#failures,
        cause: error instanceof Error ? error.name : "unknown",
      });
      this.#parts.ended(false);
      throw error;
    }
  }

  async #writeAndRelease(): Promise<number> {
    const { head, memory, positions, groups, watermarks, bySubject } = this.#parts;
    const { bucket, faults, clock, log, meter } = this.#parts.around();
    const intake = this.#parts.intake();
    const isNew = head.frozenGeneration === null;
    const generation = head.freeze();
    // Not before: what is frozen on disk and in memory has to be the same, or a generation is given up that no segment has.
    if (isNew) memory.freeze();
    const entries = memory.frozen;
    const written = await writeSegments({ bucket, faults }, head, generation, entries);
    await faults.at("event-log.before-release");
    // Watermarks go to disk here, so everything that they admitted has to be there too.
    groups.commitNow();
    const { passed } = positions;
    const saving = intake?.saving(entries, clock.nowMs()) ?? NO_FINGERPRINTS;
    const flushed = head.release({
      manifests: partsWith(head.manifests, written),
      keys: written.segments.map(({ key }) => key),
      oldestMs: oldestMsOf(entries),
      lastId: intake === null ? null : largestOf(entries, head.lastId),
      ...saving,
      watermarks: watermarks.entries(),
      passed,
    });
    intake?.saved(generation, saving);
    bySubject.remove(memory.release());
    if (flushed !== null) {
      const missed = positions.added(flushed);
      if (missed > 0) {
        meter.count("trunkline_webhook_events_total", { outcome: "missed" }, missed);
        log("error", "webhooks are too far behind; what they have not read is given up", { shard: head.shard, missed });
      }
      this.#parts.released(flushed);
    }
    return entries.length;
  }
}
