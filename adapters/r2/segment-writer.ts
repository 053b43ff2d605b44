/** Writes planned segments and their manifests to R2. */
import { buildBloom } from "../../domain/events/bloom.ts";
import {
  type Block,
  type LogEntry,
  type Manifest,
  type PlannedSegment,
  type SegmentInfo,
  manifestKey,
  withSegment,
} from "../../domain/events/segment.ts";
import { concatenate } from "../platform/bytes.ts";
import { inTime } from "../platform/deadline.ts";
import { gzip } from "./gzip.ts";

/** R2 answers in tens of milliseconds; what takes this long has failed. */
const R2_DEADLINE_MS = 10_000;

function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

async function encodeBlock(entries: readonly LogEntry[], offset: number): Promise<{ bytes: Uint8Array; block: Block }> {
  const bytes = await gzip(entries.map(({ line }) => `${line}\n`).join(""));
  const first = entries[0]!;
  const last = entries[entries.length - 1]!;
  return { bytes, block: { offset, length: bytes.length, count: entries.length, minId: first.id, maxId: last.id } };
}

/**
 * Puts one segment. Segments are immutable: where the object stands already, an earlier attempt at the same frozen head wrote the
 * same bytes, and nothing is written.
 */
export async function putSegment(bucket: R2Bucket, planned: PlannedSegment): Promise<SegmentInfo> {
  const parts: Uint8Array[] = [];
  const blocks: Block[] = [];
  let length = 0;
  for (const entries of planned.blocks) {
    const { bytes, block } = await encodeBlock(entries, length);
    parts.push(bytes);
    blocks.push(block);
    length += bytes.length;
  }
  const entries = planned.blocks.flat();
  const put = bucket.put(planned.key, concatenate(parts, length), {
    onlyIf: { etagDoesNotMatch: "*" },
    httpMetadata: { contentType: "application/x-ndjson", contentEncoding: "gzip" },
  });
  await inTime(put, R2_DEADLINE_MS);
  return {
    key: planned.key,
    bytes: length,
    count: entries.length,
    minId: blocks[0]!.minId,
    maxId: blocks[blocks.length - 1]!.maxId,
    blocks,
    subjects: toBase64(buildBloom(entries.map(({ subject }) => subject))),
  };
}

/**
 * Adds segments to one part of an hour's manifest. Conditional on the part being what was read: a write that was given up as late
 * and lands after all must not undo a newer one.
 * @returns how many segments the part names now. Throws when R2 fails or the part has changed; adding again is safe.
 */
export async function addToManifest(
  bucket: R2Bucket,
  place: { readonly shard: string; readonly hour: string; readonly part: number },
  segments: readonly SegmentInfo[],
): Promise<number> {
  const key = manifestKey(place.shard, place.hour, place.part);
  const stored = await inTime(bucket.get(key), R2_DEADLINE_MS);
  const empty: Manifest = { format: 1, shard: place.shard, hour: place.hour, segments: [] };
  const current = stored === null ? empty : await inTime(stored.json<Manifest>(), R2_DEADLINE_MS);
  const manifest = segments.reduce(withSegment, current);
  const put = bucket.put(key, JSON.stringify(manifest), {
    onlyIf: stored === null ? { etagDoesNotMatch: "*" } : { etagMatches: stored.etag },
    httpMetadata: { contentType: "application/json" },
  });
  if ((await inTime(put, R2_DEADLINE_MS)) === null) throw new Error("the manifest has changed since it was read");
  return manifest.segments.length;
}
