/** Reads merged segments: runs of their blocks, and which blocks hold a call or a number. */
import type { MergedSegment } from "../../../domain/events/index/catalogue.ts";
import { type TermQuery, pagesFor, readPages } from "../../../domain/events/index/terms.ts";
import { type Result, err, ok } from "../../../domain/shared/result.ts";
import { gunzipMembers } from "../gzip.ts";
import type { Unreadable } from "../segment-lines.ts";
import type { ReadMeter } from "./reads.ts";

/** A prefix that begins more terms than this many bytes of index: leaving blocks out would save less than reading it costs. */
export const MAX_TERM_READ_BYTES = 1024 * 1024;

export type BlocksRead = {
  /** By block, from the first asked for on; a damaged one has none. */
  readonly blocks: readonly (readonly string[])[];
  /** Numbers of the blocks that are damaged, within the segment. */
  readonly damaged: readonly number[];
};

/** The lines of one block; null when it is not what was written. */
export function linesOfBlock(member: Uint8Array, count: number): string[] | null {
  try {
    const lines = gunzipMembers(member).split("\n");
    // Behind the last line there is a line feed too.
    return lines.pop() === "" && lines.length === count ? lines : null;
  } catch {
    return null;
  }
}

/**
 * The lines of blocks `from` (inclusive) to `to` (exclusive), in one read.
 * @returns an error when the object is not there, or none of the blocks is readable.
 * @throws DeadlineMissed, or what the bucket throws.
 */
export async function readBlocks(
  reads: ReadMeter,
  segment: Pick<MergedSegment, "key" | "blocks">,
  from: number,
  to: number,
): Promise<Result<BlocksRead, Unreadable>> {
  if (to <= from) return ok({ blocks: [], damaged: [] });
  const { blocks: table, key } = segment;
  const begin = table.offset(from);
  const length = table.offset(to - 1) + table.at(to - 1).length - begin;
  const read = await reads.get(key, { offset: begin, length });
  if (read.tag === "missing") return err("missing");
  if (read.tag === "out_of_range") return err("damaged");
  const blocks: string[][] = [];
  const damaged: number[] = [];
  for (let block = from; block < to; block++) {
    const summary = table.at(block);
    const start = table.offset(block) - begin;
    const lines = linesOfBlock(read.bytes.subarray(start, start + summary.length), summary.count);
    if (lines === null) damaged.push(block);
    blocks.push(lines ?? []);
  }
  return damaged.length === to - from ? err("damaged") : ok({ blocks, damaged });
}

/**
 * Numbers of the blocks that may hold what is looked for, ascending: exactly those that do, but all of them when there is no index, or the
 * prefix is too wide for `MAX_TERM_READ_BYTES`. One read at most.
 * @returns an error when the index is not there or damaged: then the blocks have to be read.
 * @throws DeadlineMissed, or what the bucket throws.
 */
export async function findTermBlocks(
  reads: ReadMeter,
  { blocks, terms }: Pick<MergedSegment, "blocks" | "terms">,
  query: TermQuery,
): Promise<Result<number[], Unreadable>> {
  const all = () => ok(Array.from({ length: blocks.length }, (_, block) => block));
  if (terms === null) return all();
  const range = pagesFor(terms.directory, query);
  if (range === null) return ok([]);
  if (range.length > MAX_TERM_READ_BYTES) return all();
  const read = await reads.get(terms.key, { offset: range.offset, length: range.length });
  if (read.tag === "missing") return err("missing");
  if (read.tag === "out_of_range") return err("damaged");
  const found = readPages(read.bytes, terms.directory, range, query);
  // An index of another segment would name blocks that this one does not have.
  return found.ok ? ok(found.value.filter((block) => block < blocks.length)) : found;
}
