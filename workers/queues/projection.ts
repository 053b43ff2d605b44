/** Wake-ups: each says that a shard of the event log has news, and is answered by following it. */
import { DatabaseUnavailable } from "../../adapters/postgres/unavailable.ts";
import { wakeUpSchema } from "../../contracts/queues.ts";
import { retryDelayS } from "../../domain/events/retry-delay.ts";
import type { QueueDeps } from "./deps.ts";

/** How long one message may keep its shard's followers busy; the platform gives a batch 15 minutes. */
const FOLLOW_BUDGET_MS = 60_000;

export type Parsed = {
  readonly byShard: ReadonlyMap<string, readonly Message<unknown>[]>;
  readonly garbage: readonly Message<unknown>[];
};

/** Which shards a batch is about. */
export function parseWakeUps(batch: MessageBatch<unknown>): Parsed {
  const byShard = new Map<string, Message<unknown>[]>();
  const garbage: Message<unknown>[] = [];
  for (const message of batch.messages) {
    const parsed = wakeUpSchema.safeParse(message.body);
    if (!parsed.success) garbage.push(message);
    else byShard.set(parsed.data.shard, [...(byShard.get(parsed.data.shard) ?? []), message]);
  }
  return { byShard, garbage };
}

/** What nobody understands is not asked again. */
export function discard(
  { log, meter }: Pick<QueueDeps, "log" | "meter">,
  queue: string,
  garbage: readonly Message<unknown>[],
): void {
  for (const message of garbage) {
    log("error", "a message that cannot be understood was dropped", { queue, id: message.id });
    meter.count("trunkline_bad_messages_total", { queue });
    message.ack();
  }
}

/** Each follower by itself: one that is broken does not hold up the other. @throws what one of them throws, when both are done. */
async function followAll(deps: QueueDeps, shard: string): Promise<void> {
  const outcomes = await Promise.allSettled([
    deps.follow(shard, FOLLOW_BUDGET_MS),
    deps.followWebhooks(shard, FOLLOW_BUDGET_MS),
  ]);
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

async function answer(deps: QueueDeps, shard: string, messages: readonly Message<unknown>[]): Promise<void> {
  try {
    // Busy is answered too: whoever follows now asks for what is new before it goes.
    await followAll(deps, shard);
    for (const message of messages) message.ack();
  } catch (error) {
    const isExpected = error instanceof DatabaseUnavailable;
    deps.log(isExpected ? "warn" : "error", "a shard could not be followed; it is tried again", {
      shard,
      cause: error instanceof Error ? error.name : "unknown",
    });
    // They all say the same: the youngest comes again, and lasts longest.
    const [kept, ...rest] = [...messages].sort((a, b) => a.attempts - b.attempts);
    kept?.retry({ delaySeconds: retryDelayS(kept.attempts, deps.randomness.fraction()) });
    for (const message of rest) message.ack();
  }
}

export async function consumeWakeUps(batch: MessageBatch<unknown>, deps: QueueDeps): Promise<void> {
  const { byShard, garbage } = parseWakeUps(batch);
  discard(deps, batch.queue, garbage);
  await Promise.all([...byShard].map(([shard, messages]) => answer(deps, shard, messages)));
}
