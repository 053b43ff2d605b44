import { describe, expect, it } from "vitest";
import { addToManifest, putSegment } from "../../../../adapters/r2/segment-writer.ts";
import { ReadMeter } from "../../../../adapters/r2/events/reads.ts";
import { readCatalogue } from "../../../../adapters/r2/events/catalogue.ts";
import { MERGE_AFTER_MS } from "../../../../domain/events/compaction/due.ts";
import { MAX_MERGE_INPUTS } from "../../../../domain/events/compaction/merge.ts";
import { TRASH_GRACE_MS } from "../../../../domain/events/compaction/trash.ts";
import { HOUR_MS, TRASH_PREFIX, beginOf, manifestKey, segmentsPrefix } from "../../../../domain/events/keys.ts";
import { planSegments } from "../../../../domain/events/segment.ts";
import type { EventId } from "../../../../domain/shared/ids.ts";
import { idPrefixAt } from "../../../../domain/shared/ids.ts";
import { type FoundBlock, blocksOf } from "../../../../workers/compaction/members.ts";
import { Held } from "../../../../workers/compaction/held.ts";
import { deleteKeys } from "../../../../workers/compaction/notes.ts";
import { rebuildIndex } from "../../../../workers/compaction/rebuild-index.ts";
import { MemoryBucket } from "./memory-bucket.ts";
import { SHARD, depsOf, listed, run } from "./merging.ts";

const DAY = "2033/03/05";
const HOUR = `${DAY}/09`;
const DUE_MS = beginOf(HOUR) + HOUR_MS + MERGE_AFTER_MS;
const PENDING = { key: manifestKey(SHARD, HOUR, 0), hour: HOUR, part: 0 };
const MIB = 1024 * 1024;

function entryOf(number: number, text: string) {
  const id = `${idPrefixAt(beginOf(HOUR) + number)}7000-8000-${String(number).padStart(12, "0")}` as EventId;
  const time = new Date(beginOf(HOUR) + number).toISOString();
  const event = { id, source: "/tenants/acme/calls", subject: "call", type: "rang", time, recordedtime: time, text };
  return { id, subject: "call", line: JSON.stringify(event) };
}

/** Segments whose events lie between each other, in one manifest. */
async function written(segments: number, events: number, text: (number: number) => string): Promise<MemoryBucket> {
  const bucket = new MemoryBucket();
  for (let at = 0; at < segments; at++) {
    const entries = Array.from({ length: events }, (_, index) => entryOf(index * segments + at, text(index)));
    for (const planned of planSegments(SHARD, at + 1, entries))
      await addToManifest(bucket.asBucket(), { shard: SHARD, hour: HOUR, part: 0 }, [
        await putSegment(bucket.asBucket(), planned),
      ]);
  }
  return bucket;
}

const mergedOf = async (bucket: MemoryBucket) => {
  const read = await readCatalogue(new ReadMeter(bucket.asBucket()), "acme", DAY);
  return read.tag === "found" ? read.catalogue.segments : [];
};

describe("[STO-6] a merge of long events", () => {
  it("holds some blocks of text, not some hundred events of each input", async () => {
    const bucket = await written(MAX_MERGE_INPUTS, 10, () => "x".repeat(64 * 1024 - 300));
    const report = await run(bucket.asBucket(), listed([PENDING]), DUE_MS);
    expect(report).toMatchObject({ hours: 1, events: MAX_MERGE_INPUTS * 10, failures: 0 });
    // Half of what all of it takes.
    expect(report!.peakBytes).toBeGreaterThan(16 * MIB);
    expect(report!.peakBytes).toBeLessThan(64 * MIB);
    const [segment, ...others] = await mergedOf(bucket);
    expect([segment!.count, others.length]).toEqual([MAX_MERGE_INPUTS * 10, 0]);
    expect(segment!.blocks.length).toBe((MAX_MERGE_INPUTS * 10) / 4);
  });
});

/** Letters that gzip makes little of, the same each time. */
function noise(seed: number, length: number): string {
  let [state, text] = [seed * 2_654_435_761 + 1, ""];
  while (text.length < length) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    text += (state >>> 8).toString(36);
  }
  return text;
}

