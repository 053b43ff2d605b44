/**
 * Follows the ends of all shards at once. What it holds does not grow with what comes: each shard is asked again only when its last answer
 * has been taken away, and nobody is asked while the reader does not read.
 *
 * Nothing falls into a gap: a shard is followed by offset. What has left its head stands in segments that it names; where those have been
 * merged, in their hour; and where nobody knows the offsets any more, in what was stored since the reader was last up to date.
 */
import { inTime, within } from "../../adapters/platform/deadline.ts";
import type { Unreadable } from "../../adapters/r2/segment-lines.ts";
import type { TailPlace } from "../../contracts/events/tail.ts";
import { HOUR_MS, beginOf } from "../../domain/events/keys.ts";
import { chunks } from "../../domain/events/segment.ts";
import type { TailAnswer } from "../../domain/events/shard.ts";
import type { StoredEvent } from "../../domain/events/stored.ts";
import type { Result } from "../../domain/shared/result.ts";
import { Recent } from "./recent.ts";

/** A shard is not asked more often, however much comes. */
export const MIN_POLL_MS = 250;
/** How long a shard waits for news before it answers. */
export const POLL_WAIT_MS = 10_000;
/** An answer is not waited for longer than this beyond that. */
const POLL_GRACE_MS = 5_000;
/** A shard that failed is asked again after this. */
const POLL_RETRY_MS = 1_000;
/** A tail ends by itself after this, or after so many questions to shards: a request may ask 10,000. */
export const MAX_TAIL_MS = 15 * 60_000;
export const MAX_TAIL_POLLS = 8_000;
/** How often it is looked for shards that were not there. */
const NAMES_EVERY_MS = 60_000;
/** Events of sessions are stored by the log this much later than their ids say, if nothing fails. */
export const LATE_MS = 5 * 60_000;
/** An answer that went through fewer events was at the end of the head. */
const AT_END_BELOW = 1_000;
/** Events that are given out together. */
const CHUNK_EVENTS = 100;

export type TailPorts = {
  readonly shardNames: () => Promise<readonly string[]>;
  readonly ask: (shard: string, from: number | null, waitMs: number) => Promise<TailAnswer>;
  /** Lines of a segment, of all tenants. */
  readonly segment: (key: string) => Promise<Result<readonly string[], Unreadable>>;
  /** Matching events that were stored in a period, from everywhere, oldest first. `toMs` null: up to now. */
  readonly stored: (fromMs: number, toMs: number | null) => AsyncIterable<readonly string[]>;
  /** Makes of lines those that may be shown: matching, and without what was erased. */
  readonly reader: () => Promise<(line: string) => { readonly event: StoredEvent; readonly line: string } | null>;
  readonly nowMs: () => number;
};

export type EndReason = "max_duration" | "max_polls" | "credentials_expired";

/** `place`: how far the reader is with these lines; null: as far as before. */
export type TailChunk =
  | { readonly tag: "events"; readonly lines: readonly string[]; readonly place: TailPlace | null }
  | { readonly tag: "end"; readonly reason: EndReason };

export type Tail = {
  /** Ends behind the chunk that says why. */
  readonly chunks: AsyncGenerator<TailChunk, void>;
  /** Nobody reads any more. */
  readonly stop: () => void;
  /** Where it begins. */
  readonly place: TailPlace;
};

type Followed = { from: number; atEndMs: number; dueMs: number; isAsked: boolean };
type Heard = { readonly name: string; readonly askedMs: number; readonly answer: TailAnswer | null };

/** The hour of a segment's events: `events/YYYY/MM/DD/HH/…`. */
const hourOfSegment = (key: string): number => beginOf(key.slice("events/".length, "events/YYYY/MM/DD/HH".length));

/**
 * @param after where the reader was; null: it begins now.
 * @param endsMs when the credentials expire, Unix milliseconds.
 * @throws what the shards throw, when it cannot begin.
 */
