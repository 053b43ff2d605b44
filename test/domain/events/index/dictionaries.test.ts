import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DictionaryBuilder, MAX_DICTIONARY, OTHER_VALUE, bitOf, maskOf } from "../../../../domain/events/index/dictionaries.ts";
import { MAX_STAT_ROWS } from "../../../../domain/events/index/stats.ts";
import { VolumeIndex } from "../../../../domain/events/index/volume.ts";
import { DAY_BEGIN_MS, factsOfCalls } from "./volumes.ts";

function numbered(values: readonly string[]): { readonly bits: readonly number[]; readonly dictionary: string[] } {
  const builder = new DictionaryBuilder();
  const bits = values.map((value) => bitOf(builder.add(value)));
  return { bits, dictionary: builder.values() };
}

const sourceNames = (count: number) => Array.from({ length: count }, (_, number) => `/pbx/${number}`);

describe("a dictionary", () => {
  it("[QRY-2] never denies a value that is there, however many there are", () => {
    fc.assert(
      fc.property(fc.constantFrom(3, 31, 32, 33, 200, 1_100, 3_000), fc.nat(), (count, pick) => {
        const values = sourceNames(count);
        const { bits, dictionary } = numbered(values);
        const at = pick % count;
        expect(maskOf(dictionary, (value) => value === values[at]) & bits[at]!).not.toBe(0);
        expect(maskOf(dictionary, (value) => value.startsWith("/pbx/")) & bits[at]!).not.toBe(0);
      }),
    );
  });

  it("says of a value that is certainly not there that nothing holds it", () => {
    const { dictionary } = numbered(sourceNames(40));
    expect(maskOf(dictionary, (value) => value === "/pbx/40")).toBe(0);
    expect(maskOf(dictionary, (value) => value === "/pbx/3")).toBe(0b1000);
  });

  it("is bounded: what is beyond goes by one number, of which everything is possible", () => {
    const { dictionary, bits } = numbered(sourceNames(5_000));
    expect(dictionary.length).toBe(MAX_DICTIONARY);
    expect(dictionary.at(-1)).toBe(OTHER_VALUE);
    expect(maskOf(dictionary, (value) => value === "/pbx/4999")).toBe(bits[4_999]);
  });
});

describe("a segment of very many sources", () => {
  it("[QRY-11] counts them as one when each had its own rows, and everything else as it is", () => {
    const sources = 1_000;
    const events = factsOfCalls({ count: 36_000, startMs: DAY_BEGIN_MS, stepMs: 2_400, sources });
    const volume = new VolumeIndex(false);
    for (const facts of events) volume.add(facts);
    volume.closeBlock(1);
    const { stats, dictionaries } = volume.finish();
    expect(stats.length).toBeLessThan(MAX_STAT_ROWS);
    expect(new Set(stats.map(({ source }) => dictionaries.sources[source]))).toEqual(new Set([OTHER_VALUE]));
    const inbound = stats.filter(({ direction }) => dictionaries.directions[direction] === "inbound");
    expect(inbound.reduce((sum, { count }) => sum + count, 0)).toBe(
      events.filter(({ direction }) => direction === "inbound").length,
    );
  });
});
