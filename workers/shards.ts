/** The shards of this lane's event log, as an operator reaches them. */
import { inTime } from "../adapters/platform/deadline.ts";
import type { Environment } from "../contracts/environment.ts";
import type { ShardLag } from "../contracts/operator.ts";
import type { Lag } from "../domain/events/follow.ts";
import { isIntakeShard } from "../domain/events/shards.ts";
import { inJurisdiction } from "../durable-objects/namespaces.ts";
import { shardNames } from "./events/shard-names.ts";

const LAG_DEADLINE_MS = 10_000;
/** A head of 24 MiB goes to R2 in some seconds. */
const FLUSH_DEADLINE_MS = 60_000;

const shardOf = (env: Env, { JURISDICTION }: Environment, name: string) =>
  inJurisdiction(env.EVENT_LOG, JURISDICTION).getByName(name);

/** How far the projection is in each shard that it follows. @throws when one of them does not answer in time. */
export async function lagOfShards(env: Env, environment: Environment, nowMs: number): Promise<ShardLag[]> {
  const names = (await shardNames(env, environment, nowMs)).filter((name) => !isIntakeShard(name));
  return Promise.all(
    names.map(async (shard) => {
      const lag = (await inTime(shardOf(env, environment, shard).lag("projection"), LAG_DEADLINE_MS)) as Lag;
      return { shard, ...lag };
    }),
  );
}

/** Moves everything that the log has acknowledged to R2. @throws when R2 or a shard fails, or does not answer in time. */
export async function flushShards(env: Env, environment: Environment, nowMs: number): Promise<void> {
  const names = await shardNames(env, environment, nowMs);
  await Promise.all(names.map((name) => inTime(shardOf(env, environment, name).flush(), FLUSH_DEADLINE_MS)));
}
