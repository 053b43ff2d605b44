/**
 * Any keys, sorted, each with a run of values: found whole by bisection, and as prefixes of a longer key through each key's longest
 * proper prefix in the table. (The greatest key that is not after the one looked for begins with every prefix of it that is there.)
 */
import type { Container, Section } from "./container.ts";
import { PackedStrings, packStrings } from "./strings.ts";
import type { RunSink, SortedKeys } from "./prefix-trie.ts";

const NONE = 0xffffffff;

/** @param keys sorted; several values under one key lie side by side. @param firstValue the number of the first key's value; the rest follow. */
export function packKeyTable(name: string, keys: SortedKeys, firstValue = 0): Section[] {
  const texts: Uint8Array[] = [];
  const starts: number[] = [];
  const parents: number[] = [];
  /** The keys that the present one begins with. */
  let open: number[] = [];
  for (let key = 0; key < keys.length; key++) {
    const text = keys.bytes(key);
    const previous = texts[texts.length - 1];
    if (previous !== undefined && previous.length === text.length && startsWith(text, previous)) continue;
    open = open.filter((index) => startsWith(text, texts[index]!));
    parents.push(open[open.length - 1] ?? NONE);
    open.push(texts.length);
    texts.push(text);
    starts.push(firstValue + key);
  }
  if (texts.length === 0) return [];
  return [
    ...packStrings(name, texts),
    { name: `${name}.values`, data: Uint32Array.from([...starts, firstValue + keys.length]) },
    { name: `${name}.parents`, data: Uint32Array.from(parents) },
  ];
}

function startsWith(text: Uint8Array, prefix: Uint8Array): boolean {
  if (prefix.length > text.length) return false;
  for (let at = 0; at < prefix.length; at++) if (text[at] !== prefix[at]) return false;
  return true;
}

export class KeyTable {
  readonly length: number;
  readonly #keys: PackedStrings;
  readonly #values: Uint32Array;
  readonly #parents: Uint32Array;

  constructor(container: Container, name: string) {
    this.#keys = new PackedStrings(container, name);
    this.#values = container.uint32(`${name}.values`);
    this.#parents = container.uint32(`${name}.parents`);
    this.length = Math.min(this.#keys.length, this.#parents.length, Math.max(0, this.#values.length - 1));
  }

  /** The index of the greatest key that is not after the units; -1: all are. */
  #floor(units: string): number {
    let low = 0;
    let high = this.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      if (this.#keys.compare(middle, units) <= 0) low = middle + 1;
      else high = middle - 1;
    }
    return high;
  }

  /** The number of the first value under the whole key; -1: there is no such key. */
  find(units: string): number {
    const index = this.#floor(units);
    return index >= 0 && this.#keys.compare(index, units) === 0 ? this.#values[index]! : -1;
  }

  /** Adds the values of the whole key alone. */
  collectExact(units: string, sink: RunSink): void {
    const index = this.#floor(units);
    if (index >= 0 && this.#keys.compare(index, units) === 0)
      sink.add(this.#values[index]!, this.#values[index + 1]!, units.length);
  }

  /** Adds the values of every prefix of the key, the longest first. */
  collectPrefixes(units: string, sink: RunSink): void {
    let index = this.#floor(units);
    while (index >= 0 && !this.#keys.isPrefixOf(index, units)) index = this.#parent(index);
    for (; index >= 0; index = this.#parent(index))
      sink.add(this.#values[index]!, this.#values[index + 1]!, this.#keys.size(index));
  }

  /** Always a smaller index, whatever the bytes say, so that every walk ends. */
  #parent(index: number): number {
    const parent = this.#parents[index]!;
    return parent < index ? parent : -1;
  }

  forEach(visit: (units: string, start: number, end: number) => void): void {
    for (let index = 0; index < this.length; index++)
      visit(this.#keys.units(index), this.#values[index]!, this.#values[index + 1]!);
  }
}
