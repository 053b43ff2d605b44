import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TERM_PAGE_BYTES, TermIndexBuilder } from "../../../../domain/events/index/term-builder.ts";
import {
  type TermDirectory,
  type TermQuery,
  openDirectory,
  packDirectory,
  pagesFor,
  readPages,
} from "../../../../domain/events/index/terms.ts";
import { TERM_KINDS, type TermKind } from "../../../../domain/events/segment.ts";

type Pair = readonly [kind: TermKind, value: string, block: number];
type Index = { readonly bytes: Uint8Array; readonly directory: TermDirectory };

const BLOCKS = 40;
/** Any code units, unpaired surrogates among them, and values that begin alike. */
const values = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.string({ unit: fc.constantFrom("a", "b", "é", "\u{1f4de}", "\ud800", " ", "\u0000"), maxLength: 6 }),
  fc.integer({ min: 0, max: 400 }).map((number) => `+1555000${number}`),
);
const pairs = fc.array(fc.tuple(fc.constantFrom(...TERM_KINDS), values, fc.nat(BLOCKS - 1)), { maxLength: 400 });

function build(all: readonly Pair[]): Index {
  const builder = new TermIndexBuilder();
  for (const [kind, value, block] of [...all].sort((a, b) => a[2] - b[2])) builder.add(kind, value, block);
  const { bytes, directory } = builder.finish();
  return { bytes, directory: openDirectory(packDirectory(directory))! };
}

/** Through the one range that has to be read. */
function find({ bytes, directory }: Index, query: TermQuery): number[] | "damaged" {
  const range = pagesFor(directory, query);
  if (range === null) return [];
  const found = readPages(bytes.slice(range.offset, range.offset + range.length), directory, range, query);
  return found.ok ? found.value : found.error;
}

function blocksOf(all: readonly Pair[], kind: TermKind, isWanted: (value: string) => boolean): number[] {
  const blocks = all.filter(([of, value]) => of === kind && isWanted(value)).map(([, , block]) => block);
  return [...new Set(blocks)].sort((a, b) => a - b);
}

const exact = (kind: TermKind, value: string): TermQuery => ({ kind, match: { tag: "exact", value } });
const prefix = (kind: TermKind, value: string): TermQuery => ({ kind, match: { tag: "prefix", value } });

/** So many that there are many pages. */
const MANY: readonly Pair[] = Array.from({ length: 20_000 }, (_, number): Pair => {
  const kind = TERM_KINDS[number % 3]!;
  return [kind, `${kind === "call" ? "call-é-" : "+1555"}${String(number).padStart(7, "0")}`, Math.floor(number / 100)];
});
const many = build(MANY);

describe("a term index", () => {
  it("[STO-3] finds of each value exactly the blocks that were added, and of others none", () => {
    fc.assert(
      fc.property(pairs, values, (all, other) => {
        const index = build(all);
        for (const [kind, value] of [...all, ["call", other] as const])
          expect(find(index, exact(kind, value))).toEqual(blocksOf(all, kind, (known) => known === value));
      }),
      { numRuns: 60 },
    );
  });

  it("[QRY-2] finds of a prefix the blocks of all values that begin with it", () => {
    fc.assert(
      fc.property(pairs, values, fc.nat(4), (all, other, length) => {
        const index = build(all);
        const beginnings = all.map(([kind, value]): readonly [TermKind, string] => [kind, value.slice(0, length)]);
        for (const [kind, beginning] of [...beginnings, ["caller", other] as const, ["callee", ""] as const])
          expect(find(index, prefix(kind, beginning))).toEqual(blocksOf(all, kind, (value) => value.startsWith(beginning)));
      }),
      { numRuns: 60 },
    );
  });

  it("[QRY-6] reads one page for a value, wherever in many pages it stands", () => {
    expect(many.directory.pages.length).toBeGreaterThan(20);
    for (const [kind, value, block] of MANY.filter((_, number) => number % 37 === 0)) {
      const range = pagesFor(many.directory, exact(kind, value))!;
      expect(range.pages.to - range.pages.from).toBe(1);
      expect(range.length).toBeLessThan(TERM_PAGE_BYTES + 100);
      expect(find(many, exact(kind, value))).toEqual([block]);
    }
  });

  it("answers for a prefix over the border of pages, and of kinds", () => {
    for (const beginning of ["+1555", "+155500001", "+15550019", "+1555001999", "+2", ""])
      expect(find(many, prefix("callee", beginning))).toEqual(blocksOf(MANY, "callee", (value) => value.startsWith(beginning)));
  });

  it("says without a read that a value before all others is not there", () => {
    expect(pagesFor(many.directory, exact("call", "a"))).toBeNull();
    expect(pagesFor(build([]).directory, prefix("caller", ""))).toBeNull();
  });

  it("[STO-7] notices a page that is damaged or cut off, and reads the others", () => {
    const query = exact("caller", "+15550001000");
    const range = pagesFor(many.directory, query)!;
    for (const at of [0, 1, range.length >> 1, range.length - 1]) {
      const bytes = many.bytes.slice();
      bytes[range.offset + at]! ^= 0x10;
      expect(find({ ...many, bytes }, query)).toBe("damaged");
      expect(find({ ...many, bytes }, exact("callee", "+15550001001"))).toEqual([10]);
    }
    expect(find({ ...many, bytes: many.bytes.slice(0, range.offset + range.length - 1) }, query)).toBe("damaged");
  });

  it("[STO-4] has the same bytes for the same pairs, and counts its terms", () => {
    expect(build(MANY).bytes).toEqual(many.bytes);
    const builder = new TermIndexBuilder();
    for (const block of [0, 0, 1, 7]) builder.add("call", "one", block);
    builder.add("caller", "one", 7);
    expect(builder.terms).toBe(2);
  });

  it("never throws on a directory that is none", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const directory = openDirectory(bytes);
        expect(directory === null || directory.pages.length <= bytes.length).toBe(true);
      }),
    );
  });
});
