/** Following a chain: whether what is there is what was written, and nothing beside it. Pure: hashes come in as a function. */
import { type AuditEntry, FIRST_HASH, entryText } from "./entry.ts";

export type ChainFault =
  /** Nothing has this sequence, though others come behind it, or the end of the chain does. */
  | { readonly tag: "missing"; readonly sequence: number }
  /** What is there is not what its hash is over. */
  | { readonly tag: "altered"; readonly sequence: number }
  /** It is sound by itself and does not follow from the one before it: one of them was written anew. */
  | { readonly tag: "unlinked"; readonly sequence: number }
  /** It stands behind one that comes after it, or is there twice. */
  | { readonly tag: "out_of_place"; readonly sequence: number }
  /** Nothing was ever written there. */
  | { readonly tag: "inserted"; readonly sequence: number }
  /** Sound by itself, and another one was written there: the chain was written anew from here or before. */
  | { readonly tag: "rewritten"; readonly sequence: number };

export type Walked = { readonly fault: ChainFault | null; readonly entries: number; readonly lastSequence: number };

/** The hash of an entry that is known from elsewhere, as from the object that wrote it. */
export type Known = { readonly sequence: number; readonly hash: string };

export type WalkOptions = {
  /** SHA-256 of a text's UTF-8, lower-case hex. */
  readonly hashOf: (text: string) => string | Promise<string>;
  /** The walk begins wherever the first entry is: what is before it is not asked for. */
  readonly isPart?: boolean;
  /** There have to be entries up to here. */
  readonly atLeast?: number;
  /** There cannot be entries behind it. */
  readonly atMost?: number;
  /** Entries that are known from elsewhere, as the end of the chain. */
  readonly known?: readonly Known[];
};

/**
 * Walks along the entries of one chain in the order in which they come, to the first fault.
 * @returns the fault with the place where it was seen: what is behind it has not been looked at.
 */
export async function walkChain(
  entries: AsyncIterable<AuditEntry> | Iterable<AuditEntry>,
  { hashOf, isPart = false, atLeast = 0, atMost = Number.POSITIVE_INFINITY, known = [] }: WalkOptions,
): Promise<Walked> {
  const hashes = new Map(known.map(({ sequence, hash }) => [sequence, hash]));
  let last: Known | null = isPart ? null : { sequence: 0, hash: FIRST_HASH };
  let gap: number | null = null;
  let count = 0;
  const at = (fault: ChainFault | null): Walked => ({ fault, entries: count, lastSequence: last?.sequence ?? 0 });
  for await (const entry of entries) {
    const { sequence } = entry;
    // What is not where it should be may still come: then it is out of place, and not missing.
    if (gap !== null) {
      if (sequence === gap) return at({ tag: "out_of_place", sequence });
      continue;
    }
    if (sequence > atMost && (last?.sequence ?? atLeast) >= atLeast) return at({ tag: "inserted", sequence });
    if (last !== null && sequence <= last.sequence) return at({ tag: "out_of_place", sequence });
    if (last !== null && sequence > last.sequence + 1) {
      gap = last.sequence + 1;
      continue;
    }
    if ((await hashOf(entryText(entry))) !== entry.hash) return at({ tag: "altered", sequence });
    if (last !== null && entry.previousHash !== last.hash) return at({ tag: "unlinked", sequence });
    const other = hashes.get(sequence);
    if (other !== undefined && other !== entry.hash) return at({ tag: "rewritten", sequence });
    last = { sequence, hash: entry.hash };
    count += 1;
  }
  if (gap !== null) return at({ tag: "missing", sequence: gap });
  if (last !== null && last.sequence < atLeast) return at({ tag: "missing", sequence: last.sequence + 1 });
  return at(null);
}
