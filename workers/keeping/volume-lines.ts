/** All lines of a merged segment, a bounded piece at a time. */
import type { ReadMeter } from "../../adapters/r2/events/reads.ts";
import { readBlocks } from "../../adapters/r2/events/volume-reader.ts";
import type { MergedSegment } from "../../domain/events/index/catalogue.ts";

/** Of blocks that are read at once where one segment is open, unless a single one is longer: some ten times as much as text. */
export const SCAN_READ_BYTES = 1024 * 1024;

/** Bytes of a segment that are not what was written, or are not there. */
export class SegmentDamaged extends Error {
  override readonly name = "SegmentDamaged";
  readonly key: string;

  constructor(key: string, reason: string) {
    super(`${key}: ${reason}`);
    this.key = key;
  }
}

/** The block behind the last that goes into one read. */
function endOfRead({ blocks }: MergedSegment, from: number, readBytes: number): number {
  let bytes = 0;
  let to = from;
  for (; to < blocks.length; to++) {
    bytes += blocks.at(to).length;
    if (to > from && bytes > readBytes) break;
  }
  return to;
}

/**
 * @param readBytes of blocks that are held at once.
 * @param onDamage is told of each block that cannot be read, and by throwing decides that the rest is not read either.
 * @throws SegmentDamaged when nothing of a stretch can be read; DeadlineMissed, or what the bucket throws.
 */
export async function* volumeLines(
  reads: ReadMeter,
  segment: MergedSegment,
  readBytes: number,
  onDamage: (block: number) => void,
): AsyncGenerator<readonly string[]> {
  for (let from = 0; from < segment.blocks.length;) {
    const to = endOfRead(segment, from, readBytes);
    const read = await readBlocks(reads, segment, from, to);
    if (!read.ok) throw new SegmentDamaged(segment.key, read.error);
    for (const block of read.value.damaged) onDamage(block);
    yield read.value.blocks.flat();
    from = to;
  }
}
