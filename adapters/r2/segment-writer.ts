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
import { gzip } from "./gzip.ts";

function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

async function encodeBlock(entries: readonly LogEntry[], offset: number): Promise<{ bytes: Uint8Array; block: Block }> {
  const bytes = await gzip(entries.map(({ line }) => `${line}\n`).join(""));
  const first = entries[0]!;
  const last = entries[entries.length - 1]!;
  return { bytes, block: { offset, length: bytes.length, count: entries.length, minId: first.id, maxId: last.id } };
}

function concatenate(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
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
  await bucket.put(planned.key, concatenate(parts, length), {
    onlyIf: { etagDoesNotMatch: "*" },
    httpMetadata: { contentType: "application/x-ndjson", contentEncoding: "gzip" },
  });
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

/** Reads one part of an hour's manifest, adds the segments, writes it back. Only the shard that owns the manifest may call this. */
export async function addToManifest(
  bucket: R2Bucket,
  place: { readonly shard: string; readonly hour: string; readonly part: number },
  segments: readonly SegmentInfo[],
): Promise<number> {
  const key = manifestKey(place.shard, place.hour, place.part);
  const stored = await bucket.get(key);
  const empty: Manifest = { format: 1, shard: place.shard, hour: place.hour, segments: [] };
  const current = stored === null ? empty : await stored.json<Manifest>();
  const manifest = segments.reduce(withSegment, current);
  await bucket.put(key, JSON.stringify(manifest), { httpMetadata: { contentType: "application/json" } });
  return manifest.segments.length;
}
