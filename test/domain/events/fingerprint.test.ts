import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fingerprintOf, hash120 } from "../../../domain/events/fingerprint.ts";

const HASHES = 20_000;
const ALPHABET = 64;

describe("[ING-5] a fingerprint", () => {
  it("differs where tenant, source or id do", () => {
    const part = fc.string({ unit: fc.constantFrom("a", "b", " ", "/", "ü"), maxLength: 9 });
    const identity = fc.tuple(fc.constantFrom("acme", "acme-2"), part, part);
    fc.assert(
      fc.property(identity, identity, (one, other) => {
        const same = one.every((text, index) => text === other[index]);
        return (fingerprintOf(...one) === fingerprintOf(...other)) === same;
      }),
    );
  });

  it("of ids that are counted is spread evenly in every place", () => {
    const counts = Array.from({ length: 20 }, () => new Map<string, number>());
    const seen = new Set<string>();
    for (let i = 0; i < HASHES; i++) {
      const hash = hash120(`/pbx/1\ncall-${i}`);
      seen.add(hash.slice(0, 10)).add(hash.slice(10));
      for (const [place, character] of [...hash].entries())
        counts[place]!.set(character, (counts[place]!.get(character) ?? 0) + 1);
    }
    expect(seen.size).toBe(2 * HASHES);
    const expected = HASHES / ALPHABET;
    for (const places of counts) {
      expect(places.size).toBe(ALPHABET);
      // Five standard deviations of a fair draw.
      expect(Math.max(...[...places.values()].map((count) => Math.abs(count - expected)))).toBeLessThan(
        5 * Math.sqrt(expected),
      );
    }
  });

  it("is the same for ever", () => {
    expect(["", "a", "abcdefgh", "abcdefghi", "ü€😀x"].map(hash120)).toEqual([
      "AAAAAAAAAAAAAAAAAAAA",
      "AzuxlzO9P4zO9P4zO9P4",
      "bDV2VjfiYop20jDQhRxF",
      "F6PXMN-7khBNOe47n9t3",
      "nigkIwfKT1TG5MDWbKUZ",
    ]);
    expect(fingerprintOf("acme", "/pbx/frankfurt/node-3", "3f2c9a1e-aaaa-4bbb-8ccc-100000000005")).toBe(
      "acme iCW12N6OcMgZ5VqTaoKI",
    );
  });
});
