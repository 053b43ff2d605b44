/** What a follower reads next, and what it has not read. */
import type { CloudEvent } from "../../domain/events/event.ts";
import type { Follower, Following, Lag, Unread } from "../../domain/events/follow.ts";
import type { LogEntry } from "../../domain/events/segment.ts";
import { type TenantId, timeOfId } from "../../domain/shared/ids.ts";
import type { Head } from "./head.ts";
import type { BySubject } from "./by-subject.ts";
import type { HeadMemory } from "./head-memory.ts";
import type { Positions } from "./positions.ts";

/** Lines of one answer, in UTF-16 units: a call between objects carries 32 MiB, and a follower holds a batch in memory. */
const MAX_FOLLOW_UNITS = 4 * 1024 * 1024;
/** Each is one read from R2 for the follower. */
const MAX_FOLLOW_SEGMENTS = 32;

export type Shard = {
  readonly head: Head;
  readonly memory: HeadMemory;
  readonly positions: Positions;
  readonly bySubject: BySubject;
};

export function oldestMsOf(entries: readonly LogEntry[]): number {
  return entries.reduce((oldest, { id }) => Math.min(oldest, timeOfId(id)), Number.POSITIVE_INFINITY);
}

/** Whole generations, several when they are small. */
function segmentsFrom(from: number, { head, positions }: Shard, maxEvents: number): Following {
  const keys: string[] = [];
  let next = from;
  for (const flushed of positions.flushedFrom(from)) {
    const fits = flushed.next - from <= maxEvents && keys.length + flushed.keys.length <= MAX_FOLLOW_SEGMENTS;
    if (keys.length > 0 && !fits) break;
    keys.push(...flushed.keys);
    next = flushed.next;
  }
  // Nothing is left of what was there: a follower does not wait for it.
  return { tag: "segments", from, next: keys.length === 0 ? head.first : next, keys };
}

function linesFrom(from: number, { head, memory }: Shard, maxEvents: number): Following {
  const lines: string[] = [];
  let units = 0;
  for (const { line } of memory.committedFrom(from - head.first, Math.max(1, maxEvents))) {
    if (lines.length > 0 && units + line.length > MAX_FOLLOW_UNITS) break;
    lines.push(line);
    units += line.length;
  }
  return { tag: "events", from, next: from + lines.length, lines };
}

/** @param maxEvents a generation that has left the head is read whole, however many it has. */
export function followFrom(from: number, shard: Shard, maxEvents: number): Exclude<Following, { tag: "busy" }> {
  if (from >= shard.head.next) return { tag: "caught_up", next: shard.head.next };
  const following = from < shard.head.first ? segmentsFrom(from, shard, maxEvents) : linesFrom(from, shard, maxEvents);
  return following as Exclude<Following, { tag: "busy" }>;
}

export function lagOf(follower: Follower, { head, memory, positions }: Shard): Lag {
  const next = positions.of(follower);
  if (next >= head.next) return { next, end: head.next, oldestUnreadMs: null };
  const flushed = positions.flushedFrom(next).map(({ oldestMs }) => oldestMs);
  const unread = memory.committed().slice(Math.max(0, next - head.first));
  return { next, end: head.next, oldestUnreadMs: Math.min(oldestMsOf(unread), ...flushed) };
}

function isOf(tenant: TenantId, line: string): boolean {
  const source = `/tenants/${tenant}/calls`;
  // Most lines are told apart without being parsed; metadata may have the same text.
  return line.includes(source) && (JSON.parse(line) as CloudEvent).source === source;
}

/** @param after the last session of the page before; null: the first page. */
export function unreadOf(tenant: TenantId, after: string | null, limit: number, follower: Follower, shard: Shard): Unread {
  const { head, memory, positions, bySubject } = shard;
  const from = positions.of(follower);
  const read = new Set(memory.committed().slice(0, Math.max(0, from - head.first)));
  const sessions = [...bySubject.all()]
    .filter(
      ([subject, entries]) =>
        (after === null || subject > after) && entries.some((entry) => !read.has(entry) && isOf(tenant, entry.line)),
    )
    .map(([subject]) => subject)
    .sort();
  return {
    sessions: sessions.slice(0, limit),
    more: sessions.length > limit,
    segments: positions.flushedFrom(from).flatMap(({ keys }) => keys),
  };
}
