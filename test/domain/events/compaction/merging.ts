/** Merging over a bucket in memory and one shard. */
import { createMeter } from "../../../../adapters/telemetry/meter.ts";
import type { PendingManifest } from "../../../../domain/events/shard.ts";
import { housekeeping } from "../../../../workers/compaction/housekeeping.ts";
import { type CompactionDeps, KEEP_ALL, type MergedShard } from "../../../../workers/compaction/ports.ts";

export const SHARD = "eu-0-0";
const BUDGET_MS = 50_000;

/** A shard that is nothing but its list of manifests. */
export function listed(pending: readonly PendingManifest[]): MergedShard {
  let left = pending;
  return {
    pending: async () => left,
    seal: async (hour) => left.filter((manifest) => manifest.hour === hour),
    merged: async (keys) => void (left = left.filter(({ key }) => !keys.includes(key))),
    unreadKeys: async () => [],
    adopt: async () => {},
  };
}

export const depsOf = (bucket: R2Bucket, shard: MergedShard, nowMs: number): CompactionDeps => ({
  bucket,
  clock: { nowMs: () => nowMs },
  log: () => {},
  meter: createMeter({}),
  shardNames: async () => [SHARD],
  shard: () => shard,
  redaction: async () => KEEP_ALL,
  after: [],
  newHolder: () => "somebody",
});

export const run = (bucket: R2Bucket, shard: MergedShard, nowMs: number) =>
  housekeeping(depsOf(bucket, shard, nowMs), BUDGET_MS);
