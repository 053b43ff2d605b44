/** Follows one shard of the event log into Postgres, batch by batch, until all that was there is projected or time is up. */
import type { Following } from "../../domain/events/follow.ts";
import type { Projected } from "../../domain/sessions/feed.ts";
import type { ProjectorDeps } from "./ports.ts";
import { projectLines } from "./project-lines.ts";

/** Events of one transaction, and of one answer of a shard. */
const MAX_FOLLOW_EVENTS = 2_000;

const FOLLOWER = "projection";

/** `caught_up`: with what was there when it began; `busy`: somebody else follows this shard now; `unfinished`: time was up, another wake-up is on its way. */
export type Followed = "caught_up" | "busy" | "unfinished";

type Readable = Extract<Following, { tag: "events" | "segments" }>;

/** Everything that the segments hold, in pieces that a transaction can take. */
async function* piecesOf(deps: ProjectorDeps, shard: string, keys: readonly string[]): AsyncGenerator<readonly string[]> {
  let piece: string[] = [];
  for (const key of keys) {
    const read = await deps.readSegment(key);
    if (!read.ok) {
      // It will not be there tomorrow either. What is not projected is named by the comparison of the stores.
      deps.log("error", "a segment cannot be projected", { shard, key, reason: read.error });
      deps.meter.count("trunkline_projection_batches_total", { outcome: read.error });
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

async function project(deps: ProjectorDeps, shard: string, following: Readable): Promise<readonly Projected[]> {
  // Both lanes' shards have the same names, and one database.
  const position = { shard: `${deps.lane}/${shard}`, from: following.from, next: following.next };
  if (following.tag === "events") return projectLines(deps, shard, following.lines, position);
  const projected: Projected[] = [];
  let last: readonly string[] = [];
  for await (const piece of piecesOf(deps, shard, following.keys)) {
    // Only with the last of them everything before `next` is in the tables.
    if (last.length > 0) projected.push(...(await projectLines(deps, shard, last, null)));
    last = piece;
  }
  return [...projected, ...(await projectLines(deps, shard, last, position))];
}

async function followLeased(deps: ProjectorDeps, shard: string, leaseId: string, untilMs: number): Promise<Followed> {
  let end: number | null = null;
  for (;;) {
    const following = await deps.shard(shard).follow(FOLLOWER, leaseId, MAX_FOLLOW_EVENTS);
    if (following.tag === "caught_up" || following.tag === "busy") return following.tag;
    const projected = await project(deps, shard, following);
    const lag = await deps.shard(shard).advance(FOLLOWER, leaseId, following.next);
    // Not before: a feed that begins anew asks the shard what is not projected, and would never hear of these again.
    if (projected.length > 0) await deps.feed.projected(projected);
    deps.meter.count("trunkline_projection_batches_total", { outcome: "projected" });
    // A busy shard has always something new: it comes with the wake-up of its own flush, and not in transactions of a few events.
    end ??= lag.end;
    if (following.next >= end) return "caught_up";
    if (deps.clock.nowMs() >= untilMs) return "unfinished";
  }
}

/**
 * @param budgetMs no batch begins later than this after the first.
 * @throws DatabaseUnavailable, or whatever a shard or a bucket that cannot be reached throws. What was projected until then stays, and
 * whoever comes next begins behind it.
 */
export async function followShard(deps: ProjectorDeps, shard: string, budgetMs: number): Promise<Followed> {
  const leaseId = deps.newLeaseId();
  const leave = () => deps.shard(shard).leave(FOLLOWER, leaseId);
  try {
    const followed = await followLeased(deps, shard, leaseId, deps.clock.nowMs() + budgetMs);
    if (followed !== "busy") await leave();
    if (followed === "unfinished") await deps.wake(shard);
    return followed;
  } catch (error) {
    deps.meter.count("trunkline_projection_batches_total", { outcome: "failed" });
    // Without, nobody could follow until the lease ends.
    await leave().catch(() => {});
    throw error;
  }
}
