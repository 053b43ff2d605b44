/** Blocks of one object, in the order of their ids: read from one end, a stretch at a time. */
import type { Piece, Unit } from "./page.ts";
import type { IdRange } from "./place.ts";
import type { EventOrder } from "./query.ts";

/** Bytes within the object, how many lines, and between which ids the events stand. */
export type RunBlock = IdRange & { readonly offset: number; readonly length: number; readonly count: number };

/** A stretch of an object that is read at once. What lies between its blocks is read with them. */
export type Span = {
  readonly key: string;
  readonly offset: number;
  readonly length: number;
  readonly blocks: readonly RunBlock[];
};

/** Reading this much for nothing costs less than another read. */
export const MAX_GAP_BYTES = 16 * 1024;

type Bounds = { readonly from: number; readonly to: number };

/** How many of the blocks, from `start` on in the direction, one read of at most so many bytes takes; one at least. */
function reach(blocks: readonly RunBlock[], start: number, end: number, step: 1 | -1, bytes: number): number {
  let length = blocks[start]!.length;
  let count = 1;
  for (let at = start + step; at !== end; at += step) {
    const [low, high] = step === 1 ? [blocks[at - 1]!, blocks[at]!] : [blocks[at]!, blocks[at + 1]!];
    const gap = high.offset - (low.offset + low.length);
    length += gap + blocks[at]!.length;
    if (gap > MAX_GAP_BYTES || length > bytes) break;
    count += 1;
  }
  return count;
}

/** @param blocks ascending by offset, not empty. */
export function spanOf(key: string, blocks: readonly RunBlock[]): Span {
  const [first, last] = [blocks[0]!, blocks[blocks.length - 1]!];
  return { key, offset: first.offset, length: last.offset + last.length - first.offset, blocks };
}

/**
 * @param blocks ascending by offset, and by both ends of their ranges. @param bounds which of them, `to` exclusive.
 * @returns null when there are none.
 */
export function runOf<Work>(
  key: string,
  blocks: readonly RunBlock[],
  order: EventOrder,
  workOf: (span: Span) => Work,
  { from, to }: Bounds = { from: 0, to: blocks.length },
): Unit<Work> | null {
  if (from >= to) return null;
  const pieceOf = (begin: number, end: number): Piece<Work> => ({
    minId: blocks[begin]!.minId,
    maxId: blocks[end - 1]!.maxId,
    work: workOf(spanOf(key, blocks.slice(begin, end))),
  });
  const restOf = (bounds: Bounds) => runOf(key, blocks, order, workOf, bounds);
  return {
    minId: blocks[from]!.minId,
    maxId: blocks[to - 1]!.maxId,
    cut: (bytes) => {
      if (order === "oldest_first") {
        const end = from + reach(blocks, from, to, 1, bytes);
        return { first: pieceOf(from, end), rest: restOf({ from: end, to }) };
      }
      const begin = to - reach(blocks, to - 1, from - 1, -1, bytes);
      return { first: pieceOf(begin, to), rest: restOf({ from, to: begin }) };
    },
  };
}