describe("[STO-8] a rebuilt index of long segments", () => {
  const merge = async () => {
    const bucket = await written(2, 40, (index) => noise(index, 60_000));
    await run(bucket.asBucket(), listed([PENDING]), DUE_MS);
    const [segment] = await mergedOf(bucket);
    return { bucket, segment: segment!, catalogue: `metadata/indexes/tenants/acme/${DAY}.cat` };
  };
  const rebuild = (bucket: MemoryBucket) =>
    rebuildIndex(depsOf(bucket.asBucket(), listed([]), DUE_MS + HOUR_MS), { tenant: null, fromDay: DAY, toDay: DAY });

  it("is the one that was, from some of an object at a time", async () => {
    const { bucket, segment, catalogue } = await merge();
    const before = bucket.objects.get(catalogue)!.etag;
    const held = new Held();
    const blocks: FoundBlock[] = [];
    for await (const block of blocksOf(new ReadMeter(bucket.asBucket()), segment.key, held)) blocks.push(block);
    expect(segment.bytes).toBeGreaterThan(3 * MIB);
    expect(held.peak).toBeLessThan(2 * MIB);
    expect(blocks.map(({ offset, length, lines }) => [offset, length, lines?.length])).toEqual(
      Array.from({ length: segment.blocks.length }, (_, at) => [
        segment.blocks.offset(at),
        segment.blocks.at(at).length,
        segment.blocks.at(at).count,
      ]),
    );
    await bucket.delete([catalogue, segment.terms!.key]);
    expect(await rebuild(bucket)).toMatchObject({ days: 1, segments: 1, damaged: 0, failures: 0 });
    expect(bucket.objects.get(catalogue)!.etag).toBe(before);
  });

  it("is of what is left of a segment that is damaged in its middle", async () => {
    const { bucket, segment } = await merge();
    const bytes = bucket.objects.get(segment.key)!.bytes.slice();
    bytes.fill(0xff, segment.blocks.offset(9) + 100, segment.blocks.offset(10) - 100);
    await bucket.put(segment.key, bytes);
    expect(await rebuild(bucket)).toMatchObject({ days: 1, damaged: 1, failures: 0 });
    const left = await mergedOf(bucket);
    expect(left.map(({ count }) => count)).toEqual([segment.count - segment.blocks.at(9).count]);
    expect(bucket.objects.has(segment.key)).toBe(true);
  });
});

describe("[STO-5] what a shard has not let go of", () => {
  it("is deleted its time after it has, however long that took", async () => {
    const bucket = await written(1, 3, () => "");
    const shard = listed([PENDING]);
    const away = { ...shard, merged: async () => Promise.reject(new Error("the shard is away")) };
    const own = () => [...bucket.objects.keys()].filter((key) => key.startsWith(segmentsPrefix(SHARD, HOUR)));
    expect(await run(bucket.asBucket(), away, DUE_MS)).toMatchObject({ failures: 1 });
    const releasedMs = DUE_MS + TRASH_GRACE_MS;
    expect(await run(bucket.asBucket(), shard, releasedMs)).toMatchObject({ failures: 0, deleted: 0 });
    expect(await run(bucket.asBucket(), shard, releasedMs + TRASH_GRACE_MS - 1)).toMatchObject({ deleted: 0 });
    expect(own()).toHaveLength(1);
    await run(bucket.asBucket(), shard, releasedMs + TRASH_GRACE_MS);
    expect(own()).toEqual([]);
    expect([...bucket.objects.keys()].filter((key) => key.startsWith(TRASH_PREFIX))).toEqual([]);
  });

  it("goes a thousand at a time, and nothing is asked for nothing", async () => {
    const sizes: number[] = [];
    const bucket = { delete: async (keys: readonly string[]) => void sizes.push(keys.length) } as unknown as R2Bucket;
    await deleteKeys(bucket, []);
    await deleteKeys(
      bucket,
      Array.from({ length: 2_001 }, (_, at) => `${at}`),
    );
    expect(sizes).toEqual([1_000, 1_000, 1]);
  });
});
