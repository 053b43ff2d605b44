/** Finds the events of one call in R2: manifests of the hours concerned, then only the blocks that may hold them. */
import { bloomHas } from "../../domain/events/bloom.ts";
import type { CloudEvent } from "../../domain/events/event.ts";
import { type Block, type Manifest, type SegmentInfo, blocksInRange, manifestKey } from "../../domain/events/segment.ts";
import { gunzip } from "./gzip.ts";

/** A bound on what one request may open; a busy shard writes one part per five minutes or so. */
const MAX_MANIFEST_PARTS_PER_HOUR = 256;

/** Ids between which the call's events lie, both included, and the hours of those ids. */
export type CallRange = {
  readonly shard: string;
  readonly subject: string;
  readonly hours: readonly string[];
  readonly minId: string;
  readonly maxId: string;
};

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** The manifests of one shard and hour, in order. */
export async function manifestsOf(bucket: R2Bucket, shard: string, hour: string): Promise<Manifest[]> {
  const manifests: Manifest[] = [];
  for (let part = 0; part < MAX_MANIFEST_PARTS_PER_HOUR; part++) {
    const stored = await bucket.get(manifestKey(shard, hour, part));
    if (stored === null) break;
    manifests.push(await stored.json<Manifest>());
  }
  return manifests;
}

async function readBlocks(
  bucket: R2Bucket,
  segment: SegmentInfo,
  blocks: readonly Block[],
  subject: string,
): Promise<CloudEvent[]> {
  const first = blocks[0];
  const last = blocks[blocks.length - 1];
  if (first === undefined || last === undefined) return [];
  const stored = await bucket.get(segment.key, {
    range: { offset: first.offset, length: last.offset + last.length - first.offset },
  });
  if (stored === null) throw new Error("a segment that its manifest names is missing");
  const span = new Uint8Array(await stored.arrayBuffer());
  const events: CloudEvent[] = [];
  for (const block of blocks) {
    const start = block.offset - first.offset;
    const text = await gunzip(span.subarray(start, start + block.length));
    for (const line of text.split("\n")) {
      if (!line.includes(subject)) continue;
      const event = JSON.parse(line) as CloudEvent;
      if (event.subject === subject) events.push(event);
    }
  }
  return events;
}

/** The flushed events of one call, in no particular order. Throws when R2 fails or an object is damaged. */
export async function readCallFromSegments(bucket: R2Bucket, range: CallRange): Promise<CloudEvent[]> {
  const events: CloudEvent[] = [];
  for (const hour of range.hours) {
    for (const manifest of await manifestsOf(bucket, range.shard, hour)) {
      const candidates = manifest.segments.filter(
        (segment) =>
          segment.minId <= range.maxId && segment.maxId >= range.minId && bloomHas(fromBase64(segment.subjects), range.subject),
      );
      for (const segment of candidates) {
        events.push(...(await readBlocks(bucket, segment, blocksInRange(segment, range.minId, range.maxId), range.subject)));
      }
    }
  }
  return events;
}
