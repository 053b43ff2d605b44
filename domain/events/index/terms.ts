/**
 * The term index of a merged segment: from calls, callers and callees to the blocks that hold them. Terms are sorted as text within
 * their kind, in pages that can be read one by one, so that one range read answers for a value and for a prefix.
 *
 * A page: per term what it has beyond the one before (the first of a page: all of it), how many blocks hold it, and their numbers, each
 * less the one before. Texts are in units (`toUnits`), whose order and prefixes are those of the texts.
 */
import { crc32 } from "../../packed/crc32.ts";
import { fromUnits, toUnits } from "../../packed/units.ts";
import { type Result, err, ok } from "../../shared/result.ts";
import type { TermKind } from "../segment.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";

/**
 * The pages of a term index, which lie one behind the other in one object. `first` is not behind the first term of the page, and behind
 * every term of the pages before: `<kind> <value>`, perhaps cut short.
 */
export type TermDirectory = {
  readonly pages: readonly { readonly first: string; readonly offset: number; readonly length: number; readonly crc: number }[];
};

export type TermQuery = {
  readonly kind: TermKind;
  readonly match: { readonly tag: "exact" | "prefix"; readonly value: string };
};

/** What one read has to bring: bytes within the object, and which pages they are, `from` inclusive, `to` exclusive. */
export type PageRange = {
  readonly offset: number;
  readonly length: number;
  readonly pages: { readonly from: number; readonly to: number };
};

/** As it stands in a page, before `toUnits`. */
export const textOf = ({ kind, match }: TermQuery): string => `${kind} ${match.value}`;

/** The first page that begins behind what is looked for; only the ones before it may hold it. */
function pageBehind({ pages }: TermDirectory, isBehind: (first: string) => boolean): number {
  let low = 0;
  let high = pages.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBehind(pages[middle]!.first)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The pages that may hold what is looked for. Null: certainly no block does. */
export function pagesFor(directory: TermDirectory, query: TermQuery): PageRange | null {
  const wanted = textOf(query);
  const begin = pageBehind(directory, (first) => first > wanted);
  const from = Math.max(0, begin - 1);
  const to =
    query.match.tag === "exact" ? begin : pageBehind(directory, (first) => first > wanted && !first.startsWith(wanted));
  if (to <= from) return null;
  const [head, last] = [directory.pages[from]!, directory.pages[to - 1]!];
  return { offset: head.offset, length: last.offset + last.length - head.offset, pages: { from, to } };
}

/** Whether the page could be read. */
function collect(page: Uint8Array, wanted: string, isPrefix: boolean, blocks: Set<number>): boolean {
  const from = new ByteReader(page);
  let term = "";
  while (!from.isAtEnd && from.isIntact) {
    term = from.frontCoded(term);
    const isWanted = isPrefix ? term.startsWith(wanted) : term === wanted;
    if (!isWanted && term > wanted) break;
    let block = 0;
    for (let count = from.varint(); count > 0 && from.isIntact; count--) {
      block += from.varint();
      if (isWanted) blocks.add(block);
    }
  }
  return from.isIntact;
}

/** All terms of a page, `<kind> <value>` in units. @returns null when it is not what was written. */
export function termsOfPage(page: Uint8Array, crc: number): string[] | null {
  if (crc32(page) !== crc) return null;
  const from = new ByteReader(page);
  const terms: string[] = [];
  while (!from.isAtEnd && from.isIntact) {
    terms.push(from.frontCoded(terms.at(-1) ?? ""));
    for (let count = from.varint(); count > 0 && from.isIntact; count--) from.varint();
  }
  return from.isIntact ? terms : null;
}

/**
 * @param bytes what one read of the range brought.
 * @returns numbers of the blocks that hold what is looked for, ascending, each once. Damaged: a page is not what was written, whatever
 * the others say.
 */
export function readPages(
  bytes: Uint8Array,
  directory: TermDirectory,
  range: PageRange,
  query: TermQuery,
): Result<number[], "damaged"> {
  const wanted = toUnits(textOf(query));
  const blocks = new Set<number>();
  for (const { offset, length, crc } of directory.pages.slice(range.pages.from, range.pages.to)) {
    const page = bytes.subarray(offset - range.offset, offset - range.offset + length);
    if (page.length !== length || crc32(page) !== crc) return err("damaged");
    if (!collect(page, wanted, query.match.tag === "prefix", blocks)) return err("damaged");
  }
  return ok([...blocks].sort((a, b) => a - b));
}

/** About 12 bytes a page. */
export function packDirectory({ pages }: TermDirectory): Uint8Array {
  const out = new ByteWriter();
  let before = "";
  for (const { first, length, crc } of pages) {
    before = out.frontCoded(toUnits(first), before);
    out.varint(length);
    out.uint32(crc);
  }
  return out.toBytes();
}

/** @returns null when the bytes are not those of a directory. */
export function openDirectory(bytes: Uint8Array): TermDirectory | null {
  const from = new ByteReader(bytes);
  const pages: TermDirectory["pages"][number][] = [];
  let units = "";
  let offset = 0;
  while (!from.isAtEnd && from.isIntact) {
    units = from.frontCoded(units);
    const length = from.varint();
    pages.push({ first: fromUnits(units), offset, length, crc: from.uint32() });
    offset += length;
  }
  return from.isIntact ? { pages } : null;
}
