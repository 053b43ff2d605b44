/** What an isolate has seen of one place that snapshots are read from: whether it answers, counted and said once per change. */
import type { Clock } from "../platform/clock.ts";

export const SNAPSHOT_LEVELS = ["memory", "cache", "r2", "keeper", "static"] as const;
export type SnapshotLevel = (typeof SNAPSHOT_LEVELS)[number];

/** `miss`: it answers, and has no such thing. `late`: the next one was asked meanwhile. `damaged`: it has something else. */
export const READ_OUTCOMES = ["hit", "miss", "late", "failed", "damaged"] as const;
export type ReadOutcome = (typeof READ_OUTCOMES)[number];

/** A place that did not answer is not waited for again for so long, unless it answers meanwhile. */
export const LOST_MS = 10_000;

export type LevelPorts = {
  readonly clock: Clock;
  readonly onRead: (level: SnapshotLevel, outcome: ReadOutcome) => void;
  /** @param lostMs how long it was; null: it is lost now. */
  readonly onChange: (level: SnapshotLevel, lostMs: number | null) => void;
};

export class Level {
  readonly #name: SnapshotLevel;
  readonly #ports: LevelPorts;
  #lostSinceMs: number | null = null;
  #failedMs = -Infinity;

  constructor(name: SnapshotLevel, ports: LevelPorts) {
    this.#name = name;
    this.#ports = ports;
  }

  get isLost(): boolean {
    return this.#lostSinceMs !== null && this.#ports.clock.nowMs() - this.#failedMs < LOST_MS;
  }

  note(outcome: ReadOutcome): void {
    this.#ports.onRead(this.#name, outcome);
    if (outcome === "failed" || outcome === "late") return this.#lose();
    const sinceMs = this.#lostSinceMs;
    if (sinceMs === null) return;
    this.#lostSinceMs = null;
    this.#ports.onChange(this.#name, this.#ports.clock.nowMs() - sinceMs);
  }

  #lose(): void {
    this.#failedMs = this.#ports.clock.nowMs();
    if (this.#lostSinceMs !== null) return;
    this.#lostSinceMs = this.#failedMs;
    this.#ports.onChange(this.#name, null);
  }
}
