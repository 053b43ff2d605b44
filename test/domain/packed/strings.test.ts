import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UnitsColumn } from "../../../domain/packed/columns.ts";
import { openContainer, packContainer } from "../../../domain/packed/container.ts";
import { e164ToNumber, findNumber, numberToE164 } from "../../../domain/packed/number-set.ts";
import { PackedStrings, packStrings } from "../../../domain/packed/strings.ts";
import { fromUnits, toUnits } from "../../../domain/packed/units.ts";

/** Any UTF-16 at all, halves of pairs included. */
const texts = fc.string({ unit: fc.nat({ max: 0xffff }).map((code) => String.fromCharCode(code)), maxLength: 20 });
const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

describe("text as units", () => {
  it("comes back as it was, in the same order, and begins with the same text", () => {
    fc.assert(
      fc.property(texts, texts, (a, b) => {
        expect(fromUnits(toUnits(a))).toBe(a);
        expect(order(toUnits(a), toUnits(b))).toBe(order(a, b));
        expect(toUnits(a + b).startsWith(toUnits(a))).toBe(true);
        expect(toUnits(a).startsWith(toUnits(b))).toBe(a.startsWith(b));
      }),
    );
  });

  it("is bytes", () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect([...toUnits(text)].every((unit) => unit.charCodeAt(0) < 256)).toBe(true);
      }),
    );
  });
});

describe("packed strings and their column", () => {
  it("give back what was put in, by index", () => {
    fc.assert(
      fc.property(fc.array(texts), (all) => {
        const column = new UnitsColumn();
        for (const text of all) column.push(toUnits(text));
        const opened = openContainer(
          packContainer(
            packStrings(
              "text",
              all.map((_, index) => column.bytes(index)),
            ),
          ),
        );
        if (!opened.ok) throw new Error(opened.error);
        const strings = new PackedStrings(opened.value, "text");
        expect(all.map((_, index) => strings.at(index))).toEqual(all);
        expect(all.map((_, index) => fromUnits(column.at(index)))).toEqual(all);
        for (let index = 1; index < all.length; index++)
          expect(Math.sign(column.compare(index - 1, index))).toBe(order(all[index - 1]!, all[index]!));
        expect(strings.at(all.length)).toBe("");
      }),
    );
  });

  it("keep texts that are longer than a block", () => {
    const column = new UnitsColumn();
    for (const text of ["a", "b".repeat(100_000), "", "c"]) column.push(text);
    expect([0, 1, 2, 3].map((index) => column.at(index))).toEqual(["a", "b".repeat(100_000), "", "c"]);
  });
});

describe("numbers in E.164", () => {
  it("are exact as numbers up to fifteen digits", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999_999_999_999_999 }), (number) => {
        expect(numberToE164(e164ToNumber(`+${number}`))).toBe(`+${number}`);
      }),
    );
    for (const text of ["", "+", "49", "+0", "+049", "+49a", "+1234567890123456", "bob@example.com", "+４９"])
      expect(e164ToNumber(text)).toBeNaN();
  });

  it("are found where they are, and nowhere else", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 60 })), (numbers) => {
        const sorted = Float64Array.from(numbers).sort();
        for (let number = 0; number <= 61; number++) expect(findNumber(sorted, number)).toBe(sorted.indexOf(number));
        expect(findNumber(sorted, Number.NaN)).toBe(-1);
      }),
    );
  });
});
