/**
 * Prefixes of what can be dialled: a trie over `#`, `*`, `+` and the digits. A node is two words: which children it has (one bit each) with
 * the place of the first of them (they lie side by side), and where its values begin (they end where those of the next node begin).
 *
 * Behind a node's children lies all that is below the first of them, then all that is below the second: the last steps of a look-up, where
 * little is below, stay within a cache line or two, and so do the values that it finds, which have the same order.
 */
import { Uint32Column } from "./columns.ts";

const NODE_WORDS = 2;
const FIRST_VALUE = 1;
/** The upper bits of a node's first word are its children, the lower ones the first child's place. */
const CHILD_BITS = 19;
const CHILD_MASK = 2 ** CHILD_BITS - 1;
export const MAX_TRIE_NODES = 2 ** CHILD_BITS;

/** In the order of their codes, so that sorted keys come in the order of symbols. */
const SYMBOLS = "#*+0123456789";
const NO_SYMBOL = 255;
const ASCII_SIZE = 128;
const symbolOf = new Uint8Array(ASCII_SIZE).fill(NO_SYMBOL);
for (let symbol = 0; symbol < SYMBOLS.length; symbol++) symbolOf[SYMBOLS.charCodeAt(symbol)] = symbol;

/** Whether a trie can hold the key. */
export function isDiallable(units: string): boolean {
  for (let at = 0; at < units.length; at++) {
    const code = units.charCodeAt(at);
    if (code >= ASCII_SIZE || symbolOf[code] === NO_SYMBOL) return false;
  }
  return true;
}

function bitCount(bits: number): number {
  const pairs = bits - ((bits >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return (((fours + (fours >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}

/** Sorted diallable keys; one that occurs several times has several values. */
export type SortedKeys = {
  readonly length: number;
  readonly size: (index: number) => number;
  readonly bytes: (index: number) => Uint8Array;
};

/**
 * @returns the nodes, and which key (by its place among the given ones) each value belongs to.
 * @throws when there are more than `MAX_TRIE_NODES` nodes.
 */
export function buildTrie(keys: SortedKeys): { readonly nodes: Uint32Array; readonly order: Uint32Array } {
  // The keys of a node share their first `depth` characters: those from `low` to `high`.
  const low = new Uint32Column();
  const high = new Uint32Column();
  const depths = new Uint32Column();
  const links = new Uint32Column();
  const add = (from: number, to: number, depth: number): void => {
    low.push(from);
    high.push(to);
    depths.push(depth);
    links.push(0);
  };
  add(0, keys.length, 0);
  /** Nodes whose children have no place yet; the next one is the last. */
  const open = [0];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const depth = depths.at(node);
    const end = high.at(node);
    let key = low.at(node);
    while (key < end && keys.size(key) === depth) key++;
    const firstChild = low.length;
    let children = 0;
    while (key < end) {
      const from = key;
      const character = keys.bytes(key)[depth]!;
      children |= 1 << symbolOf[character]!;
      while (key < end && keys.bytes(key)[depth] === character) key++;
      add(from, key, depth + 1);
    }
    if (children !== 0) links.set(node, ((children << CHILD_BITS) | firstChild) >>> 0);
    for (let child = low.length - 1; child >= firstChild; child--) open.push(child);
  }
  if (low.length > MAX_TRIE_NODES) throw new Error("a trie of too many nodes: cut its keys into several");

  const nodes = new Uint32Array((low.length + 1) * NODE_WORDS);
  const order = new Uint32Column();
  for (let node = 0; node < low.length; node++) {
    nodes[node * NODE_WORDS] = links.at(node);
    nodes[node * NODE_WORDS + FIRST_VALUE] = order.length;
    for (let key = low.at(node); key < high.at(node) && keys.size(key) === depths.at(node); key++) order.push(key);
  }
  // The end of the last node's values.
  nodes[low.length * NODE_WORDS + FIRST_VALUE] = order.length;
  return { nodes, order: order.toArray() };
}

/** Receives a run of values: those of the key's first `length` characters. */
export type RunSink = { readonly add: (start: number, end: number, length: number) => void };

export class PrefixTrie {
  readonly #nodes: Uint32Array;

  constructor(nodes: Uint32Array) {
    this.#nodes = nodes;
  }

  /** Adds the values of every prefix of the key, the shortest first. Allocates nothing. */
  collect(units: string, sink: RunSink): void {
    const nodes = this.#nodes;
    const last = nodes.length - NODE_WORDS * 2;
    let node = 0;
    for (let depth = 0; node <= last; depth++) {
      const start = nodes[node + FIRST_VALUE]!;
      const end = nodes[node + NODE_WORDS + FIRST_VALUE]!;
      if (start < end) sink.add(start, end, depth);
      if (depth === units.length) return;
      const code = units.charCodeAt(depth);
      const symbol = code < ASCII_SIZE ? symbolOf[code]! : NO_SYMBOL;
      if (symbol === NO_SYMBOL) return;
      const word = nodes[node]!;
      const children = word >>> CHILD_BITS;
      const bit = 1 << symbol;
      if ((children & bit) === 0) return;
      node = ((word & CHILD_MASK) + bitCount(children & (bit - 1))) * NODE_WORDS;
    }
  }

  /** Every key with its run of values. */
  forEach(visit: (units: string, start: number, end: number) => void): void {
    const walk = (index: number, units: string): void => {
      const node = index * NODE_WORDS;
      const start = this.#nodes[node + FIRST_VALUE]!;
      const end = this.#nodes[node + NODE_WORDS + FIRST_VALUE]!;
      if (start < end) visit(units, start, end);
      const children = this.#nodes[node]! >>> CHILD_BITS;
      let child = this.#nodes[node]! & CHILD_MASK;
      for (let symbol = 0; symbol < SYMBOLS.length; symbol++) {
        if ((children & (1 << symbol)) === 0) continue;
        // A child comes after its parent, whatever the bytes say: every walk ends.
        if (child > index) walk(child, units + SYMBOLS[symbol]!);
        child++;
      }
    };
    if (this.#nodes.length > NODE_WORDS) walk(0, "");
  }
}
