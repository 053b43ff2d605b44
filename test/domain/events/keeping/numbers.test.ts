import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { numberFinder, numberPattern } from "../../../../domain/events/keeping/numbers.ts";

const digits = fc.stringMatching(/^[0-2]{6,8}$/);
/** Few digits and much between them, so that numbers come about by chance. */
const text = fc
  .array(fc.constantFrom("0", "1", "2", "0", "1", "2", " ", "-", ".", "(", "\u2011", "/", "x", "000"), { maxLength: 40 })
  .map((pieces) => pieces.join(""));

describe("looking for numbers", () => {
  it("[KEEP-3] finds the same by stretches of digits as by patterns, which Postgres takes", () => {
    const around = fc.tuple(text, text, fc.constantFrom("", " ", "0", "x", "-(0) "));
    const cases = fc.array(digits, { minLength: 1, maxLength: 3 }).chain((numbers) => fc.tuple(fc.constant(numbers), around));
    let found = 0;
    fc.assert(
      fc.property(cases, fc.boolean(), ([numbers, [before, after, between]], isPut) => {
        const said = isPut
          ? before + between + numbers[0]!.split("").join(after.slice(0, 2).replaceAll(/\d/g, "")) + after
          : before + after;
        const expected = numberPattern(numbers).test(said);
        found += Number(expected);
        expect([said, numberFinder(numbers)(said)]).toEqual([said, expected]);
      }),
      { numRuns: 200 },
    );
    expect(found).toBeGreaterThan(10);
  });

  it("[KEEP-3] takes time by the length of the text alone", () => {
    const find = numberFinder(Array.from({ length: 100 }, (_, index) => String(4_915_112_345_678 + index)));
    const long = `${"4 ".repeat(10_000)}${"4915".repeat(5_000)}-${"0".repeat(10_000)}`;
    const startedMs = performance.now();
    expect(find(long)).toBe(false);
    expect(performance.now() - startedMs).toBeLessThan(1_000);
  });
});
