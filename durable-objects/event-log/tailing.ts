/** Lets those who follow the end of the log wait for what comes, each with a filter of their own. Keeps nothing of them. */
import { within } from "../../adapters/platform/deadline.ts";
import { lineReader } from "../../domain/events/query/match.ts";
import type { EventQuery } from "../../domain/events/query/query.ts";
import type { TailAnswer } from "../../domain/events/shard.ts";
import type { Shard } from "./following.ts";
import type { Flushed } from "./head.ts";

/** Longer than that nobody waits for news; who waits keeps the object in memory. */
const MAX_WAIT_MS = 10_000;
/** Events that one answer goes through. */
const MAX_TAIL_EVENTS = 5_000;
/** Lines of one answer, in UTF-16 units: whoever follows many shards holds an answer of each. */
const MAX_TAIL_UNITS = 1024 * 1024;
/** Generations in R2 that are remembered for those who come back. In memory: after a restart they read by time. */
const MAX_REMEMBERED = 64;
/** Keys of one answer, each a read from R2. */
const MAX_TAIL_SEGMENTS = 32;

export class Tailing {
  readonly #shard: Shard;
  #news: PromiseWithResolvers<void> = Promise.withResolvers();
  #flushed: readonly Flushed[] = [];

  constructor(shard: Shard) {
    this.#shard = shard;
  }

  /** Something was committed. */
  tell(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }

  released(flushed: Flushed): void {
    this.#flushed = [...this.#flushed, flushed].slice(-MAX_REMEMBERED);
  }

  /** @param from an offset; null: from now on. Answers at once when there is something to go through, matching or not. */
  async follow(query: Pick<EventQuery, "tenant" | "filter">, from: number | null, waitMs: number): Promise<TailAnswer> {
    const { head } = this.#shard;
    if (from === null) return { next: head.next, lines: [], segments: [], gap: false };
    // A shard that has lost its storage begins anew.
    if (from > head.next) return { next: head.first, lines: [], segments: [], gap: true };
    if (from === head.next) await within(this.#news.promise, Math.min(waitMs, MAX_WAIT_MS));
    return from < head.first ? this.#left(from) : this.#lines(query, from);
  }

  #lines(query: Pick<EventQuery, "tenant" | "filter">, from: number): TailAnswer {
    const { head, memory } = this.#shard;
    const read = lineReader(query);
    const lines: string[] = [];
    let next = from;
    let units = 0;
    for (const { line } of memory.committedFrom(from - head.first, MAX_TAIL_EVENTS)) {
      const isWanted = read(line) !== null;
      if (isWanted && lines.length > 0 && units + line.length > MAX_TAIL_UNITS) break;
      next += 1;
      if (!isWanted) continue;
      lines.push(line);
      units += line.length;
    }
    return { next, lines, segments: [], gap: false };
  }

  /** Generations that have left the head, as many as fit. */
  #left(from: number): TailAnswer {
    const known = this.#flushed.filter(({ next }) => next > from);
    const first = known[0];
    if (first === undefined || first.first > from) return { next: this.#shard.head.first, lines: [], segments: [], gap: true };
    const keys: string[] = [];
    let { next } = first;
    for (const flushed of known) {
      if (keys.length > 0 && keys.length + flushed.keys.length > MAX_TAIL_SEGMENTS) break;
      keys.push(...flushed.keys);
      next = flushed.next;
    }
    return { next, lines: [], segments: keys, gap: false };
  }
}
