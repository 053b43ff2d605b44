/**
 * Which days of a month certainly do not have a call or a number. Of each day there are Bloom filters over its terms, one for each bucket,
 * and a hash of the term says which bucket it is in. A month is one object: bucket behind bucket, in each of them the days one behind the other,
 * and a checksum. So one range read tells of one term for all of the days.
 */
import { crc32 } from "../../packed/crc32.ts";
import { Uint32Column } from "../../packed/columns.ts";
import { toUnits } from "../../packed/units.ts";
import { hashWords } from "../fingerprint.ts";
import { type TermQuery, textOf } from "./terms.ts";

/** A power of two. One read brings a bucket: about 30 KiB for a month of 100,000 terms a day. */
export const FILTER_BUCKETS = 128;
/** What a month takes at most: as much is held twice while it is made anew. */
export const MAX_FILTER_BYTES = 16 * 1024 * 1024;

/** With 10 bits and 7 hashes per term about one day in 100 is opened for nothing. */
const BITS_PER_TERM = 10;
const MIN_COLUMN_BYTES = 8;
/** Of a day in a bucket, so that 32 days fit. */
const MAX_COLUMN_BYTES = MAX_FILTER_BYTES / FILTER_BUCKETS / 32;
/** With fewer, one day in six would be opened for nothing. */
const MIN_BITS_PER_TERM = 4;
/** A day with more terms is left out. */
export const MAX_FILTER_TERMS = (FILTER_BUCKETS * MAX_COLUMN_BYTES * 8) / MIN_BITS_PER_TERM;
const CRC_BYTES = 4;

/**
 * A day's place in each bucket: how many bytes, and how many hashes a term has in them. No bytes: nothing is known of the day, nor will
 * be as long as nothing is added to it. The empty text for a day: these bytes say nothing any more.
 */
export type FilterColumn = readonly [day: string, bytes: number, hashes: number];

export type MonthFilter = {
  readonly key: string;
  /** As they lie in the object. */
  readonly columns: readonly FilterColumn[];
};

const widthOf = (columns: readonly FilterColumn[]): number => columns.reduce((sum, [, bytes]) => sum + bytes, 0);

/** Where a term is to be found: which bucket, and in it at `first`, `first + step` and so on. */
export type TermPlace = { readonly bucket: number; readonly first: number; readonly step: number };

/** @param units of the term, as in a page of a term index. */
function placeOfUnits(units: string): TermPlace {
  const [bucket, first, step] = hashWords(units);
  return { bucket: bucket & (FILTER_BUCKETS - 1), first, step: step | 1 };
}

/** @param query of a whole value. */
export const placeOfTerm = (query: TermQuery): TermPlace => placeOfUnits(toUnits(textOf(query)));

const position = (first: number, step: number, hash: number, bits: number): number =>
  ((first + Math.imul(hash, step)) >>> 0) % bits;

/** A day's column and its bytes, bucket by bucket. */
export type DayFilter = { readonly column: FilterColumn; readonly content: Uint8Array };

/** Says that the day has to be asked, whatever is looked for. */
export const leftOut = (day: string): DayFilter => ({ column: [day, 0, 0], content: new Uint8Array(0) });

/** The terms of one day as they come: hashes, 12 bytes each. */
export class DayTerms {
  readonly #buckets = new Uint32Column();
  readonly #firsts = new Uint32Column();
  readonly #steps = new Uint32Column();

  get areTooMany(): boolean {
    return this.#buckets.length > MAX_FILTER_TERMS;
  }

  /** @param units as in a page of a term index. */
  add(units: string): void {
    const { bucket, first, step } = placeOfUnits(units);
    this.#buckets.push(bucket);
    this.#firsts.push(first);
    this.#steps.push(step);
  }

