/** Gathers what is committed together: the largest saving of the whole store. */
import type { LogEntry } from "../../domain/events/segment.ts";

type Group = {
  readonly entries: LogEntry[];
  readonly committed: Promise<void>;
  readonly settle: (error?: unknown) => void;
  timer: ReturnType<typeof setTimeout>;
  dueMs: number;
};

export class CommitGroups {
  readonly #nowMs: () => number;
  readonly #commit: (entries: readonly LogEntry[]) => void;
  readonly #failed: (events: number) => void;
  #group: Group | null = null;

  /**
   * @param commit puts a group on disk.
   * @param failed is called when that throws, after those who wait for the group have been told.
   */
  constructor(nowMs: () => number, commit: (entries: readonly LogEntry[]) => void, failed: (events: number) => void) {
    this.#nowMs = nowMs;
    this.#commit = commit;
    this.#failed = failed;
  }

  /** Events that are not on disk yet. */
  get waiting(): number {
    return this.#group?.entries.length ?? 0;
  }

  /** @param windowMs after which the group is committed at the latest, if these are its first. */
  add(entries: readonly LogEntry[], windowMs: number): void {
    this.#group ??= this.#open(windowMs);
    this.#group.entries.push(...entries);
  }

  /** Waits until what was added is on disk, which it is after this time at the latest. Rejects when its commit fails. */
  async committed(windowMs: number): Promise<void> {
    const group = this.#group;
    if (group === null) return;
    const dueMs = this.#nowMs() + windowMs;
    if (dueMs < group.dueMs) {
      clearTimeout(group.timer);
      group.dueMs = dueMs;
      group.timer = setTimeout(() => this.#close(group), windowMs);
    }
    await group.committed;
  }

  commitNow(): void {
    if (this.#group !== null) this.#close(this.#group);
  }

  #open(windowMs: number): Group {
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
      timer: setTimeout(() => this.#close(group), windowMs),
      dueMs: this.#nowMs() + windowMs,
    };
    return group;
  }

  #close(group: Group): void {
    if (this.#group === group) this.#group = null;
    clearTimeout(group.timer);
    try {
      this.#commit(group.entries);
      group.settle();
    } catch (error) {
      group.settle(error);
      this.#failed(group.entries.length);
    }
  }
}
