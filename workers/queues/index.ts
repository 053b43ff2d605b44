/** Which consumer takes which queue. Their names differ by lane and region, not in how they end. */
import type { QueueDeps } from "./deps.ts";
import { consumeDeadWakeUps } from "./projection-dead.ts";
import { consumeWakeUps } from "./projection.ts";

type Consumer = (batch: MessageBatch<unknown>, deps: QueueDeps) => Promise<void>;

const CONSUMERS: readonly (readonly [suffix: string, consume: Consumer])[] = [
  ["-projection", consumeWakeUps],
  ["-projection-dead", consumeDeadWakeUps],
];

/** @throws for a queue that nobody consumes: it is bound by mistake, and its messages stay. */
export async function consume(batch: MessageBatch<unknown>, deps: QueueDeps): Promise<void> {
  const consumer = CONSUMERS.find(([suffix]) => batch.queue.endsWith(suffix));
  if (consumer === undefined) throw new Error(`no consumer for the queue ${batch.queue}`);
  await consumer[1](batch, deps);
  await deps.report();
}
