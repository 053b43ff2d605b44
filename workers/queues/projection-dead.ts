/** Wake-ups that failed too often. They carry nothing that is not in the shard: it is reminded, and wakes again by itself. */
import type { QueueDeps } from "./deps.ts";
import { discard, parseWakeUps } from "./projection.ts";

async function remind(deps: QueueDeps, shard: string): Promise<void> {
  try {
    await deps.nudge(shard);
  } catch {
    deps.log("error", "a shard could not be reminded; its alarm goes on", { shard });
  }
}

export async function consumeDeadWakeUps(batch: MessageBatch<unknown>, deps: QueueDeps): Promise<void> {
  const { byShard, garbage } = parseWakeUps(batch);
  discard(deps, batch.queue, garbage);
  for (const [shard, messages] of byShard) {
    deps.log("error", "wake-ups of a shard failed too often", { queue: batch.queue, shard, messages: messages.length });
    deps.meter.count("trunkline_dead_letters_total", { queue: batch.queue }, messages.length);
    await remind(deps, shard);
    for (const message of messages) message.ack();
  }
}
