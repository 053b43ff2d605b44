/**
 * Values under exact keys and under prefixes of keys, whatever the keys are. Each kind has the structure that suits it: exact telephone
 * numbers a sorted array, prefixes of what can be dialled a trie, all others (SIP addresses, service numbers) tables of text. Values are
 * numbered from 0, so that what belongs to them lies in columns beside the index.
 */
import type { Container, Section } from "./container.ts";
import type { Key } from "./key.ts";
import { KeyTable, packKeyTable } from "./key-table.ts";
import { e164ToNumber, findNumber, numberToE164 } from "./number-set.ts";
import { PrefixTrie, type RunSink, type SortedKeys, buildTrie, isDiallable } from "./prefix-trie.ts";
import { unitsAt } from "./units.ts";

/** Keys as units, sorted; the same key may stand there several times, exactly and as a prefix. */
export type IndexRows = SortedKeys & { readonly isPrefix: (row: number) => boolean };

/** @returns the sections, and which row each value belongs to. */
export function packPrefixIndex(name: string, rows: IndexRows): { readonly sections: Section[]; readonly order: Uint32Array } {
  const trieRows: number[] = [];
  const numbers: { readonly number: number; readonly row: number }[] = [];
  const exactRows: number[] = [];
  const prefixRows: number[] = [];
  for (let row = 0; row < rows.length; row++) {
    const bytes = rows.bytes(row);
    const units = unitsAt(bytes, 0, bytes.length);
    const number = e164ToNumber(units);
    if (rows.isPrefix(row)) (isDiallable(units) ? trieRows : prefixRows).push(row);
    else if (Number.isNaN(number)) exactRows.push(row);
    else numbers.push({ number, row });
  }
  numbers.sort((a, b) => a.number - b.number || a.row - b.row);

  const subset = (own: readonly number[]): SortedKeys => ({
    length: own.length,
    size: (index) => rows.size(own[index]!),
    bytes: (index) => rows.bytes(own[index]!),
  });
  const trie = buildTrie(subset(trieRows));
  const firstExact = trieRows.length + numbers.length;
  const firstPrefix = firstExact + exactRows.length;
  const distinct = numbers.flatMap(({ number }, at) => (at > 0 && numbers[at - 1]!.number === number ? [] : [at]));
  const sections: Section[] = [
    { name: `${name}.trie`, data: trieRows.length === 0 ? new Uint32Array(0) : trie.nodes },
    { name: `${name}.numbers`, data: Float64Array.from(distinct, (at) => numbers[at]!.number) },
    { name: `${name}.numbers.at`, data: Uint32Array.from([...distinct, numbers.length], (at) => trieRows.length + at) },
    ...packKeyTable(`${name}.exact`, subset(exactRows), firstExact),
    ...packKeyTable(`${name}.prefix`, subset(prefixRows), firstPrefix),
  ];
  const order = new Uint32Array(rows.length);
  trie.order.forEach((at, value) => (order[value] = trieRows[at]!));
  numbers.forEach(({ row }, at) => (order[trieRows.length + at] = row));
  exactRows.forEach((row, at) => (order[firstExact + at] = row));
  prefixRows.forEach((row, at) => (order[firstPrefix + at] = row));
  return { sections, order };
}

export class PrefixIndex {
  readonly #trie: PrefixTrie;
  readonly #numbers: Float64Array;
  readonly #numberValues: Uint32Array;
  readonly #exact: KeyTable;
  readonly #prefixes: KeyTable;

  constructor(container: Container, name: string) {
    this.#trie = new PrefixTrie(container.uint32(`${name}.trie`));
    this.#numbers = container.float64(`${name}.numbers`);
    this.#numberValues = container.uint32(`${name}.numbers.at`);
    this.#exact = new KeyTable(container, `${name}.exact`);
    this.#prefixes = new KeyTable(container, `${name}.prefix`);
  }

  /** Adds the values of every prefix of the key and of the whole key. Of the trie's prefixes the shortest come first. Allocates nothing. */
  collect(key: Key, sink: RunSink): void {
    this.collectPrefixes(key.units, sink);
    this.#collectExact(key, sink);
  }

  collectPrefixes(units: string, sink: RunSink): void {
    this.#trie.collect(units, sink);
    if (this.#prefixes.length > 0) this.#prefixes.collectPrefixes(units, sink);
  }

  #collectExact({ units, number }: Key, sink: RunSink): void {
    if (this.#numbers.length > 0) {
      const at = findNumber(this.#numbers, number);
      if (at >= 0) sink.add(this.#numberValues[at]!, this.#numberValues[at + 1]!, units.length);
    }
    if (this.#exact.length > 0) this.#exact.collectExact(units, sink);
  }

  /** Every key with its run of values. */
  forEach(visit: (units: string, isPrefix: boolean, start: number, end: number) => void): void {
    this.#trie.forEach((units, start, end) => visit(units, true, start, end));
    this.#numbers.forEach((number, at) =>
      visit(numberToE164(number), false, this.#numberValues[at]!, this.#numberValues[at + 1]!),
    );
    this.#exact.forEach((units, start, end) => visit(units, false, start, end));
    this.#prefixes.forEach((units, start, end) => visit(units, true, start, end));
  }
}

const FIRST_CAPACITY = 64;
const RUN_WORDS = 3;

/** Runs of values that a look-up found: where each begins and ends, and how long its key is. Used again for the next look-up. */
export class Runs implements RunSink {
  length = 0;
  #words = new Uint32Array(FIRST_CAPACITY * RUN_WORDS);

  clear(): void {
    this.length = 0;
  }

  add(start: number, end: number, keyLength: number): void {
    const at = this.length * RUN_WORDS;
    if (at === this.#words.length) {
      const wider = new Uint32Array(at * 2);
      wider.set(this.#words);
      this.#words = wider;
    }
    this.#words[at] = start;
    this.#words[at + 1] = end;
    this.#words[at + 2] = keyLength;
    this.length++;
  }

  start(run: number): number {
    return this.#words[run * RUN_WORDS]!;
  }

  end(run: number): number {
    return this.#words[run * RUN_WORDS + 1]!;
  }

  keyLength(run: number): number {
    return this.#words[run * RUN_WORDS + 2]!;
  }
}
