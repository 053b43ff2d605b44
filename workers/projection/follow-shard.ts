/** Follows one shard of the event log into Postgres. */
import type { Projected } from "../../domain/sessions/feed.ts";
import { type Followed, type Readable, followAs, piecesOf } from "../following/follow-shard.ts";
import type { ProjectorDeps } from "./ports.ts";
import { projectLines } from "./project-lines.ts";

async function project(deps: ProjectorDeps, shard: string, batch: Readable): Promise<readonly Projected[]> {
  // Both lanes' shards have the same names, and one database.
  const position = { shard: `${deps.lane}/${shard}`, from: batch.from, next: batch.next };
  const unreadable = (key: string, reason: string): void => {
    // What is not projected is named by the comparison of the stores.
    deps.log("error", "a segment cannot be projected", { shard, key, reason });
    deps.meter.count("trunkline_projection_batches_total", { outcome: reason });
  };
  const projected: Projected[] = [];
  let last: readonly string[] = [];
  for await (const piece of piecesOf(deps, batch, unreadable)) {
    // Only with the last of them everything before `next` is in the tables.
    if (last.length > 0) projected.push(...(await projectLines(deps, shard, last, null)));
    last = piece;
  }
  return [...projected, ...(await projectLines(deps, shard, last, position))];
}

/**
 * @param budgetMs no batch begins later than this after the first.
 * @throws DatabaseUnavailable, or whatever a shard or a bucket that cannot be reached throws. What was projected until then stays, and
 * whoever comes next begins behind it.
 */
export function followShard(deps: ProjectorDeps, shard: string, budgetMs: number): Promise<Followed> {
  const count = (outcome: string) => deps.meter.count("trunkline_projection_batches_total", { outcome });
  return followAs(
    deps,
    {
      follower: "projection",
      take: async (name, batch) => {
        const projected = await project(deps, name, batch);
        return async () => {
          // Not before: a feed that begins anew asks the shard what is not projected, and would never hear of these again.
          if (projected.length > 0) await deps.feed.projected(projected);
          count("projected");
        };
      },
      failed: () => count("failed"),
    },
    shard,
    budgetMs,
  );
}