  /** The same terms in the same number give the same bytes. */
  finish(day: string): DayFilter {
    if (this.areTooMany) return leftOut(day);
    const terms = this.#buckets.length;
    const wanted = Math.ceil((terms * BITS_PER_TERM) / 8 / FILTER_BUCKETS);
    const bytes = Math.min(MAX_COLUMN_BYTES, Math.max(MIN_COLUMN_BYTES, wanted));
    const bits = bytes * 8;
    const hashes = Math.round(Math.min(BITS_PER_TERM, (bits * FILTER_BUCKETS) / Math.max(1, terms)) * Math.LN2);
    const content = new Uint8Array(FILTER_BUCKETS * bytes);
    for (let term = 0; term < terms; term++) {
      const start = this.#buckets.at(term) * bytes;
      for (let hash = 0; hash < hashes; hash++) {
        const at = position(this.#firsts.at(term), this.#steps.at(term), hash, bits);
        content[start + (at >> 3)]! |= 1 << (at & 7);
      }
    }
    return { column: [day, bytes, hashes], content };
  }
}

/** The bytes that one read has to bring. */
export function bucketRange(
  columns: readonly FilterColumn[],
  bucket: number,
): { readonly offset: number; readonly length: number } {
  const length = widthOf(columns) + CRC_BYTES;
  return { offset: bucket * length, length };
}

function isBucketIntact(bytes: Uint8Array, length: number): boolean {
  if (bytes.length !== length) return false;
  const end = length - CRC_BYTES;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return crc32(bytes.subarray(0, end)) === view.getUint32(end, true);
}

/**
 * @param bytes what the read of the term's bucket brought.
 * @returns days that may have the term; the other ones that have a column certainly do not. Null: the bytes are not what was written.
 */
export function daysWith(columns: readonly FilterColumn[], bytes: Uint8Array, { first, step }: TermPlace): Set<string> | null {
  if (!isBucketIntact(bytes, bucketRange(columns, 0).length)) return null;
  const days = new Set<string>();
  let start = 0;
  for (const [day, size, hashes] of columns) {
    let may = true;
    for (let hash = 0; hash < hashes && may; hash++) {
      const at = position(first, step, hash, size * 8);
      may = (bytes[start + (at >> 3)]! & (1 << (at & 7))) !== 0;
    }
    if (may && day !== "") days.add(day);
    start += size;
  }
  return days;
}

/** The columns of an object that was read whole. @returns null when any of it is not what was written. */
export function openMonth(columns: readonly FilterColumn[], bytes: Uint8Array): DayFilter[] | null {
  const { length } = bucketRange(columns, 0);
  const days = columns.map((column) => ({ column, content: new Uint8Array(FILTER_BUCKETS * column[1]) }));
  if (bytes.length !== length * FILTER_BUCKETS) return null;
  for (let bucket = 0; bucket < FILTER_BUCKETS; bucket++) {
    const own = bytes.subarray(bucket * length, (bucket + 1) * length);
    if (!isBucketIntact(own, length)) return null;
    let start = 0;
    for (const { column, content } of days) {
      content.set(own.subarray(start, start + column[1]), bucket * column[1]);
      start += column[1];
    }
  }
  return days;
}

/** The object of a month. The same days give the same bytes, in whatever order they are given. */
export function packMonth(days: readonly DayFilter[]): {
  readonly columns: readonly FilterColumn[];
  readonly bytes: Uint8Array;
} {
  const sorted = [...days].sort((a, b) => (a.column[0] < b.column[0] ? -1 : 1));
  const columns = sorted.map(({ column }) => column);
  const { length } = bucketRange(columns, 0);
  const bytes = new Uint8Array(length * FILTER_BUCKETS);
  const view = new DataView(bytes.buffer);
  for (let bucket = 0; bucket < FILTER_BUCKETS; bucket++) {
    const begin = bucket * length;
    let at = begin;
    for (const { column, content } of sorted) {
      bytes.set(content.subarray(bucket * column[1], (bucket + 1) * column[1]), at);
      at += column[1];
    }
    view.setUint32(at, crc32(bytes.subarray(begin, at)), true);
  }
  return { columns, bytes };
}
