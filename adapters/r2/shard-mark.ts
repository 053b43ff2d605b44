/** By which a shard is known: without any manifest its head may still have events, also under a layout of before. */
import { shardMarkKey } from "../../domain/events/keys.ts";
import { inTime } from "../platform/deadline.ts";

const MARK_DEADLINE_MS = 10_000;

/** Writes the mark where it is missing. @throws DeadlineMissed, or what the bucket throws. */
export async function markShard(bucket: R2Bucket, shard: string): Promise<void> {
  const key = shardMarkKey(shard);
  if ((await inTime(bucket.head(key), MARK_DEADLINE_MS)) !== null) return;
  const put = bucket.put(key, JSON.stringify({ format: 1, shard }), { httpMetadata: { contentType: "application/json" } });
  await inTime(put, MARK_DEADLINE_MS);
}
