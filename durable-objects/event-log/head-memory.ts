/** What the head holds, in memory: what is on disk in the order of commits, and by call also what is about to be. */
import type { LogEntry } from "../../domain/events/segment.ts";

export class HeadMemory {
  readonly #bySubject = new Map<string, LogEntry[]>();
  /** What the head's generations hold on disk: the frozen one, which a flush is writing, and the one that grows. */
  #frozen: LogEntry[];
  #growing: LogEntry[];
  #events = 0;
  /** UTF-16 units of the lines. */
  #bytes = 0;

  constructor({ frozen, growing }: { readonly frozen: LogEntry[]; readonly growing: LogEntry[] }) {
    this.#frozen = frozen;
    this.#growing = growing;
    for (const entry of this.committed()) this.remember(entry);
  }

  /** With those that are not on disk yet. */
  get events(): number {
    return this.#events;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get frozen(): readonly LogEntry[] {
    return this.#frozen;
  }

  /** What is on disk, by offset. */
  committed(): LogEntry[] {
    return [...this.#frozen, ...this.#growing];
  }

  of(subject: string): readonly LogEntry[] {
    return this.#bySubject.get(subject) ?? [];
  }

  /** Everything, also what is not on disk yet, by call. */
  bySubject(): ReadonlyMap<string, readonly LogEntry[]> {
    return this.#bySubject;
  }

  /** From now on the event is readable. */
  remember(entry: LogEntry): void {
    const own = this.#bySubject.get(entry.subject);
    if (own === undefined) this.#bySubject.set(entry.subject, [entry]);
    else own.push(entry);
    this.#events += 1;
    this.#bytes += entry.line.length;
  }

  commit(entries: readonly LogEntry[]): void {
    this.#growing.push(...entries);
  }

  freeze(): void {
    this.#frozen = this.#growing;
    this.#growing = [];
  }

  /** The frozen generation is in R2. */
  release(): void {
    const entries = this.#frozen;
    this.#frozen = [];
    const gone = new Set(entries.map(({ id }) => id));
    for (const subject of new Set(entries.map((entry) => entry.subject))) {
      const left = this.of(subject).filter(({ id }) => !gone.has(id));
      if (left.length === 0) this.#bySubject.delete(subject);
      else this.#bySubject.set(subject, left);
    }
    this.#events -= entries.length;
    for (const { line } of entries) this.#bytes -= line.length;
  }
}
