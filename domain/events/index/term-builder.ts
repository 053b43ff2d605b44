/** Makes a term index. */
import { Uint32Column } from "../../packed/columns.ts";
import { crc32 } from "../../packed/crc32.ts";
import { fromUnits, toUnits } from "../../packed/units.ts";
import { TERM_KINDS, type TermKind } from "../segment.ts";
import { ByteWriter } from "./bytes.ts";
import { TermSet } from "./term-set.ts";
import type { TermDirectory } from "./terms.ts";

/** A page ends with the term that takes it to this size, so that it is a little longer. */
export const TERM_PAGE_BYTES = 4_096;

/** As text, so that the terms of all kinds are sorted when those of each are. */
const KINDS_IN_ORDER = [...TERM_KINDS].sort((a, b) => (`${a} ` < `${b} ` ? -1 : 1));

/** Of a term its last block and its count, of a pair its term and its block. */
const ENTRY_BYTES = 8;

/** The shortest beginning of the term that is behind the term before it. */
function separator(term: string, before: string): string {
  let shared = 0;
  while (shared < before.length && term.charCodeAt(shared) === before.charCodeAt(shared)) shared++;
  return term.slice(0, shared + 1);
}

/** Pages as they are filled. */
class Pages {
  readonly all = new ByteWriter();
  readonly directory: TermDirectory["pages"][number][] = [];
  readonly #page = new ByteWriter();
  #first = "";
  #before = "";

  /** @param units of the term, `<kind> <value>`. @param blocks ascending. */
  add(units: string, blocks: Uint32Array): void {
    const page = this.#page;
    const isFirst = page.length === 0;
    if (isFirst) this.#first = this.#beginning(units);
    page.frontCoded(units, isFirst ? "" : this.#before);
    this.#before = units;
    page.varint(blocks.length);
    let last = 0;
    for (const block of blocks) {
      page.varint(block - last);
      last = block;
    }
    if (page.length >= TERM_PAGE_BYTES) this.close();
  }

  /** Cut as text and not as units: half a character is none. */
  #beginning(units: string): string {
    const term = fromUnits(units);
    return this.directory.length === 0 ? term : separator(term, fromUnits(this.#before));
  }

  close(): void {
    if (this.#page.length === 0) return;
    const bytes = this.#page.toBytes();
    this.directory.push({ first: this.#first, offset: this.all.length, length: bytes.length, crc: crc32(bytes) });
    this.all.raw(bytes);
    this.#page.clear();
  }
}

/** The terms of one kind, and in which blocks they are. */
class KindBuilder {
  readonly terms = new TermSet();
  /** By term: the last block that was added, and one to tell it from none. */
  readonly #lastBlock = new Uint32Column();
  /** By term: in how many blocks it is. */
  readonly #count = new Uint32Column();
  /** Pairs in the order in which they were added. */
  readonly #term = new Uint32Column();
  readonly #block = new Uint32Column();

  get size(): number {
    return this.terms.size + (this.terms.length + this.#term.length) * ENTRY_BYTES;
  }

  add(value: string, block: number): void {
    const term = this.terms.add(toUnits(value));
    if (term === this.#count.length) {
      this.#lastBlock.push(0);
      this.#count.push(0);
    }
    if (this.#lastBlock.at(term) === block + 1) return;
    this.#lastBlock.set(term, block + 1);
    this.#count.set(term, this.#count.at(term) + 1);
    this.#term.push(term);
    this.#block.push(block);
  }

  /** The blocks of all terms, those of each side by side and ascending, and where those of each begin. */
  #postings(): { readonly blocks: Uint32Array; readonly starts: Uint32Array } {
    const starts = new Uint32Array(this.terms.length + 1);
    for (let term = 0; term < this.terms.length; term++) starts[term + 1] = starts[term]! + this.#count.at(term);
    const blocks = new Uint32Array(this.#term.length);
    const next = starts.slice();
    for (let pair = 0; pair < this.#term.length; pair++) {
      const term = this.#term.at(pair);
      blocks[next[term]!] = this.#block.at(pair);
      next[term]! += 1;
    }
    return { blocks, starts };
  }

  finish(kind: TermKind, pages: Pages): void {
    const { blocks, starts } = this.#postings();
    for (const term of this.terms.sorted())
      pages.add(`${kind} ${this.terms.units(term)}`, blocks.subarray(starts[term]!, starts[term + 1]!));
  }
}

export class TermIndexBuilder {
  readonly #kinds: Readonly<Record<TermKind, KindBuilder>> = {
    call: new KindBuilder(),
    caller: new KindBuilder(),
    callee: new KindBuilder(),
  };

  /** How many terms there are. */
  get terms(): number {
    const { call, caller, callee } = this.#kinds;
    return call.terms.length + caller.terms.length + callee.terms.length;
  }

  /** Bytes that it holds, nearly. */
  get bytes(): number {
    return TERM_KINDS.reduce((sum, kind) => sum + this.#kinds[kind].size, 0);
  }

  /** @param block not before the one of the last call. */
  add(kind: TermKind, value: string, block: number): void {
    this.#kinds[kind].add(value, block);
  }

  /** The index object, and its directory, which goes into the catalogue. The same pairs give the same bytes. */
  finish(): { readonly bytes: Uint8Array; readonly directory: TermDirectory } {
    const pages = new Pages();
    for (const kind of KINDS_IN_ORDER) this.#kinds[kind].finish(kind, pages);
    pages.close();
    return { bytes: pages.all.toBytes(), directory: { pages: pages.directory } };
  }
}
