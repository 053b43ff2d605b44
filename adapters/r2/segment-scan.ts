/**
 * Reads a period of the event store from one end to the other: every segment of every shard, hour by hour. Objects are fetched a few
 * ahead of the reader and stay compressed until it comes to them; what is held at once is bounded by that.
 */
import { type Block, type Manifest, type SegmentInfo, blocksInRange } from "../../domain/events/segment.ts";
import { idPrefixAt } from "../../domain/shared/ids.ts";
import { inTime } from "../platform/deadline.ts";
import { gunzipMembers } from "./gzip.ts";
import { type ManifestPlace, listManifests } from "./segment-index.ts";

const SEGMENTS_AHEAD = 3;
/** One read from R2; what takes longer counts as unreadable. */
const SCAN_DEADLINE_MS = 10_000;
/** An event's id may be some milliseconds from its time, where clocks or full counters made it so: this far, its place is looked up. */
const CLOCK_MARGIN_MS = 60_000;

/** Shard and hour; an event's id decides its partition, so that all copies of an event lie in the same. */
export type Partition = string;

export type ScanPart = {
  /** Of the segment, or of the manifest that would have named segments. */
  readonly key: string;
  readonly partition: Partition;
  /** Whether all of it could be read. What could, is in `lines` anyway. */
  readonly complete: boolean;
  readonly lines: readonly string[];
  /** How much of the period has been read with this part, from 0 to 1. */
  readonly share: number;
};

type Range = { readonly minId: string; readonly maxId: string };
type Fetched = Omit<ScanPart, "lines" | "complete"> & {
  /** Null when it could not be had. */
  readonly body: { readonly bytes: Uint8Array; readonly blocks: readonly Block[]; readonly offset: number } | null;
};
const NOTHING_WANTED = { bytes: new Uint8Array(), blocks: [], offset: 0 };
type Task = () => Promise<Fetched>;

async function readManifest(bucket: R2Bucket, key: string): Promise<Manifest | null> {
  try {
    const read = async () => (await bucket.get(key))?.json<Manifest>();
    return (await inTime(read(), SCAN_DEADLINE_MS)) ?? null;
  } catch {
    return null;
  }
}

async function readBody(bucket: R2Bucket, segment: SegmentInfo, range: Range): Promise<Fetched["body"]> {
  const blocks = blocksInRange(segment, range.minId, range.maxId);
  const [first, last] = [blocks[0], blocks.at(-1)];
  if (first === undefined || last === undefined) return NOTHING_WANTED;
  const read = async () => {
    const length = last.offset + last.length - first.offset;
    return (await bucket.get(segment.key, { range: { offset: first.offset, length } }))?.arrayBuffer();
  };
  try {
    const buffer = await inTime(read(), SCAN_DEADLINE_MS);
    return buffer === undefined ? null : { bytes: new Uint8Array(buffer), blocks, offset: first.offset };
  } catch {
    return null;
  }
}

/** One after the other what is to be fetched; a manifest is read when its turn comes, since those of a month are too many to hold. */
async function* tasks(bucket: R2Bucket, places: readonly ManifestPlace[], range: Range): AsyncGenerator<Task> {
  for (const [index, { key, shard, hour }] of places.entries()) {
    const partition = `${hour}/${shard}`;
    const manifest = await readManifest(bucket, key);
    if (manifest === null) yield async () => ({ key, partition, share: (index + 1) / places.length, body: null });
    const segments = (manifest?.segments ?? []).filter(({ minId, maxId }) => minId <= range.maxId && maxId >= range.minId);
    for (const [at, segment] of segments.entries()) {
      const share = (index + (at + 1) / segments.length) / places.length;
      yield async () => ({ key: segment.key, partition, share, body: await readBody(bucket, segment, range) });
    }
  }
}

/** Starts the next tasks while the first is being waited for. Whoever stops reading starts none any more. */
async function* ahead(source: AsyncIterable<Task>): AsyncGenerator<Fetched> {
  const started: Promise<Fetched>[] = [];
  for await (const task of source) {
    started.push(task());
    if (started.length > SEGMENTS_AHEAD) yield await started.shift()!;
  }
  for (const rest of started) yield await rest;
}

/** One block of a segment that is damaged somewhere; empty when it is this one. */
function readable({ bytes, offset }: NonNullable<Fetched["body"]>, block: Block): string {
  try {
    return gunzipMembers(bytes.subarray(block.offset - offset, block.offset - offset + block.length));
  } catch {
    return "";
  }
}

function unpack({ body, ...part }: Fetched, find: (text: string) => string[]): ScanPart {
  if (body === null) return { ...part, complete: false, lines: [] };
  try {
    return { ...part, complete: true, lines: body.blocks.length === 0 ? [] : find(gunzipMembers(body.bytes)) };
  } catch {
    return { ...part, complete: false, lines: body.blocks.flatMap((block) => find(readable(body, block))) };
  }
}

async function* parts(
  bucket: R2Bucket,
  places: readonly ManifestPlace[],
  range: Range,
  find: (text: string) => string[],
): AsyncGenerator<ScanPart> {
  for await (const fetched of ahead(tasks(bucket, places, range))) yield unpack(fetched, find);
}

/**
 * Scans the segments whose events may be of the period, those of the hours beside it too where they touch it.
 * @param find the wanted lines in a block's text, so that the others are never cut out.
 * @throws DeadlineMissed, or what the bucket throws, when it cannot be told what there is: then nothing is known of the period.
 */
export async function scanSegments(
  bucket: R2Bucket,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  find: (text: string) => string[],
): Promise<AsyncIterable<ScanPart>> {
  const [firstMs, lastMs] = [fromMs - CLOCK_MARGIN_MS, toMs + CLOCK_MARGIN_MS];
  const places = await listManifests(bucket, firstMs, lastMs);
  return parts(bucket, places, { minId: idPrefixAt(firstMs), maxId: idPrefixAt(lastMs) }, find);
}
