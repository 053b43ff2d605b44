/** What a feed that has lost its memory asks: the event log what is unprojected, and the sessions how they are. */
import { readSegmentLines } from "../../adapters/r2/segment-lines.ts";
import type { CloudEvent } from "../../domain/events/event.ts";
import type { Lag, Unread } from "../../domain/events/follow.ts";
import { feedShardOf } from "../../domain/sessions/feed.ts";
import type { SessionSummary } from "../../domain/sessions/summary.ts";
import { type SessionId, type TenantId, parseSessionId } from "../../domain/shared/ids.ts";
import type { CallSession } from "../call-session/call-session.ts";
import type { EventLog } from "../event-log/event-log.ts";
import type { FeedShard } from "./names.ts";

/** Sessions that one answer of a log shard names. */
const SESSIONS_PER_ANSWER = 1_000;
/** Sessions asked at the same time. */
const SESSIONS_AT_ONCE = 32;
/** Segments at the same time: each is unpacked as a whole. */
const SEGMENTS_AT_ONCE = 2;
/** Segments that are read back at most, some half a million events: with the projection further behind, a feed stays incomplete. */
const MAX_SEGMENTS = 256;

export type RebuildSources = {
  readonly logs: DurableObjectNamespace<EventLog>;
  readonly sessions: DurableObjectNamespace<CallSession>;
  readonly events: R2Bucket;
  /** The log shards of the lane. */
  readonly logNames: readonly string[];
  readonly feedShards: number;
  readonly nowMs: () => number;
};

/** @param sinceMs nothing of the session that is not projected was acknowledged before. */
export type Restore = (summary: SessionSummary, sinceMs: number) => void;

/** Does something for each, some at a time. Rejects when one does, and begins no more then. */
async function forEach<T>(items: Iterable<T>, atOnce: number, act: (item: T) => Promise<void>): Promise<void> {
  const rest = items[Symbol.iterator]();
  const worker = async () => {
    for (let next = rest.next(); next.done !== true; next = rest.next()) await act(next.value);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** What one log shard has of the feed's shard: in its head, and where the rest is. */
async function unreadOf(log: DurableObjectStub<EventLog>, tenant: TenantId): Promise<Unread> {
  const sessions: string[] = [];
  const segments = new Set<string>();
  let more = true;
  while (more) {
    const answer: Unread = await log.unprojected(tenant, sessions.at(-1) ?? null, SESSIONS_PER_ANSWER);
    sessions.push(...answer.sessions);
    for (const key of answer.segments) segments.add(key);
    more = answer.more;
  }
  return { sessions, more, segments: [...segments] };
}

/** The sessions of a tenant that a segment has events of. Of one that is gone or damaged, the projection has nothing to come either. */
async function subjectsIn(bucket: R2Bucket, key: string, tenant: TenantId): Promise<string[]> {
  const lines = await readSegmentLines(bucket, key);
  const source = `/tenants/${tenant}/calls`;
  return (lines.ok ? lines.value : [])
    .filter((line) => line.includes(source))
    .map((line) => JSON.parse(line) as CloudEvent)
    .filter((event) => event.source === source)
    .map(({ subject }) => subject);
}

/**
 * Gives every session of the feed's shard that the projection has not caught up with, as it is now.
 * @throws when anything of it cannot be had; what was given until then is right all the same.
 */
export async function rebuild(sources: RebuildSources, shard: FeedShard, restore: Restore): Promise<void> {
  const { logs, sessions, events, logNames, feedShards, nowMs } = sources;
  const sinceMs = new Map<SessionId, number>();
  const found = (subject: string, ms: number) => {
    const id = parseSessionId(subject);
    if (id.ok && feedShardOf(id.value, feedShards) === shard.number)
      sinceMs.set(id.value, Math.min(ms, sinceMs.get(id.value) ?? ms));
  };
  await Promise.all(
    logNames.map(async (name) => {
      const startedMs = nowMs();
      const log = logs.getByName(name);
      const lag: Lag = await log.lag("projection");
      const oldestMs = lag.oldestUnreadMs ?? startedMs;
      const unread = await unreadOf(log, shard.tenant);
      for (const subject of unread.sessions) found(subject, oldestMs);
      if (unread.segments.length > MAX_SEGMENTS) throw new Error("the projection is too far behind");
      await forEach(unread.segments, SEGMENTS_AT_ONCE, async (key) => {
        for (const subject of await subjectsIn(events, key, shard.tenant)) found(subject, oldestMs);
      });
    }),
  );
  await forEach(sinceMs, SESSIONS_AT_ONCE, async ([id, ms]) => {
    const summary = (await sessions.getByName(id).summary()) as SessionSummary | null;
    if (summary?.tenant === shard.tenant) restore(summary, ms);
  });
}
