import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Section, openContainer, packContainer } from "../../../domain/packed/container.ts";
import { Key } from "../../../domain/packed/key.ts";
import { PrefixIndex, Runs, packPrefixIndex } from "../../../domain/packed/prefix-index.ts";
import { toUnits } from "../../../domain/packed/units.ts";

type Entry = { readonly key: string; readonly isPrefix: boolean };

function packed(sections: readonly Section[]): PrefixIndex {
  const opened = openContainer(packContainer(sections));
  if (!opened.ok) throw new Error(opened.error);
  return new PrefixIndex(opened.value, "index");
}

function indexOf(entries: readonly Entry[]) {
  const rows = entries.toSorted((a, b) => (toUnits(a.key) < toUnits(b.key) ? -1 : 1));
  const bytes = rows.map(({ key }) => Uint8Array.from(toUnits(key), (unit) => unit.charCodeAt(0)));
  const { sections, order } = packPrefixIndex("index", {
    length: rows.length,
    size: (row) => bytes[row]!.length,
    bytes: (row) => bytes[row]!,
    isPrefix: (row) => rows[row]!.isPrefix,
  });
  const index = packed(sections);
  const runs = new Runs();
  const name = ({ key, isPrefix }: Entry): string => `${key}${isPrefix ? "*" : ""}`;
  return {
    /** The entries under a key, as text. */
    find: (key: string): readonly string[] => {
      runs.clear();
      index.collect(new Key(key), runs);
      const found: string[] = [];
      for (let run = 0; run < runs.length; run++)
        for (let value = runs.start(run); value < runs.end(run); value++) {
          const entry = rows[order[value]!]!;
          expect(runs.keyLength(run)).toBe(toUnits(entry.key).length);
          found.push(name(entry));
        }
      return found.sort();
    },
    all: (): readonly string[] => {
      const all: string[] = [];
      index.forEach((units, isPrefix, start, end) => {
        for (let value = start; value < end; value++) {
          expect(toUnits(rows[order[value]!]!.key)).toBe(units);
          all.push(name({ key: rows[order[value]!]!.key, isPrefix }));
        }
      });
      return all.sort();
    },
    names: rows.map(name).sort(),
  };
}

/** Short keys of few characters of every kind, so that many are prefixes of others. */
const keys = fc.oneof(
  fc.string({ unit: fc.constantFrom("+", "1", "4", "9", "#", "*"), maxLength: 6 }),
  fc.string({ unit: fc.constantFrom("4", "9", "b", "@", ".", "é", "￿", "\u{1f600}", "\ud83d"), maxLength: 5 }),
  fc.integer({ min: 1, max: 999_999_999_999_999 }).map((number) => `+${number}`),
);
const entries = fc.array(fc.record({ key: keys, isPrefix: fc.boolean() }), { maxLength: 60 });

describe("a packed prefix index", () => {
  it("finds what a look through all entries finds: every prefix, and the whole key", () => {
    fc.assert(
      fc.property(entries, fc.array(keys, { maxLength: 10 }), (all, others) => {
        const index = indexOf(all);
        for (const key of [...others, ...all.map((entry) => entry.key), ...all.map((entry) => `${entry.key}9`)]) {
          const expected = all.filter((entry) => (entry.isPrefix ? key.startsWith(entry.key) : key === entry.key));
          expect(index.find(key)).toEqual(expected.map((entry) => `${entry.key}${entry.isPrefix ? "*" : ""}`).sort());
        }
      }),
      { numRuns: 300 },
    );
  });

  it("lists every entry under its key", () => {
    fc.assert(
      fc.property(entries, (all) => {
        const index = indexOf(all);
        expect(index.all()).toEqual(index.names);
      }),
    );
  });

  it("takes an empty prefix for every key, and an empty exact key for none but itself", () => {
    const index = indexOf([
      { key: "", isPrefix: true },
      { key: "", isPrefix: false },
    ]);
    expect(index.find("+49")).toEqual(["*"]);
    expect(index.find("bob@example.com")).toEqual(["*"]);
    expect(index.find("")).toEqual(["", "*"]);
  });

  it("tells numbers apart that are alike but for leading zeros or length", () => {
    const index = indexOf(["+49", "+490", "+049", "49", "+4915112345678901"].map((key) => ({ key, isPrefix: false })));
    for (const key of ["+49", "+490", "+049", "49", "+4915112345678901"]) expect(index.find(key)).toEqual([key]);
    expect(index.find("+4")).toEqual([]);
    expect(index.find("049")).toEqual([]);
  });

  it("ends every walk, whatever the bytes say", () => {
    const words = fc.array(fc.oneof(fc.nat({ max: 20 }), fc.nat({ max: 0xffffffff })), { maxLength: 40 });
    fc.assert(
      fc.property(words, words, words, keys, (trie, parents, values, key) => {
        const index = packed([
          { name: "index.trie", data: Uint32Array.from(trie) },
          { name: "index.prefix.at", data: Uint32Array.from(values) },
          { name: "index.prefix.text", data: new Uint8Array(20).fill(0x34) },
          { name: "index.prefix.values", data: Uint32Array.from(values) },
          { name: "index.prefix.parents", data: Uint32Array.from(parents) },
          { name: "index.numbers", data: Float64Array.from(values) },
          { name: "index.numbers.at", data: Uint32Array.from(values) },
        ]);
        const runs = new Runs();
        index.collect(new Key(key), runs);
        expect(runs.length).toBeLessThan(200);
      }),
    );
  });
});
