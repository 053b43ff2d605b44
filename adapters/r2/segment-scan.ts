/**
 * Reads a period of the event store from one end to the other: every segment of every shard, hour by hour. Segments are fetched ahead
 * of the reader, a few at a time; what is held at once is bounded by that.
 */
import { type Manifest, type SegmentInfo, hourOf, HOUR_MS } from "../../domain/events/segment.ts";
import { gunzip } from "./gzip.ts";
import { within } from "../platform/deadline.ts";
import { manifestsOf } from "./segment-reader.ts";

const SHARDS_PREFIX = "metadata/indexes/shards/";
const SEGMENTS_AHEAD = 3;
/** One read from R2; what takes longer counts as unreadable. */
const SCAN_DEADLINE_MS = 10_000;

export type ScanPart =
  /** Lines of one segment, and how many events it holds. */
  | { readonly tag: "lines"; readonly key: string; readonly lines: readonly string[]; readonly events: number }
  | { readonly tag: "unreadable"; readonly key: string };

export type Scan = { readonly segments: number; readonly parts: AsyncIterable<ScanPart> };

async function shardsOf(bucket: R2Bucket): Promise<string[]> {
  const shards: string[] = [];
  let cursor: string | undefined;
  do {
    const page: R2Objects = await bucket.list({
      prefix: SHARDS_PREFIX,
      delimiter: "/",
      ...(cursor === undefined ? {} : { cursor }),
    });
    shards.push(...page.delimitedPrefixes.map((prefix) => prefix.slice(SHARDS_PREFIX.length, -1)));
    cursor = page.truncated ? page.cursor : undefined;
  } while (cursor !== undefined);
  return shards;
}

/** Segments whose ids may lie in the period, oldest hour first. */
async function segmentsOf(bucket: R2Bucket, fromMs: number, untilMs: number): Promise<SegmentInfo[]> {
  const shards = await shardsOf(bucket);
  const segments: SegmentInfo[] = [];
  for (let hourMs = Math.floor(fromMs / HOUR_MS) * HOUR_MS; hourMs < untilMs; hourMs += HOUR_MS) {
    const manifests: Manifest[][] = await Promise.all(shards.map((shard) => manifestsOf(bucket, shard, hourOf(hourMs))));
    segments.push(...manifests.flat().flatMap((manifest) => manifest.segments));
  }
  return segments;
}

async function read(bucket: R2Bucket, segment: SegmentInfo, wanted: (line: string) => boolean): Promise<ScanPart> {
  try {
    const stored = await within(bucket.get(segment.key), SCAN_DEADLINE_MS);
    if (!stored.done || stored.value === null) return { tag: "unreadable", key: segment.key };
    const body = await within(stored.value.arrayBuffer(), SCAN_DEADLINE_MS);
    if (!body.done) return { tag: "unreadable", key: segment.key };
    const bytes = new Uint8Array(body.value);
    const lines: string[] = [];
    for (const { offset, length } of segment.blocks) {
      const text = await gunzip(bytes.subarray(offset, offset + length));
      for (const line of text.split("\n")) if (wanted(line)) lines.push(line);
    }
    return { tag: "lines", key: segment.key, lines, events: segment.count };
  } catch {
    return { tag: "unreadable", key: segment.key };
  }
}

async function* parts(
  bucket: R2Bucket,
  segments: readonly SegmentInfo[],
  wanted: (line: string) => boolean,
): AsyncGenerator<ScanPart> {
  const ahead: Promise<ScanPart>[] = [];
  let next = 0;
  const fetchAhead = () => {
    while (ahead.length < SEGMENTS_AHEAD && next < segments.length) ahead.push(read(bucket, segments[next++]!, wanted));
  };
  fetchAhead();
  for (let part = ahead.shift(); part !== undefined; part = ahead.shift()) {
    fetchAhead();
    yield await part;
  }
}

/**
 * Scans the hours that a period touches.
 * @param wanted which lines are kept; told from the text, so that the others are never parsed.
 * @throws when the manifests cannot be read: then nothing is known of the period.
 */
export async function scanSegments(
  bucket: R2Bucket,
  fromMs: number,
  untilMs: number,
  wanted: (line: string) => boolean,
): Promise<Scan> {
  const segments = await segmentsOf(bucket, fromMs, untilMs);
  return { segments: segments.length, parts: parts(bucket, segments, wanted) };
}
