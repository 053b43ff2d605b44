import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type DayFilter,
  DayTerms,
  FILTER_BUCKETS,
  type FilterColumn,
  MAX_FILTER_BYTES,
  MAX_FILTER_TERMS,
  bucketRange,
  daysWith,
  leftOut,
  openMonth,
  packMonth,
  placeOfTerm,
} from "../../../../domain/events/index/month-filter.ts";
import type { TermQuery } from "../../../../domain/events/index/terms.ts";
import { toUnits } from "../../../../domain/packed/units.ts";
import { TERM_KINDS, type TermKind } from "../../../../domain/events/segment.ts";

type Term = readonly [kind: TermKind, value: string];

const query = (kind: TermKind, value: string): TermQuery => ({ kind, match: { tag: "exact", value } });

function dayOf(day: string, terms: Iterable<Term>): DayFilter {
  const filter = new DayTerms();
  for (const [kind, value] of terms) filter.add(toUnits(`${kind} ${value}`));
  return filter.finish(day);
}

type Month = { readonly columns: readonly FilterColumn[]; readonly bytes: Uint8Array };

/** Through the one range that has to be read. */
function ask({ columns, bytes }: Month, [kind, value]: Term): Set<string> | null {
  const place = placeOfTerm(query(kind, value));
  const { offset, length } = bucketRange(columns, place.bucket);
  return daysWith(columns, bytes.slice(offset, offset + length), place);
}

const terms = fc.array(
  fc.tuple(
    fc.constantFrom(...TERM_KINDS),
    fc.oneof(fc.string({ unit: "binary", maxLength: 12 }), fc.stringMatching(/^\+\d{1,9}$/)),
  ),
  { maxLength: 200 },
);
const days = fc.uniqueArray(
  fc.integer({ min: 1, max: 31 }).map((day) => `2026/05/${String(day).padStart(2, "0")}`),
  { maxLength: 6 },
);

/** So many calls of one day, with a caller for each. */
function* calls(day: number, count: number): Generator<Term> {
  for (let call = 0; call < count / 2; call++) {
    yield ["call", `018f-${day}-${call}`];
    yield ["caller", `+1555${String(day * count + call).padStart(9, "0")}`];
  }
}

/** Of terms that no day has, how many days are opened. */
function falseShare(month: Month, asked: number): number {
  let opened = 0;
  for (let call = 0; call < asked; call++) opened += ask(month, ["call", `absent-${call}`])!.size;
  return opened / asked / month.columns.length;
}

describe("[QRY-6] the filter of a month", () => {
  it("names every day that has a term, whatever the terms and however the month came about", () => {
    fc.assert(
      fc.property(
        days.chain((all) => fc.tuple(...all.map((day) => fc.tuple(fc.constant(day), terms)))),
        (all) => {
          const [last, ...others] = all.map(([day, own]) => dayOf(day, own));
          const before = packMonth(others);
          const month = packMonth([...(last === undefined ? [] : [last]), ...openMonth(before.columns, before.bytes)!]);
          expect(month.bytes).toEqual(packMonth(all.map(([day, own]) => dayOf(day, own))).bytes);
          for (const [day, own] of all) for (const term of own) expect(ask(month, term)!.has(day)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each([1, 100, 1_000, 100_000])("opens at most 3 days in 100 for nothing at %i terms a day", (count) => {
    const month = packMonth([1, 2].map((day) => dayOf(`2026/05/0${day}`, calls(day, count))));
    for (const term of [...calls(1, count)].filter((_, at) => at % 97 === 0))
      expect(ask(month, term)!.has("2026/05/01")).toBe(true);
    expect(falseShare(month, 10_000)).toBeLessThan(0.03);
  });

  it("takes some 30 KiB of reading at 100,000 terms a day, and is bounded whatever a day has", () => {
    const { column } = dayOf("2026/05/01", calls(1, 100_000));
    const thirty = Array.from({ length: 30 }, () => column);
    expect(bucketRange(thirty, 0).length).toBeLessThan(31 * 1_024);
    const most = new DayTerms();
    for (let call = 0; call < MAX_FILTER_TERMS; call++) most.add(`call ${call}`);
    const [, bytes, hashes] = most.finish("2026/05/01").column;
    expect([hashes, 31 * bytes * FILTER_BUCKETS < MAX_FILTER_BYTES]).toEqual([3, true]);
    most.add("call one more");
    expect(most.finish("2026/05/01")).toEqual(leftOut("2026/05/01"));
  });

  it("says nothing of a day that was taken out of it, and the same of the others", () => {
    const given = [1, 2, 3].map((day) => dayOf(`2026/05/0${day}`, calls(day, 500)));
    const { columns, bytes } = packMonth([...given, leftOut("2026/05/04")]);
    const taken = columns.map(([day, ...rest]): FilterColumn => [day === "2026/05/02" ? "" : day, ...rest]);
    for (const day of [1, 2, 3])
      for (const term of calls(day, 500)) {
        const found = ask({ columns: taken, bytes }, term)!;
        expect([found.has(`2026/05/0${day}`), found.has("")]).toEqual([day !== 2, false]);
      }
  });

  it("[STO-7] is known to be damaged wherever it is, and by the reader of another bucket is not missed", () => {
    const { columns, bytes } = packMonth([1, 2].map((day) => dayOf(`2026/05/0${day}`, calls(day, 300))));
    const asked: Term = ["call", "018f-1-7"];
    const { offset, length } = bucketRange(columns, placeOfTerm(query(...asked)).bucket);
    for (const at of [offset, offset + 9, offset + length - 1]) {
      const damaged = bytes.slice();
      damaged[at]! ^= 1;
      expect([ask({ columns, bytes: damaged }, asked), openMonth(columns, damaged)]).toEqual([null, null]);
    }
    const elsewhere = bytes.slice();
    elsewhere[(offset + length) % bytes.length]! ^= 1;
    expect(ask({ columns, bytes: elsewhere }, asked)!.has("2026/05/01")).toBe(true);
    expect(ask({ columns, bytes: bytes.slice(0, offset + length - 1) }, asked)).toBeNull();
    expect(openMonth(columns, bytes.slice(1))).toBeNull();
  });
});
