import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openBlockTable, packBlockTable } from "../../../../domain/events/index/block-table.ts";
import { openCatalogue, packCatalogue } from "../../../../domain/events/index/catalogue-codec.ts";
import { type DayCatalogue, emptyCatalogue, withSegments } from "../../../../domain/events/index/catalogue.ts";
import { unpackStats } from "../../../../domain/events/index/stats.ts";
import { pagesFor, readPages } from "../../../../domain/events/index/terms.ts";
import { DAY_MS, mergedKey } from "../../../../domain/events/keys.ts";
import { STAT_BUCKET_MS } from "../../../../domain/events/segment.ts";
import { DAY, DAY_BEGIN_MS, factsOfCalls, segmentOf } from "./volumes.ts";

const MAX_BYTES_OF_A_BUSY_DAY = 50 * 1024;

const factsAt = (startMs: number, count: number) => factsOfCalls({ count, startMs, stepMs: 37 });
const early = segmentOf(mergedKey("acme", DAY, "hour-01-a"), factsAt(DAY_BEGIN_MS + 3_600_000, 1_000));
const late = segmentOf(mergedKey("acme", DAY, "hour-05-b"), factsAt(DAY_BEGIN_MS + 5 * 3_600_000, 300));
const INPUTS = ["metadata/indexes/shards/eu-15-0/2026/03/14/01/0.json", "metadata/indexes/shards/eu-15-1/2026/03/14/01/0.json"];
const catalogue = withSegments(emptyCatalogue("acme", DAY), { add: [late, early], inputs: [...INPUTS].reverse() });

function reopened(given: DayCatalogue): DayCatalogue {
  const opened = openCatalogue(packCatalogue(given));
  if (!opened.ok) throw new Error(opened.error);
  return opened.value;
}

const blocksOf = ({ segments }: DayCatalogue) =>
  segments.map(({ blocks }) => Array.from({ length: blocks.length }, (_, block) => [blocks.offset(block), blocks.at(block)]));

