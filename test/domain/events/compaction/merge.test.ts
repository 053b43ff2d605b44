import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_MERGE_INPUTS, type Run, mergeRuns } from "../../../../domain/events/compaction/merge.ts";
import { EVENTS_PER_BLOCK } from "../../../../domain/events/segment.ts";
import { type StoredLine, factsOf, parseStored } from "../../../../domain/events/stored.ts";

function lineOf(number: number, text = ""): StoredLine {
  const id = `0198f6a1-${String(number).padStart(4, "0")}-7000-8000-000000000000`;
  const line = JSON.stringify({ id, source: "/tenants/acme/calls", type: "x", time: "2026-01-01T00:00:00Z", text });
  return { facts: factsOf(parseStored(line)), line };
}

/** In pieces of some size; tells when it is closed. */
async function* runOf(numbers: readonly number[], size: number, closed: () => void = () => {}): AsyncGenerator<StoredLine[]> {
  try {
    for (let at = 0; at < numbers.length; at += size) yield numbers.slice(at, at + size).map((number) => lineOf(number));
  } finally {
    closed();
  }
}

async function idsOf(runs: readonly Run[]): Promise<string[]> {
  const ids: string[] = [];
  for await (const piece of mergeRuns(runs)) ids.push(...piece.map(({ facts }) => facts.id));
  return ids;
}

const numbers = fc.uniqueArray(fc.nat(400), { maxLength: 60 }).map((all) => all.sort((a, b) => a - b));

describe("[STO-3] merging runs", () => {
  it("gives the sorted union, each event once, whatever the pieces", async () => {
    const runs = fc.array(fc.tuple(numbers, fc.integer({ min: 1, max: 7 })), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(runs, async (given) => {
        const union = [...new Set(given.flatMap(([all]) => all))].sort((a, b) => a - b);
        const merged = await idsOf(given.map(([all, size]) => runOf(all, size)));
        expect(merged).toEqual(union.map((number) => lineOf(number).facts.id));
      }),
      { numRuns: 200 },
    );
  });

  it("keeps the copy of the earlier run, however the runs are cut", async () => {
    async function* one(text: string, size: number): AsyncGenerator<StoredLine[]> {
      const lines = [1, 2, 3].map((number) => lineOf(number, text));
      for (let at = 0; at < lines.length; at += size) yield lines.slice(at, at + size);
    }
    for (const [left, right] of [
      [1, 3],
      [3, 1],
      [2, 2],
    ] as const) {
      const texts: unknown[] = [];
      for await (const piece of mergeRuns([one("first", left), one("second", right)]))
        texts.push(...piece.map(({ line }) => parseStored(line)["text"]));
      expect(texts).toEqual(["first", "first", "first"]);
    }
  });

  it("gives pieces of one block, and an empty piece never", async () => {
    const all = Array.from({ length: EVENTS_PER_BLOCK * 2 + 1 }, (_, number) => number);
    const sizes: number[] = [];
    for await (const piece of mergeRuns([runOf(all, 100), runOf([], 1), runOf(all, 7)])) sizes.push(piece.length);
    expect(sizes).toEqual([EVENTS_PER_BLOCK, EVENTS_PER_BLOCK, 1]);
  });
});

describe("[STO-6] a merge", () => {
  it("refuses to hold more runs open than it may", async () => {
    const runs = Array.from({ length: MAX_MERGE_INPUTS + 1 }, () => runOf([1], 1));
    await expect(idsOf(runs)).rejects.toThrow("more than a merge may hold open");
  });

  it("closes its runs when it is left, and when one of them fails", async () => {
    let closed = 0;
    const close = () => void (closed += 1);
    for await (const piece of mergeRuns([runOf([1, 2, 3], 1, close), runOf([2, 4], 1, close)])) {
      expect(piece).toHaveLength(4);
      break;
    }
    expect(closed).toBe(2);
    async function* failing(): AsyncGenerator<StoredLine[]> {
      yield [lineOf(2)];
      throw new Error("R2 is away");
    }
    await expect(idsOf([runOf([1, 2, 3], 1, close), failing()])).rejects.toThrow("R2 is away");
    expect(closed).toBe(3);
  });
});
