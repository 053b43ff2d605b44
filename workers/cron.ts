/** What happens every minute: each shard of the event log is asked to look after itself, whatever became of its alarm. */
import type { QueueDeps } from "./queues/deps.ts";

type CronDeps = Pick<QueueDeps, "log" | "nudge" | "shards" | "report">;

export async function watchShards(deps: CronDeps): Promise<void> {
  await Promise.all(
    deps.shards.map(async (shard) => {
      try {
        await deps.nudge(shard);
      } catch {
        deps.log("error", "a shard of the event log does not answer", { shard });
      }
    }),
  );
  await deps.report();
}