describe("a catalogue", () => {
  it("[STO-3] has everything after it was written and read that it had before", () => {
    const read = reopened(catalogue);
    expect(blocksOf(read)).toEqual(blocksOf(catalogue));
    expect(read.inputs).toEqual(INPUTS);
    for (const [place, { blocks: _, stats, terms, index: __, ...rest }] of [early, late].entries()) {
      const { blocks: ___, stats: readStats, terms: readTerms, ...readRest } = read.segments[place]!;
      expect(readRest).toEqual(rest);
      expect(readStats).toEqual(stats);
      expect(readTerms!.key).toBe(terms!.key);
      expect(readTerms!.directory).toEqual(terms!.directory);
    }
  });

  it("[STO-4] is the same bytes whatever the order of its changes, and after it was read", () => {
    const other = withSegments(withSegments(emptyCatalogue("acme", DAY), { add: [early] }), {
      add: [late, late],
      inputs: [...INPUTS, ...INPUTS],
    });
    expect(packCatalogue(other)).toEqual(packCatalogue(catalogue));
    expect(packCatalogue(reopened(catalogue))).toEqual(packCatalogue(catalogue));
    expect(packCatalogue(withSegments(catalogue, { remove: [late.key] }))).toEqual(
      packCatalogue(withSegments(emptyCatalogue("acme", DAY), { add: [early], inputs: INPUTS })),
    );
  });

  it("keeps a segment without terms, and a day without segments", () => {
    const archived = withSegments(emptyCatalogue("acme", DAY), { add: [{ ...early, level: "archive", terms: null }] });
    expect(reopened(archived).segments[0]).toMatchObject({ level: "archive", terms: null });
    expect(reopened(emptyCatalogue("acme", DAY))).toEqual(emptyCatalogue("acme", DAY));
  });

  it("[STO-7] notices any byte that is not what was written, and never throws", () => {
    const bytes = packCatalogue(catalogue);
    fc.assert(
      fc.property(
        fc.nat(bytes.length - 1),
        fc.integer({ min: 1, max: 255 }),
        fc.nat(bytes.length - 1),
        (at, change, length) => {
          const damaged = bytes.slice();
          damaged[at]! ^= change;
          expect([openCatalogue(damaged).ok, openCatalogue(bytes.slice(0, length)).ok]).toEqual([false, false]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("[QRY-6] of a day of 166,000 events is small, and leads from a number to its block", () => {
    const facts = factsOfCalls({ count: 166_000, startMs: DAY_BEGIN_MS, stepMs: DAY_MS / 166_000, sources: 2 });
    const segment = segmentOf(mergedKey("acme", DAY, "day-c"), facts);
    const bytes = packCatalogue(withSegments(emptyCatalogue("acme", DAY), { add: [segment] }));
    expect(segment.blocks.length).toBe(649);
    expect(bytes.length).toBeLessThan(MAX_BYTES_OF_A_BUSY_DAY);
    const { caller } = facts[100_000]!;
    const query = { kind: "caller", match: { tag: "exact", value: caller } } as const;
    const range = pagesFor(segment.terms!.directory, query)!;
    const read = segment.index.subarray(range.offset, range.offset + range.length);
    expect(readPages(read, segment.terms!.directory, range, query)).toMatchObject({
      ok: true,
      value: [Math.floor(100_000 / 256)],
    });
  });
});

describe("a table of blocks", () => {
  it("[EVT-13] names the blocks that may hold ids between two, and no others", () => {
    const { blocks } = early;
    const summaries = Array.from({ length: blocks.length }, (_, block) => blocks.at(block));
    const ids = [
      ...summaries.flatMap(({ minId, maxId }) => [minId, maxId]),
      "",
      "01",
      "ffffffff",
      `${summaries[1]!.minId.slice(0, 14)}`,
    ];
    for (const minId of ids)
      for (const maxId of ids) {
        const wanted = summaries.flatMap((summary, block) => (summary.minId <= maxId && summary.maxId >= minId ? [block] : []));
        const { from, to } = blocks.between(minId, maxId);
        const found = Array.from({ length: to - from }, (_, at) => from + at);
        expect(minId <= maxId ? found : []).toEqual(minId <= maxId ? wanted : []);
      }
  });

  it("never throws on bytes that are none, nor takes memory for blocks that were made up", () => {
    expect(openBlockTable(packBlockTable(early.blocks), early.blocks.length + 1)).toBeNull();
    expect(openBlockTable(packBlockTable(early.blocks), early.blocks.length - 1)).toBeNull();
    expect(openBlockTable(new Uint8Array(8), 2 ** 40)).toBeNull();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(10), (bytes, length) => {
        const table = openBlockTable(bytes, length);
        expect(table === null || table.length === length).toBe(true);
        expect((unpackStats(bytes) ?? []).length).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });
});

describe("[QRY-11] the counts of a segment", () => {
  it("are those of its events by bucket of occurrence, also when they came out of order", () => {
    const facts = factsOfCalls({ count: 5_000, startMs: DAY_BEGIN_MS, stepMs: 10_000 });
    const { stats, dictionaries } = segmentOf("x", facts);
    const wanted = Map.groupBy(facts, ({ atMs, type, direction, source }) =>
      JSON.stringify([Math.floor(atMs / STAT_BUCKET_MS), type, direction, source]),
    );
    const counted = stats.map(({ bucketMs, type, direction, source, count }) => {
      const { types, directions, sources } = dictionaries;
      return [JSON.stringify([bucketMs / STAT_BUCKET_MS, types[type], directions[direction], sources[source]]), count] as const;
    });
    expect(new Map(counted)).toEqual(new Map([...wanted].map(([key, events]) => [key, events.length])));
    expect(counted.length).toBe(wanted.size);
  });
});
