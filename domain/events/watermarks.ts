/**
 * What a log shard has taken of each call: the highest sequence number. A session offers events again when it does not know
 * whether they arrived; the watermark drops the repetition before it costs a row. It is bounded, and forgetting is harmless:
 * readers merge by event id.
 */

/** Calls remembered at once, least recently heard of first to go. At about 60 bytes each. */
export const MAX_WATERMARKS = 20_000;

export class Watermarks {
  readonly #highest: Map<string, number>;

  constructor(entries: Iterable<readonly [string, number]> = []) {
    this.#highest = new Map(entries);
  }

  /** True when this event of the call is new; remembers it. */
  admit(subject: string, sequence: number): boolean {
    const highest = this.#highest.get(subject);
    if (highest !== undefined && sequence <= highest) return false;
    this.#highest.delete(subject);
    this.#highest.set(subject, sequence);
    if (this.#highest.size > MAX_WATERMARKS) {
      const oldest = this.#highest.keys().next();
      if (!oldest.done) this.#highest.delete(oldest.value);
    }
    return true;
  }

  entries(): [string, number][] {
    return [...this.#highest];
  }
}
