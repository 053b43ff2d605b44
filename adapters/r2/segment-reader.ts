/** Finds the events of one call in R2: manifests that are not merged, the catalogues of its days, then only the blocks that may hold it. */
import { isOfSession } from "../../domain/events/call-marks.ts";
import type { CloudEvent } from "../../domain/events/event.ts";
import type { MergedSegment } from "../../domain/events/index/catalogue.ts";
import type { SegmentInfo } from "../../domain/events/segment.ts";
import type { PendingManifest } from "../../domain/events/shard.ts";
import type { Result } from "../../domain/shared/result.ts";
import { readCatalogue } from "./events/catalogue.ts";
import { mayHold, readManifestObject, readRun } from "./events/l0-reader.ts";
import { ReadMeter } from "./events/reads.ts";
import { findTermBlocks, readBlocks } from "./events/volume-reader.ts";
import type { Unreadable } from "./segment-lines.ts";

/** Blocks in between that are read along rather than asked for apart: a block has some 25 kB. */
const MAX_GAP_BLOCKS = 4;

/** Ids between which the call's events lie, both included, and the hours of those ids. */
export type CallRange = {
  readonly tenant: string;
  readonly subject: string;
  /** Of the hours, what the call's shard has not merged: to be asked for after the shard's head, and before this. */
  readonly pending: readonly PendingManifest[];
  /** `YYYY/MM/DD` of storing. */
  readonly days: readonly string[];
  readonly minId: string;
  readonly maxId: string;
};

/** An object that an index names cannot be read. `missing`: the index was replaced meanwhile, and asking for everything again may help. */
export class StoreUnreadable extends Error {
  override readonly name = "StoreUnreadable";
  readonly reason: Unreadable;

  constructor(key: string, reason: Unreadable) {
    super(`${key} is ${reason}`);
    this.reason = reason;
  }
}

function must<T>(key: string, read: Result<T, Unreadable>): T {
  if (!read.ok) throw new StoreUnreadable(key, read.error);
  return read.value;
}

async function fromShard(reads: ReadMeter, info: SegmentInfo, { tenant, minId, maxId }: CallRange): Promise<string[]> {
  const { lines, damaged } = must(info.key, await readRun(reads, info, tenant, minId, maxId));
  if (damaged > 0) throw new StoreUnreadable(info.key, "damaged");
  return lines.map(({ line }) => line);
}

/** Stretches of blocks, first inclusive, last exclusive. */
function stretches(blocks: readonly number[]): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = [];
  for (const block of blocks) {
    const last = found.at(-1);
    if (last !== undefined && block - last.to <= MAX_GAP_BLOCKS) last.to = block + 1;
    else found.push({ from: block, to: block + 1 });
  }
  return found;
}

async function fromMerged(reads: ReadMeter, segment: MergedSegment, { subject, minId, maxId }: CallRange): Promise<string[]> {
  if (segment.minId > maxId || segment.maxId < minId) return [];
  const { from, to } = segment.blocks.between(minId, maxId);
  const found = await findTermBlocks(reads, segment, { kind: "call", match: { tag: "exact", value: subject } });
  // Without its index a segment still has the blocks of that time.
  const all = Array.from({ length: to - from }, (_, index) => from + index);
  const blocks = found.ok ? found.value.filter((block) => block >= from && block < to) : all;
  const lines: string[] = [];
  for (const stretch of stretches(blocks)) {
    const read = must(segment.key, await readBlocks(reads, segment, stretch.from, stretch.to));
    if (read.damaged.length > 0) throw new StoreUnreadable(segment.key, "damaged");
    lines.push(...read.blocks.flat());
  }
  return lines;
}

async function linesOf(reads: ReadMeter, range: CallRange): Promise<string[]> {
  const lines: string[] = [];
  const wanted = { minId: range.minId, maxId: range.maxId, terms: [{ kind: "call", values: [range.subject] }] } as const;
  for (const { key } of range.pending) {
    const { segments } = must(key, await readManifestObject(reads, key));
    for (const info of segments.filter((segment) => mayHold(segment, range.tenant, wanted)))
      lines.push(...(await fromShard(reads, info, range)));
  }
  for (const day of range.days) {
    const read = await readCatalogue(reads, range.tenant, day);
    if (read.tag === "damaged") throw new StoreUnreadable(`the catalogue of ${range.tenant} ${day}`, "damaged");
    for (const segment of read.tag === "found" ? read.catalogue.segments : [])
      lines.push(...(await fromMerged(reads, segment, range)));
  }
  return lines;
}

/**
 * The stored events of one call, each once, in no particular order.
 * @throws StoreUnreadable, DeadlineMissed, or what the bucket throws: then nothing can be said about the whole.
 */
export async function readCallFromSegments(bucket: R2Bucket, range: CallRange): Promise<CloudEvent[]> {
  const byId = new Map<string, CloudEvent>();
  for (const line of await linesOf(new ReadMeter(bucket), range)) {
    if (!line.includes(range.subject)) continue;
    const event = JSON.parse(line) as CloudEvent;
    // Events that came in by the API may name any subject.
    if (event.subject === range.subject && isOfSession(event)) byId.set(event.id, event);
  }
  return [...byId.values()];
}
