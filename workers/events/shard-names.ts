/** The shards of this lane's event log. */
import { listShards } from "../../adapters/r2/segment-index.ts";
import type { Environment } from "../../contracts/environment.ts";
import { shardName } from "../../domain/events/shards.ts";
import { INTAKE_EPOCH } from "../../domain/shared/ids.ts";

/** How long the list of those that ever wrote may be old. Shards of today's layout are known without it. */
const LISTED_FOR_MS = 60_000;

type Listed = { readonly names: readonly string[]; readonly atMs: number };

/** By bucket: plain names, which any request of the isolate may use. */
const listed = new WeakMap<R2Bucket, Listed>();

/** The shards that take events now: those of sessions and, on the standard lane, those of the API. */
export function currentShards({ LANE, REGION, LOG_EPOCH, LOG_SHARDS, INTAKE_SHARDS }: Environment): string[] {
  const named = (epoch: number, count: number) =>
    Array.from({ length: count }, (_, number) => shardName(REGION, { epoch, number }));
  return [...named(LOG_EPOCH, LOG_SHARDS), ...(LANE === "standard" ? named(INTAKE_EPOCH, INTAKE_SHARDS) : [])];
}

async function everWritten(bucket: R2Bucket, nowMs: number): Promise<readonly string[]> {
  const known = listed.get(bucket);
  if (known !== undefined && nowMs - known.atMs < LISTED_FOR_MS) return known.names;
  const names = await listShards(bucket);
  listed.set(bucket, { names, atMs: nowMs });
  return names;
}

/** Those that take events now, and those of other layouts that ever wrote a segment. @throws DeadlineMissed, or what the bucket throws. */
export async function shardNames(env: Env, environment: Environment, nowMs: number): Promise<string[]> {
  return [...new Set([...currentShards(environment), ...(await everWritten(env.EVENTS, nowMs))])].sort();
}
