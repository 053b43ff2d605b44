/** Which log shard takes a call's events. */
import { INTAKE_EPOCH, type LogShard, type SessionId } from "../shared/ids.ts";

export type ShardLayout = { readonly epoch: number; readonly shards: number };

/**
 * Spreads sessions evenly over the shards of an epoch. The answer is kept with the session, so a change of the layout moves no
 * call that is under way. Uses the last 32 bits of the id, which are random or a digest in every version that is made here.
 */
export function shardOfSession(id: SessionId, layout: ShardLayout): LogShard {
  return { epoch: layout.epoch, number: Number.parseInt(id.slice(-8), 16) % layout.shards };
}

/** The shard's name: object name in Durable Objects, part of keys in R2. */
export function shardName(region: string, shard: LogShard): string {
  return `${region}-${shard.epoch}-${shard.number}`;
}

/** Whether the shard of this name takes events that come in by the API. */
export function isIntakeShard(name: string): boolean {
  return name.split("-").at(-2) === String(INTAKE_EPOCH);
}