export async function openTail(ports: TailPorts, after: TailPlace | null, endsMs: number): Promise<Tail> {
  const { nowMs } = ports;
  const startedMs = nowMs();
  const shards = new Map<string, Followed>();
  const heard: Heard[] = [];
  const recent = new Recent();
  let polls = 0;
  let news = Promise.withResolvers<void>();
  let isStopped = false;
  /** When it was last looked for new shards, and when that last succeeded. */
  let lookedMs = startedMs;
  let knownMs = startedMs;

  const ask = (name: string, from: number | null, waitMs: number): Promise<TailAnswer> => {
    polls += 1;
    return inTime(ports.ask(name, from, waitMs), waitMs + POLL_GRACE_MS);
  };

  /** Begins to follow a shard where it is now. */
  async function begin(name: string): Promise<void> {
    const atEndMs = nowMs();
    const { next } = await ask(name, null, 0);
    shards.set(name, { from: next, atEndMs, dueMs: 0, isAsked: false });
  }

  const place = (): TailPlace => ({
    sinceMs: Math.min(nowMs(), ...[...shards.values()].map(({ atEndMs }) => atEndMs)),
    offsets: new Map([...shards].map(([name, { from }]) => [name, from])),
  });

  function listen(name: string, shard: Followed): void {
    const askedMs = nowMs();
    shard.isAsked = true;
    shard.dueMs = askedMs + MIN_POLL_MS;
    const tell = (answer: TailAnswer | null) => {
      heard.push({ name, askedMs, answer });
      news.resolve();
    };
    ask(name, shard.from, POLL_WAIT_MS).then(tell, () => tell(null));
  }

  /** Lines as they may be shown, each once. */
  async function shown(lines: readonly string[]): Promise<string[]> {
    if (lines.length === 0) return [];
    const read = await ports.reader();
    return lines.flatMap((line) => {
      const found = read(line);
      return found !== null && recent.isNew(found.event.id) ? [found.line] : [];
    });
  }

  async function* events(lines: readonly string[]): AsyncGenerator<TailChunk, void> {
    const all = await shown(lines);
    for (const some of chunks(all, CHUNK_EVENTS)) yield { tag: "events", lines: some, place: null };
  }

  async function* stored(fromMs: number, toMs: number | null): AsyncGenerator<TailChunk, void> {
    for await (const lines of ports.stored(fromMs, toMs)) yield* events(lines);
  }

  async function* segments(keys: readonly string[]): AsyncGenerator<TailChunk, void> {
    const hours = new Set<number>();
    for (const key of keys) {
      const lines = await ports.segment(key);
      if (lines.ok) yield* events(lines.value);
      else hours.add(hourOfSegment(key));
    }
    for (const hour of hours) yield* stored(hour, hour + HOUR_MS);
  }

  async function* taken({ name, askedMs, answer }: Heard): AsyncGenerator<TailChunk, void> {
    const shard = shards.get(name)!;
    shard.isAsked = false;
    if (answer === null) {
      shard.dueMs = nowMs() + POLL_RETRY_MS;
      return;
    }
    const { next, lines, segments: keys, gap } = answer;
    if (gap) yield* stored(shard.atEndMs - LATE_MS, null);
    yield* segments(keys);
    yield* events(lines);
    const isAtEnd = keys.length === 0 && !gap && next - shard.from < AT_END_BELOW;
    if (isAtEnd) shard.atEndMs = askedMs;
    const isFurther = next !== shard.from;
    shard.from = next;
    if (isFurther) yield { tag: "events", lines: [], place: place() };
  }

  /** Shards that are new: what they took before they were found is looked for by time. */
  async function* newShards(): AsyncGenerator<TailChunk, void> {
    lookedMs = nowMs();
    const names = await ports.shardNames().catch(() => null);
    if (names === null) return;
    const fresh = names.filter((name) => !shards.has(name));
    await Promise.all(fresh.map(begin));
    // The list of names may itself have been old.
    if (fresh.length > 0) yield* stored(knownMs - NAMES_EVERY_MS - LATE_MS, null);
    knownMs = lookedMs;
    yield { tag: "events", lines: [], place: place() };
  }

  function endReason(): EndReason | null {
    if (nowMs() >= endsMs) return "credentials_expired";
    if (nowMs() - startedMs >= MAX_TAIL_MS) return "max_duration";
    return polls + shards.size > MAX_TAIL_POLLS ? "max_polls" : null;
  }

  /** Until something is to be done. */
  function restMs(): number {
    const due = [...shards.values()].filter(({ isAsked }) => !isAsked).map(({ dueMs }) => dueMs);
    const nextMs = Math.min(...due, lookedMs + NAMES_EVERY_MS, startedMs + MAX_TAIL_MS, endsMs);
    return Math.max(1, nextMs - nowMs());
  }

  async function* follow(catchUpMs: number | null): AsyncGenerator<TailChunk, void> {
    if (catchUpMs !== null) yield* stored(catchUpMs, null);
    yield { tag: "events", lines: [], place: place() };
    for (let reason = endReason(); !isStopped; reason = endReason()) {
      if (reason !== null) return yield { tag: "end", reason };
      news = Promise.withResolvers();
      for (const [name, shard] of shards) if (!shard.isAsked && shard.dueMs <= nowMs()) listen(name, shard);
      if (heard.length === 0) await within(news.promise, restMs());
      for (let each = heard.shift(); each !== undefined && !isStopped; each = heard.shift()) yield* taken(each);
      if (nowMs() - lookedMs >= NAMES_EVERY_MS) yield* newShards();
    }
  }

  const names = await ports.shardNames();
  const isUnknown = (name: string): boolean => after?.offsets.get(name) === undefined;
  await Promise.all(names.filter(isUnknown).map(begin));
  for (const name of names.filter((each) => !isUnknown(each)))
    shards.set(name, { from: after!.offsets.get(name)!, atEndMs: after!.sinceMs, dueMs: 0, isAsked: false });
  const isBehind = after !== null && names.some(isUnknown);
  return {
    chunks: follow(isBehind ? after.sinceMs - LATE_MS : null),
    stop: () => {
      isStopped = true;
      news.resolve();
    },
    place: after ?? place(),
  };
}
