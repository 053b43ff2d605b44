/** Drives a comparison of two streams of items; neither is ever held as a whole. */
import { type Comparison, createComparer } from "../../domain/configuration/diff.ts";
import type { ConfigurationItem } from "../../domain/configuration/model.ts";

export type ItemParts = AsyncIterable<readonly ConfigurationItem[]>;

/** The first of a stream's items that has not been passed. */
class Head {
  item: ConfigurationItem | null = null;
  readonly #parts: AsyncIterator<readonly ConfigurationItem[]>;
  #part: readonly ConfigurationItem[] = [];
  #next = 0;

  constructor(parts: ItemParts) {
    this.#parts = parts[Symbol.asyncIterator]();
  }

  /** True when the next item is at hand; false: `fetch` first. */
  advance(): boolean {
    if (this.#next >= this.#part.length) return false;
    this.item = this.#part[this.#next++]!;
    return true;
  }

  async fetch(): Promise<void> {
    do {
      const { done, value } = await this.#parts.next();
      if (done === true) {
        this.item = null;
        return;
      }
      this.#part = value;
      this.#next = 0;
    } while (!this.advance());
  }

  async close(): Promise<void> {
    await this.#parts.return?.();
  }
}

/** @throws what either stream throws. */
export async function compareSources(before: ItemParts, after: ItemParts): Promise<Comparison> {
  const comparer = createComparer();
  const [old, fresh] = [new Head(before), new Head(after)];
  try {
    await old.fetch();
    await fresh.fetch();
    for (;;) {
      const move = comparer.step(old.item, fresh.item);
      if (move === "none") return comparer.result();
      // Waiting only between parts: a promise per item would cost more than the comparison.
      if (move !== "after" && !old.advance()) await old.fetch();
      if (move !== "before" && !fresh.advance()) await fresh.fetch();
    }
  } finally {
    await Promise.allSettled([old.close(), fresh.close()]);
  }
}

export async function* noItems(): AsyncGenerator<readonly ConfigurationItem[]> {}
