import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Block,
  EVENTS_PER_BLOCK,
  MAX_BLOCK_UNITS,
  MAX_EVENTS_PER_SEGMENT,
  type Manifest,
  type SegmentInfo,
  blocksInRange,
  cutBlocks,
  planSegments,
  readManifest,
  sharesOf,
  sortRun,
  withSegment,
} from "../../../domain/events/segment.ts";
import { hourOf, manifestKey, segmentKey } from "../../../domain/events/keys.ts";
import { runKey } from "../../../domain/events/stored.ts";
import { type EventId, timeOfId } from "../../../domain/shared/ids.ts";
import { entriesFrom } from "./entries.ts";

const START_MS = Date.parse("2026-02-28T23:30:00.000Z");
const SHARD = "eu-0-3";
const plan = (entries: Parameters<typeof planSegments>[2]) => planSegments(SHARD, 12, entries);

describe("[EVT-5] what a head becomes", () => {
  it("does not depend on the order in which the events came, or on repetitions", () => {
    const entries = entriesFrom(START_MS, 300, 20_000);
    const planned = plan(entries);
    fc.assert(
      fc.property(fc.shuffledSubarray(entries, { minLength: entries.length }), fc.subarray(entries), (shuffled, repeated) => {
        expect(plan([...shuffled, ...repeated])).toEqual(planned);
      }),
      { numRuns: 30 },
    );
  });

  it("is every event once, in the order of the ids", () => {
    const entries = entriesFrom(START_MS, 9_000, 100);
    const lines = plan(entries.toReversed()).flatMap(({ blocks }) => blocks.flat());
    expect(lines.map(({ line }) => line)).toEqual(entries.map(({ line }) => line));
  });

  it("[STO-1] has the events of a tenant side by side, also where one name begins with another", () => {
    const tenants = ["acme", "acme-2", "a", "zeta"];
    const entries = entriesFrom(START_MS, 3_000, 100, tenants);
    const run = plan(entries).flatMap(({ blocks }) => blocks.flat());
    const keys = run.map(({ facts }) => runKey(facts.tenant, facts.id));
    expect(keys.toSorted()).toEqual(keys);
    expect([...new Set(run.map(({ facts }) => facts.tenant))]).toEqual(["a", "acme", "acme-2", "zeta"]);
    expect(run).toHaveLength(3_000);
  });

  it("[STO-1] is counted in a bounded number of rows, however various one tenant is", () => {
    const lines = entriesFrom(START_MS, 2_000, 1_000).map(({ line }, index) => line.replace("call.ringing", `type-${index}`));
    const { stats, count } = sharesOf(sortRun(lines))["acme"]!;
    expect(stats.length).toBeLessThan(520);
    expect([count, stats.reduce((sum, row) => sum + row[5], 0)]).toEqual([2_000, 2_000]);
  });

  it("[STO-1] is counted by tenant and by the quarter of an hour in which its events happened", () => {
    const entries = entriesFrom(START_MS, 96, 60_000, ["acme", "zeta"]);
    const shares = sharesOf(plan(entries).flatMap(({ blocks }) => blocks.flat()));
    const source = "/tenants/acme/calls";
    expect(shares["acme"]).toMatchObject({ count: 48, minAtMs: START_MS, maxAtMs: START_MS + 87 * 60_000 });
    expect(shares["acme"]!.stats[0]).toEqual([START_MS, "call.ringing", "", "", source, 8]);
    expect(shares["acme"]!.stats.reduce((sum, row) => sum + row[5], 0)).toBe(48);
    const own = entries.filter(({ line }) => line.includes('"/tenants/acme/'));
    expect(shares["acme"]!.units).toBe(own.reduce((sum, { line }) => sum + line.length, 0));
  });

  it("is nothing when there is nothing", () => {
    expect(plan([])).toEqual([]);
  });
});

describe("[EVT-6] the partition", () => {
  it("is the UTC hour of the id, so that an id tells where its event lies", () => {
    const planned = plan(entriesFrom(START_MS, 300, 20_000));
    expect(planned.map(({ hour }) => hour)).toEqual(["2026/02/28/23", "2026/03/01/00", "2026/03/01/01"]);
    for (const { hour, key, blocks } of planned) {
      expect(key).toBe(`events/${hour}/eu-0-3-000000000012-0.jsonl.gz`);
      for (const { facts } of blocks.flat()) expect(hourOf(timeOfId(facts.id))).toBe(hour);
    }
  });

  it("has names that sort by time and by generation", () => {
    expect(hourOf(Date.parse("2026-12-31T23:59:59.999Z"))).toBe("2026/12/31/23");
    expect(segmentKey(SHARD, "2026/03/01/00", 9, 0) < segmentKey(SHARD, "2026/03/01/00", 10, 0)).toBe(true);
    expect(manifestKey(SHARD, "2026/03/01/00", 2)).toBe("metadata/indexes/shards/eu-0-3/2026/03/01/00/2.json");
  });
});

