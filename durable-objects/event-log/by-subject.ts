/** The head's events by call, for shards of sessions: each session asks for its own. */
import type { LogEntry } from "../../domain/events/segment.ts";

export class BySubject {
  readonly #entries = new Map<string, LogEntry[]>();

  add(entry: LogEntry): void {
    const own = this.#entries.get(entry.subject);
    if (own === undefined) this.#entries.set(entry.subject, [entry]);
    else own.push(entry);
  }

  of(subject: string): readonly LogEntry[] {
    return this.#entries.get(subject) ?? [];
  }

  all(): ReadonlyMap<string, readonly LogEntry[]> {
    return this.#entries;
  }

  /** These have left the head. */
  remove(entries: readonly LogEntry[]): void {
    if (this.#entries.size === 0) return;
    const gone = new Set(entries.map(({ id }) => id));
    for (const subject of new Set(entries.map((entry) => entry.subject))) {
      const left = this.of(subject).filter(({ id }) => !gone.has(id));
      if (left.length === 0) this.#entries.delete(subject);
      else this.#entries.set(subject, left);
    }
  }
}
