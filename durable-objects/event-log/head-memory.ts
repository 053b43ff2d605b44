/** What the head holds, in memory: what is on disk in the order of commits, and what is about to be. */
import type { LogEntry } from "../../domain/events/segment.ts";

export class HeadMemory {
  /** What the head's generations hold on disk: the frozen one, which a flush is writing, and the one that grows. */
  #frozen: LogEntry[];
  #growing: LogEntry[];
  #waiting: LogEntry[] = [];
  /** UTF-16 units of the lines. */
  #bytes = 0;

  constructor({ frozen, growing }: { readonly frozen: LogEntry[]; readonly growing: LogEntry[] }) {
    this.#frozen = frozen;
    this.#growing = growing;
    for (const { line } of this.committed()) this.#bytes += line.length;
  }

  /** With those that are not on disk yet. */
  get events(): number {
    return this.#frozen.length + this.#growing.length + this.#waiting.length;
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

  /** What is on disk from an offset on. @param from counted from the first that is here. */
  committedFrom(from: number, count: number): LogEntry[] {
    const inFrozen = this.#frozen.slice(from, from + count);
    const rest = Math.max(0, from - this.#frozen.length);
    return [...inFrozen, ...this.#growing.slice(rest, rest + count - inFrozen.length)];
  }

  /** Everything, also what is not on disk yet. */
  all(): LogEntry[] {
    return [...this.#frozen, ...this.#growing, ...this.#waiting];
  }

  /** From now on the event is readable. */
  remember(entry: LogEntry): void {
    this.#waiting.push(entry);
    this.#bytes += entry.line.length;
  }

  /** The oldest that were waiting are on disk. */
  commit(entries: readonly LogEntry[]): void {
    for (const entry of entries) this.#growing.push(entry);
    this.#waiting.splice(0, entries.length);
  }

  freeze(): void {
    this.#frozen = this.#growing;
    this.#growing = [];
  }

  /** The frozen generation is in R2. @returns what it held. */
  release(): readonly LogEntry[] {
    const entries = this.#frozen;
    this.#frozen = [];
    for (const { line } of entries) this.#bytes -= line.length;
    return entries;
  }
}