describe("[EVT-7] segments and blocks", () => {
  it("are bounded and full but for the last, and have names of their own", () => {
    const planned = plan(entriesFrom(START_MS, 2 * MAX_EVENTS_PER_SEGMENT + 808, 0));
    expect(planned.map(({ blocks }) => blocks.flat().length)).toEqual([MAX_EVENTS_PER_SEGMENT, MAX_EVENTS_PER_SEGMENT, 808]);
    expect(new Set(planned.map(({ key }) => key)).size).toBe(3);
    for (const { blocks } of planned) {
      for (const block of blocks.slice(0, -1)) expect(block).toHaveLength(EVENTS_PER_BLOCK);
      expect(blocks.at(-1)!.length).toBeLessThanOrEqual(EVENTS_PER_BLOCK);
      expect(blocks.at(-1)!.length).toBeGreaterThan(0);
    }
  });

  it("[STO-1] have no more text than may be held, and no less than they could", () => {
    const [stored] = plan(entriesFrom(START_MS, 1, 0))[0]!.blocks[0]!;
    const unitsOf = (block: readonly { readonly line: string }[]) => block.reduce((sum, { line }) => sum + line.length, 0);
    const texts = Array.from({ length: 64 }, (_, kib) => "x".repeat((kib + 1) * 1024));
    const sizes = fc.array(fc.constantFrom("x", ...texts), { maxLength: 300, size: "max" });
    fc.assert(
      fc.property(sizes, (lines) => {
        const run = lines.map((line) => ({ facts: stored!.facts, line }));
        const blocks = cutBlocks(run);
        expect(blocks.flat()).toEqual(run);
        for (const [at, block] of blocks.entries()) {
          expect(block.length <= EVENTS_PER_BLOCK && unitsOf(block) <= MAX_BLOCK_UNITS).toBe(true);
          const next = blocks[at + 1]?.[0];
          const fits = next !== undefined && block.length < EVENTS_PER_BLOCK;
          expect(fits && unitsOf([...block, next]) <= MAX_BLOCK_UNITS).toBe(false);
        }
      }),
      { numRuns: 40 },
    );
    const long = { facts: stored!.facts, line: "x".repeat(MAX_BLOCK_UNITS + 1) };
    expect(cutBlocks([stored!, long, stored!]).map(({ length }) => length)).toEqual([1, 1, 1]);
  });
});

const segment = (key: string, bytes = 1): SegmentInfo => ({
  key,
  bytes,
  count: 1,
  minId: "a" as EventId,
  maxId: "b" as EventId,
  blocks: [],
});
const EMPTY: Manifest = { format: 2, shard: SHARD, hour: "2026/03/01/00", segments: [] };

describe("[EVT-10] a manifest", () => {
  it("names every segment once, however often a flush is repeated", () => {
    const keys = fc.array(fc.constantFrom("s1", "s2", "s3"), { maxLength: 10 });
    fc.assert(
      fc.property(keys, (flushed) => {
        const manifest = flushed.reduce((known, key) => withSegment(known, segment(key)), EMPTY);
        expect(manifest.segments.map(({ key }) => key).sort()).toEqual([...new Set(flushed)].sort());
        for (const known of manifest.segments) {
          expect(withSegment(manifest, known).segments).toHaveLength(manifest.segments.length);
        }
      }),
    );
  });

  it("has the last word about a segment that is written again", () => {
    const manifest = withSegment(withSegment(EMPTY, segment("s1", 1)), segment("s1", 2));
    expect(manifest.segments).toEqual([segment("s1", 2)]);
    expect(EMPTY.segments).toEqual([]);
  });

  it("[STO-1] of format 1 says nothing of tenants and calls: every block may hold anything", () => {
    const { blocks: _blocks, ...rest } = segment("s1");
    const block = { offset: 3, length: 7, count: 2, minId: "a" as EventId, maxId: "b" as EventId };
    const old = { ...EMPTY, format: 1 as const, segments: [{ ...rest, blocks: [block], subjects: "AAAA" }] };
    const [read] = readManifest(old).segments;
    expect(read).toMatchObject({ key: "s1", count: 1, blocks: [{ offset: 3, length: 7, count: 2 }] });
    expect(read!.tenants).toBeUndefined();
    expect(blocksInRange(read!, runKey("zeta", "f"), runKey("zeta", "f"))).toHaveLength(1);
    expect(blocksInRange(read!, runKey("0", "0"), runKey("0", "0"))).toHaveLength(1);
  });
});

describe("[EVT-13] looking for a range of ids", () => {
  it("opens every block that holds one of them, and none that lies outside", () => {
    const entries = entriesFrom(START_MS, 1_500, 1);
    const blocks = plan(entries).flatMap((planned) =>
      planned.blocks.map((own): Block => ({
        offset: 0,
        length: 0,
        count: own.length,
        first: runKey("acme", own[0]!.facts.id),
        last: runKey("acme", own.at(-1)!.facts.id),
      })),
    );
    fc.assert(
      fc.property(fc.nat({ max: 1_499 }), fc.nat({ max: 1_499 }), (one, other) => {
        const [first, last] = [Math.min(one, other), Math.max(one, other)];
        const found = blocksInRange(
          { ...segment("s"), blocks },
          runKey("acme", entries[first]!.id),
          runKey("acme", entries[last]!.id),
        );
        const wanted = Array.from({ length: last - first + 1 }, (_, index) => Math.floor((first + index) / EVENTS_PER_BLOCK));
        expect(found).toEqual([...new Set(wanted)].map((index) => blocks[index]));
      }),
    );
  });
});
