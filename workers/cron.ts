/**
 * What happens every minute: each shard of the event log is asked to look after itself, whatever became of its alarm; then the event store is
 * merged, emptied and kept as far as that is due. Beside it the emergency lane tries itself.
 */
import type { CompactionDeps } from "./compaction/ports.ts";
import { housekeeping } from "./compaction/housekeeping.ts";
import type { QueueDeps } from "./queues/deps.ts";

/** The next minute goes on with what is left; the platform gives a cron 15 minutes. */
const HOUSEKEEPING_BUDGET_MS = 50_000;

type CronDeps = Pick<QueueDeps, "log" | "nudge" | "shards" | "report"> & {
  readonly compaction: CompactionDeps;
  /** Makes the synthetic emergency call; null on the standard lane. Never rejects. */
  readonly tryEmergency: (() => Promise<unknown>) | null;
};

export async function watchShards({ shards, nudge, log }: Pick<CronDeps, "log" | "nudge" | "shards">): Promise<void> {
  await Promise.all(
    shards.map(async (shard) => {
      try {
        await nudge(shard);
      } catch {
        log("error", "a shard of the event log does not answer", { shard });
      }
    }),
  );
}

export async function everyMinute(deps: CronDeps): Promise<void> {
  // Waits for nothing: a store that cannot be looked after is no reason to know less about emergencies.
  await Promise.all([deps.tryEmergency?.(), lookAfter(deps)]);
  await deps.report();
}

async function lookAfter(deps: CronDeps): Promise<void> {
  await watchShards(deps);
  try {
    await housekeeping(deps.compaction, HOUSEKEEPING_BUDGET_MS);
  } catch (error) {
    deps.log("error", "the event store cannot be looked after", { cause: error instanceof Error ? error.name : "unknown" });
  }
}
