/** The blocks of a merged segment, in columns: a day of a large tenant has thousands of them. Sorted by id. */
import { toHex } from "../../shared/hex.ts";
import type { EventId } from "../../shared/ids.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";

/** What one block holds, as a builder is told. Bits stand for places in the segment's dictionaries; from the 32nd value on they share the last bit. */
export type BlockSummary = {
  readonly length: number;
  readonly count: number;
  readonly minId: EventId;
  readonly maxId: EventId;
  readonly minAtMs: number;
  readonly maxAtMs: number;
  readonly types: number;
  readonly directions: number;
  readonly statuses: number;
  readonly sources: number;
};

export type BlockTable = {
  readonly length: number;
  /** Bytes within the segment. */
  readonly offset: (block: number) => number;
  readonly at: (block: number) => BlockSummary;
  /** Numbers `from` (inclusive) to `to` (exclusive) of the blocks that may hold ids between two, both inclusive. */
  readonly between: (minId: string, maxId: string) => { readonly from: number; readonly to: number };
};

const ID_BYTES = 16;
const TIME_BYTES = 6;
/** Per block: the least id, the greatest. */
const IDS = 2;
/** Per block: when its events happened, least and greatest. */
const TIMES = 2;
/** Per block, in this order. */
const COUNTS = ["length", "count", "types", "directions", "statuses", "sources"] as const;

function bytesOfId(id: EventId): Uint8Array {
  const digits = id.replaceAll("-", "");
  return Uint8Array.from({ length: ID_BYTES }, (_, at) => Number.parseInt(digits.slice(at * 2, at * 2 + 2), 16));
}

function idOf(bytes: Uint8Array): EventId {
  const text = toHex(bytes);
  return `${text.slice(0, 8)}-${text.slice(8, 12)}-${text.slice(12, 16)}-${text.slice(16, 20)}-${text.slice(20)}` as EventId;
}

/** Unix milliseconds: the first 48 bits of the id there. */
function timeIn(ids: Uint8Array, start: number): number {
  let ms = 0;
  for (let at = start; at < start + TIME_BYTES; at++) ms = ms * 256 + ids[at]!;
  return ms;
}

function writeId(out: ByteWriter, id: Uint8Array, before: Uint8Array): void {
  let shared = 0;
  while (shared < ID_BYTES && id[shared] === before[shared]) shared++;
  out.byte(shared);
  out.raw(id.subarray(shared));
}

/** @param at where it goes, behind the one before it. */
function readId(from: ByteReader, ids: Uint8Array, at: number): void {
  const shared = Math.min(from.byte(), ID_BYTES);
  for (let place = at; place < at + shared; place++) ids[place] = place < ID_BYTES ? 0 : ids[place - ID_BYTES]!;
  from.copyTo(ids, at + shared, ID_BYTES - shared);
}

class Columns implements BlockTable {
  readonly length: number;
  /** As it was read, so that writing it again costs nothing. */
  readonly packed: Uint8Array;
  readonly isIntact: boolean;
  readonly #offsets: Float64Array;
  readonly #ids: Uint8Array;
  readonly #times: Float64Array;
  readonly #counts: Uint32Array;

  constructor(packed: Uint8Array, length: number) {
    this.packed = packed;
    this.length = length;
    this.#offsets = new Float64Array(length + 1);
    this.#ids = new Uint8Array(length * IDS * ID_BYTES);
    this.#times = new Float64Array(length * TIMES);
    this.#counts = new Uint32Array(length * COUNTS.length);
    const from = new ByteReader(packed);
    for (let block = 0; block < length && from.isIntact; block++) {
      const start = block * IDS * ID_BYTES;
      for (let which = 0; which < IDS; which++) readId(from, this.#ids, start + which * ID_BYTES);
      const minAtMs = timeIn(this.#ids, start) + from.signed();
      this.#times[block * TIMES] = minAtMs;
      this.#times[block * TIMES + 1] = minAtMs + from.varint();
      const counts = block * COUNTS.length;
      for (let which = 0; which < COUNTS.length; which++) this.#counts[counts + which] = from.varint();
      this.#offsets[block + 1] = this.#offsets[block]! + this.#counts[counts]!;
    }
    this.isIntact = from.isIntact && from.isAtEnd;
  }

  #id(block: number, which: number): Uint8Array {
    const start = (block * IDS + which) * ID_BYTES;
    return this.#ids.subarray(start, start + ID_BYTES);
  }

  offset(block: number): number {
    return this.#offsets[block]!;
  }

  at(block: number): BlockSummary {
    const counts = this.#counts.subarray(block * COUNTS.length, (block + 1) * COUNTS.length);
    return {
      length: counts[0]!,
      count: counts[1]!,
      minId: idOf(this.#id(block, 0)),
      maxId: idOf(this.#id(block, 1)),
      minAtMs: this.#times[block * TIMES]!,
      maxAtMs: this.#times[block * TIMES + 1]!,
      types: counts[2]!,
      directions: counts[3]!,
      statuses: counts[4]!,
      sources: counts[5]!,
    };
  }

  /** The first block of which it holds; it holds of all behind it too. */
  #first(holds: (block: number) => boolean): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (holds(middle)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  between(minId: string, maxId: string): { from: number; to: number } {
    const from = this.#first((block) => idOf(this.#id(block, 1)) >= minId);
    const to = this.#first((block) => idOf(this.#id(block, 0)) > maxId);
    return { from, to: Math.max(from, to) };
  }
}

/** @param summaries sorted by id. */
function pack(summaries: readonly BlockSummary[]): Uint8Array {
  const out = new ByteWriter();
  let before: Uint8Array = new Uint8Array(ID_BYTES);
  for (const summary of summaries) {
    const [least, greatest] = [bytesOfId(summary.minId), bytesOfId(summary.maxId)];
    writeId(out, least, before);
    writeId(out, greatest, least);
    before = greatest;
    out.signed(summary.minAtMs - timeIn(least, 0));
    out.varint(summary.maxAtMs - summary.minAtMs);
    for (const name of COUNTS) out.varint(summary[name]);
  }
  return out.toBytes();
}

/** @param summaries sorted by id; they lie one behind the other in the segment. */
export function buildBlockTable(summaries: readonly BlockSummary[]): BlockTable {
  return new Columns(pack(summaries), summaries.length);
}

/** About 30 bytes a block. */
export function packBlockTable(table: BlockTable): Uint8Array {
  if (table instanceof Columns) return table.packed;
  return pack(Array.from({ length: table.length }, (_, block) => table.at(block)));
}

/** @param length how many blocks. @returns null when the bytes are not those of so many. */
export function openBlockTable(bytes: Uint8Array, length: number): BlockTable | null {
  // A block takes more bytes than this: a length that was made up must not take memory.
  if (length > bytes.length) return null;
  const table = new Columns(bytes, length);
  return table.isIntact ? table : null;
}
