/** Follows one shard of the event log by offset, batch by batch, until all that was there is read or time is up. What is done with it is the reader's business. */
import type { Clock } from "../../adapters/platform/clock.ts";
import type { Unreadable } from "../../adapters/r2/segment-lines.ts";
import type { Follower, Following, Lag } from "../../domain/events/follow.ts";
import type { Result } from "../../domain/shared/result.ts";

/** Events of one piece, and of one answer of a shard. */
export const MAX_FOLLOW_EVENTS = 2_000;

/** `caught_up`: with what was there when it began; `busy`: somebody else follows this shard now; `unfinished`: time was up, another wake-up is on its way. */
export type Followed = "caught_up" | "busy" | "unfinished";

/** A shard of the event log as its followers see it. Every method throws when the shard cannot be reached in time. */
export type FollowedShard = {
  readonly follow: (follower: Follower, leaseId: string, maxEvents: number) => Promise<Following>;
  readonly advance: (follower: Follower, leaseId: string, next: number) => Promise<Lag>;
  readonly leave: (follower: Follower, leaseId: string) => Promise<void>;
  readonly nudge: () => Promise<void>;
};

export type FollowDeps = {
  readonly clock: Clock;
  readonly newLeaseId: () => string;
  readonly shard: (name: string) => FollowedShard;
  /** Throws when it cannot be told what the segment holds. */
  readonly readSegment: (key: string) => Promise<Result<readonly string[], Unreadable>>;
  /** Sends a wake-up. Throws when the queue refuses. */
  readonly wake: (shard: string) => Promise<void>;
};

export type Readable = Extract<Following, { tag: "events" | "segments" }>;

export type Reader = {
  readonly follower: Follower;
  /** Does with a batch what has to be done before the shard hears that it is read. @returns what is done when it has heard. */
  readonly take: (shard: string, batch: Readable) => Promise<() => Promise<void>>;
  /** A batch could not be taken, or the shard not be reached. */
  readonly failed: () => void;
};

/**
 * Everything that the batch stands for, in pieces that can be held at once.
 * @param unreadable a segment will not be there tomorrow either, and is passed over.
 */
export async function* piecesOf(
  { readSegment }: Pick<FollowDeps, "readSegment">,
  batch: Readable,
  unreadable: (key: string, reason: Unreadable) => void,
): AsyncGenerator<readonly string[]> {
  if (batch.tag === "events") {
    yield batch.lines;
    return;
  }
  let piece: string[] = [];
  for (const key of batch.keys) {
    const read = await readSegment(key);
    if (!read.ok) {
      unreadable(key, read.error);
      continue;
    }
    for (const line of read.value) {
      piece.push(line);
      if (piece.length < MAX_FOLLOW_EVENTS) continue;
      yield piece;
      piece = [];
    }
  }
  if (piece.length > 0) yield piece;
}

async function followLeased(
  deps: FollowDeps,
  reader: Reader,
  shard: string,
  leaseId: string,
  untilMs: number,
): Promise<Followed> {
  let end: number | null = null;
  for (;;) {
    const following = await deps.shard(shard).follow(reader.follower, leaseId, MAX_FOLLOW_EVENTS);
    if (following.tag === "caught_up" || following.tag === "busy") return following.tag;
    const afterwards = await reader.take(shard, following);
    const lag = await deps.shard(shard).advance(reader.follower, leaseId, following.next);
    await afterwards();
    // A busy shard has always something new: it comes with the wake-up of its own flush, and not in batches of a few events.
    end ??= lag.end;
    if (following.next >= end) return "caught_up";
    if (deps.clock.nowMs() >= untilMs) return "unfinished";
  }
}

/**
 * @param budgetMs no batch begins later than this after the first.
 * @throws whatever the reader, a shard or a bucket throws. What was read until then stays read, and whoever comes next begins behind it.
 */
export async function followAs(deps: FollowDeps, reader: Reader, shard: string, budgetMs: number): Promise<Followed> {
  const leaseId = deps.newLeaseId();
  const leave = () => deps.shard(shard).leave(reader.follower, leaseId);
  try {
    const followed = await followLeased(deps, reader, shard, leaseId, deps.clock.nowMs() + budgetMs);
    if (followed !== "busy") await leave();
    if (followed === "unfinished") await deps.wake(shard);
    return followed;
  } catch (error) {
    reader.failed();
    // Without, nobody could follow until the lease ends.
    await leave().catch(() => {});
    throw error;
  }
}
