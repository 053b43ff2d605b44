/**
 * How events lie in R2: names, boundaries and the manifest. Pure, and deterministic in what it is given, so that a flush that is
 * repeated after a crash writes the same objects again.
 *
 * A segment is gzip JSON lines in blocks that can be read one by one: every block is a gzip member of its own, and members
 * concatenate to a valid gzip file (RFC 1952 §2.2), so `zcat` reads the whole. Lines are sorted by event id, so a block covers a
 * narrow range of ids.
 */
import { type EventId, timeOfId } from "../shared/ids.ts";

export const EVENTS_PER_BLOCK = 64;
export const MAX_EVENTS_PER_SEGMENT = 4_096;
/** A manifest is rewritten with every segment; a new part starts before that gets expensive. */
export const SEGMENTS_PER_MANIFEST_PART = 64;

export const HOUR_MS = 3_600_000;
const OFFSET_DIGITS = 12;

/** An event on its way into a segment: its id, the call it belongs to, and its JSON line. */
export type LogEntry = { readonly id: EventId; readonly subject: string; readonly line: string };

/** Position and range of ids of one block. `offset` and `length` in bytes within the segment. */
export type Block = {
  readonly offset: number;
  readonly length: number;
  readonly count: number;
  readonly minId: EventId;
  readonly maxId: EventId;
};

export type SegmentInfo = {
  readonly key: string;
  readonly bytes: number;
  readonly count: number;
  readonly minId: EventId;
  readonly maxId: EventId;
  readonly blocks: readonly Block[];
  /** Bloom filter over the call ids, base64. */
  readonly subjects: string;
};

export type Manifest = {
  readonly format: 1;
  readonly shard: string;
  readonly hour: string;
  readonly segments: readonly SegmentInfo[];
};

/** `YYYY/MM/DD/HH` in UTC: the partition follows the time in the id, so an id tells where its event lies. */
export function hourOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 13).replace("T", "/").replaceAll("-", "/");
}

/** @param generation which head of the shard is written; @param part counts the segments of one head. */
export function segmentKey(shard: string, hour: string, generation: number, part: number): string {
  return `events/${hour}/${shard}-${String(generation).padStart(OFFSET_DIGITS, "0")}-${part}.jsonl.gz`;
}

export function manifestKey(shard: string, hour: string, part: number): string {
  return `metadata/indexes/shards/${shard}/${hour}/${part}.json`;
}

export type PlannedSegment = { readonly hour: string; readonly key: string; readonly blocks: readonly (readonly LogEntry[])[] };

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}

/** Cuts a frozen head into segments: one hour each, sorted by id, doubles dropped, at most `MAX_EVENTS_PER_SEGMENT`. */
export function planSegments(shard: string, generation: number, entries: readonly LogEntry[]): PlannedSegment[] {
  const byId = new Map(entries.map((entry) => [entry.id, entry]));
  const sorted = [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  const byHour = Map.groupBy(sorted, (entry) => hourOf(timeOfId(entry.id)));
  return [...byHour].flatMap(([hour, own]) =>
    chunks(own, MAX_EVENTS_PER_SEGMENT).map((segment, part) => ({
      hour,
      key: segmentKey(shard, hour, generation, part),
      blocks: chunks(segment, EVENTS_PER_BLOCK),
    })),
  );
}

/** Adds a segment to a manifest, or replaces the entry of the same key: a flush may be repeated. */
export function withSegment(manifest: Manifest, segment: SegmentInfo): Manifest {
  return { ...manifest, segments: [...manifest.segments.filter(({ key }) => key !== segment.key), segment] };
}

/** The blocks whose ids may fall into a range, in order. */
export function blocksInRange(segment: SegmentInfo, minId: string, maxId: string): readonly Block[] {
  return segment.blocks.filter((block) => block.minId <= maxId && block.maxId >= minId);
}
