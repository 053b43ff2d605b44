import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { listYears, putCalendar, readCalendar, updateCalendar } from "../../adapters/r2/events/calendar.ts";
import { putCatalogue, readCatalogue } from "../../adapters/r2/events/catalogue.ts";
import { mayHold, readManifestObject, readRun } from "../../adapters/r2/events/l0-reader.ts";
import { ReadMeter } from "../../adapters/r2/events/reads.ts";
import { findTermBlocks, readBlocks } from "../../adapters/r2/events/volume-reader.ts";
import { type VolumePlace, VOLUME_LIMITS, writeVolumes } from "../../adapters/r2/events/volume-writer.ts";
import { gunzipMembers, gzip } from "../../adapters/r2/gzip.ts";
import { putManifest, putSegment } from "../../adapters/r2/segment-writer.ts";
import { daysToAsk, emptyCalendar, withDay, withoutDay } from "../../domain/events/index/calendar.ts";
import { type MergedSegment, emptyCatalogue, withSegments } from "../../domain/events/index/catalogue.ts";
import type { TermQuery } from "../../domain/events/index/terms.ts";
import { calendarKey, catalogueKey, indexKey, mergedKey } from "../../domain/events/keys.ts";
import { type Manifest, chunks, planSegments } from "../../domain/events/segment.ts";
import type { StoredLine } from "../../domain/events/stored.ts";
import { DAY, DAY_BEGIN_MS, linesOfCalls } from "../domain/events/index/volumes.ts";
import { unique } from "./fixture/unique.ts";

/** The least that R2 takes as a part. */
const LEAST_PART_BYTES = 5 * 1024 * 1024;

const bucket = env.EVENTS;

/** One segment of events that fit into one. */
async function writeVolume(to: R2Bucket, place: VolumePlace, pieces: Iterable<readonly StoredLine[]>): Promise<MergedSegment> {
  const { segments } = await writeVolumes(to, () => place, pieces);
  return segments[0]!;
}
const meter = () => new ReadMeter(bucket);
const eventsOf = (tenant: string, count: number) =>
  linesOfCalls({ tenant, count, startMs: DAY_BEGIN_MS + 3_600_000, stepMs: 20 });
const textsOf = (lines: readonly StoredLine[]) => lines.map(({ line }) => line);
const exactly = (kind: TermQuery["kind"], value: string): TermQuery => ({ kind, match: { tag: "exact", value } });

function placeOf(tenant: string, more: Partial<VolumePlace> = {}): VolumePlace {
  return { tenant, day: DAY, name: "hour-01-digest-0", level: "hour", storage: "Standard", ...more };
}

async function bytesOf(key: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await (await bucket.get(key))!.arrayBuffer());
}

/** A segment of four blocks, the last one short. */
async function volume(): Promise<{ readonly tenant: string; readonly lines: StoredLine[]; readonly segment: MergedSegment }> {
  const tenant = unique("volume");
  const lines = eventsOf(tenant, 900);
  return { tenant, lines, segment: await writeVolume(bucket, placeOf(tenant), chunks(lines, 100)) };
}

async function alter(key: string, change: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array): Promise<void> {
  await bucket.put(key, change(await bytesOf(key)));
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const changed = bytes.slice();
  changed[at]! ^= 0x40;
  return changed;
}

describe("a merged segment", () => {
  it("[STO-7] is read whole by any gzip reader, and in runs of blocks by one read each", async () => {
    const { lines, segment } = await volume();
    expect(gunzipMembers(await bytesOf(segment.key))).toBe(
      textsOf(lines)
        .map((line) => `${line}\n`)
        .join(""),
    );
    const reads = meter();
    const read = await readBlocks(reads, segment, 1, 4);
    expect(read).toMatchObject({ ok: true, value: { damaged: [] } });
    expect(read.ok && read.value.blocks.map((block) => block.length)).toEqual([256, 256, 132]);
    expect(read.ok && read.value.blocks.flat()).toEqual(textsOf(lines.slice(256)));
    expect([reads.reads, reads.bytes]).toEqual([1, segment.bytes - segment.blocks.offset(1)]);
  });

  it("[STO-3] tells by its index which blocks hold a call or a number, by one read at most", async () => {
    const { lines, segment } = await volume();
    const { subject, caller } = lines[700]!.facts;
    const reads = meter();
    expect(await findTermBlocks(reads, segment, exactly("call", subject))).toEqual({ ok: true, value: [2] });
    expect(await findTermBlocks(reads, segment, exactly("caller", caller))).toEqual({ ok: true, value: [2] });
    const everywhere: TermQuery = { kind: "callee", match: { tag: "prefix", value: "+4420" } };
    expect(await findTermBlocks(reads, segment, everywhere)).toEqual({ ok: true, value: [0, 1, 2, 3] });
    expect(reads.reads).toBe(3);
    expect(await findTermBlocks(reads, segment, exactly("call", "a call before all others"))).toEqual({ ok: true, value: [] });
    expect(reads.reads).toBe(3);
  });

  it("[STO-4] is the same object when it is written again, and takes the place of one that was compressed otherwise", async () => {
    const { tenant, lines, segment } = await volume();
    const [data, index] = [await bucket.head(segment.key), await bucket.head(segment.terms!.key)];
    expect(await writeVolume(bucket, placeOf(tenant), [[...lines, lines.at(-1)!]])).toEqual(segment);
    expect([(await bucket.head(segment.key))!.version, (await bucket.head(segment.terms!.key))!.version]).toEqual([
      data!.version,
      index!.version,
    ]);
    const whole = await bytesOf(segment.key);
    await bucket.put(segment.key, gzip(gunzipMembers(whole)));
    await writeVolume(bucket, placeOf(tenant), [lines]);
    expect(await bytesOf(segment.key)).toEqual(whole);
  });

  it("[STO-6] ends at so many events or terms, and another one begins", async () => {
    const tenant = unique("volume");
    const lines = eventsOf(tenant, 900);
    const place = (part: number) => placeOf(tenant, { name: `part-${part}` });
    const byEvents = await writeVolumes(bucket, place, chunks(lines, 350), { ...VOLUME_LIMITS, events: 400 });
    expect(byEvents.segments.map(({ key, count }) => [key, count])).toEqual(
      [400, 400, 100].map((count, part) => [mergedKey(tenant, DAY, `part-${part}`), count]),
    );
    expect(byEvents.segments[1]!.minId).toBe(lines[400]!.facts.id);
    const byTerms = await writeVolumes(bucket, place, [lines], { ...VOLUME_LIMITS, terms: 300 });
    expect(byTerms.segments.reduce((sum, { count }) => sum + count, 0)).toBe(900);
    expect(byTerms.segments.length).toBeGreaterThan(1);
    expect(await writeVolumes(bucket, place, [[]])).toEqual({ segments: [], peakBytes: 0 });
  });

  it("[STO-6] that is larger than a part is uploaded while one part is held", async () => {
    const tenant = unique("volume");
    const lines = eventsOf(tenant, 1_100).map(({ facts, line }): StoredLine => {
      const random = String.fromCharCode(...crypto.getRandomValues(new Uint8Array(6_000)));
      return { facts, line: line.replace(/}$/, `,"noise":"${btoa(random)}"}`) };
    });
    const limits = { ...VOLUME_LIMITS, partBytes: LEAST_PART_BYTES };
    const { segments, peakBytes } = await writeVolumes(bucket, () => placeOf(tenant), chunks(lines, 64), limits);
    const [segment] = segments;
    expect(segment!.bytes).toBeGreaterThan(LEAST_PART_BYTES);
    expect(peakBytes).toBeLessThan(LEAST_PART_BYTES * 2.5);
    expect(await bucket.head(segment!.key)).toMatchObject({
      size: segment!.bytes,
      httpEtag: expect.stringMatching(/-2"$/) as string,
    });
    expect(
      gunzipMembers(await bytesOf(segment!.key))
        .split("\n")
        .slice(0, -1),
    ).toEqual(textsOf(lines));
    const last = segment!.blocks.length - 1;
    const read = await readBlocks(meter(), segment!, last, last + 1);
    expect(read.ok && read.value.blocks[0]!.at(-1)).toBe(lines.at(-1)!.line);
  });

  it("[KEEP-1] as an archive has larger blocks, no index, and the class that it was given", async () => {
    const tenant = unique("volume");
    const lines = eventsOf(tenant, 3_000);
    const place = placeOf(tenant, { level: "archive", storage: "InfrequentAccess", name: "archive-digest-0" });
    const segment = await writeVolume(bucket, place, [lines]);
    expect([segment.level, segment.storage, segment.terms, segment.blocks.length]).toEqual([
      "archive",
      "InfrequentAccess",
      null,
      2,
    ]);
    expect(await bucket.head(indexKey(tenant, DAY, place.name))).toBeNull();
    const reads = meter();
    expect(await findTermBlocks(reads, segment, exactly("call", "call-1"))).toEqual({ ok: true, value: [0, 1] });
    expect(reads.reads).toBe(0);
  });

  it("[STO-7] of which a block is damaged still gives the others, and says which", async () => {
    const { lines, segment } = await volume();
    const { blocks } = segment;
    await alter(segment.key, (bytes) => flipped(bytes, blocks.offset(2) + (blocks.at(2).length >> 1)));
    const read = await readBlocks(meter(), segment, 0, 4);
    expect(read.ok && [read.value.damaged, read.value.blocks.flat()]).toEqual([
      [2],
      textsOf([...lines.slice(0, 512), ...lines.slice(768)]),
    ]);
    expect(await readBlocks(meter(), segment, 2, 3)).toEqual({ ok: false, error: "damaged" });
    await alter(segment.key, (bytes) => bytes.slice(0, blocks.offset(3) + 10));
    expect(await readBlocks(meter(), segment, 3, 4)).toEqual({ ok: false, error: "damaged" });
    await alter(segment.key, (bytes) => bytes.slice(0, blocks.offset(1)));
    expect(await readBlocks(meter(), segment, 2, 4)).toEqual({ ok: false, error: "damaged" });
    expect((await readBlocks(meter(), segment, 0, 4)).ok).toBe(true);
    await bucket.delete(segment.key);
    expect(await readBlocks(meter(), segment, 0, 1)).toEqual({ ok: false, error: "missing" });
  });

  it("[STO-7] whose index is damaged or gone says so", async () => {
    const { lines, segment } = await volume();
    const query = exactly("call", lines[0]!.facts.subject);
    const { key } = segment.terms!;
    await alter(key, (bytes) => flipped(bytes, 5));
    expect(await findTermBlocks(meter(), segment, query)).toEqual({ ok: false, error: "damaged" });
    await alter(key, () => new Uint8Array([1, 2]));
    expect(await findTermBlocks(meter(), segment, query)).toEqual({ ok: false, error: "damaged" });
    await bucket.delete(key);
    expect(await findTermBlocks(meter(), segment, query)).toEqual({ ok: false, error: "missing" });
  });

  it("refuses events that are not sorted, and leaves no object", async () => {
    const tenant = unique("volume");
    const lines = eventsOf(tenant, 10).reverse();
    await expect(writeVolume(bucket, placeOf(tenant), [lines])).rejects.toThrow("sorted");
    expect(await bucket.head(mergedKey(tenant, DAY, placeOf(tenant).name))).toBeNull();
  });
});

describe("a catalogue in R2", () => {
  it("[STO-3] is put only where it is still what was read", async () => {
    const { tenant, segment } = await volume();
    const empty = emptyCatalogue(tenant, DAY);
    expect(await readCatalogue(meter(), tenant, DAY)).toEqual({ tag: "none" });
    expect(await putCatalogue(bucket, withSegments(empty, { add: [segment] }), null)).toBe(true);
    expect(await putCatalogue(bucket, empty, null)).toBe(false);
    const read = await readCatalogue(meter(), tenant, DAY);
    if (read.tag !== "found") throw new Error(read.tag);
    expect(read.catalogue.segments.map(({ key }) => key)).toEqual([segment.key]);
    expect((await readBlocks(meter(), read.catalogue.segments[0]!, 0, 4)).ok).toBe(true);
    expect(await putCatalogue(bucket, withSegments(read.catalogue, { remove: [segment.key] }), read.etag)).toBe(true);
    expect(await putCatalogue(bucket, empty, read.etag)).toBe(false);
  });

  it("[STO-7] that is damaged, or another's, is no catalogue and can be replaced", async () => {
    const { tenant, segment } = await volume();
    const catalogue = withSegments(emptyCatalogue(tenant, DAY), { add: [segment] });
    await putCatalogue(bucket, catalogue, null);
    await bucket.put(catalogueKey("another", DAY), await bytesOf(catalogueKey(tenant, DAY)));
    expect(await readCatalogue(meter(), "another", DAY)).toMatchObject({ tag: "damaged" });
    await alter(catalogueKey(tenant, DAY), (bytes) => flipped(bytes, bytes.length >> 1));
    const read = await readCatalogue(meter(), tenant, DAY);
    expect(read).toMatchObject({ tag: "damaged", problem: "corrupt" });
    expect(read.tag === "damaged" && (await putCatalogue(bucket, catalogue, read.etag))).toBe(true);
  });
});

describe("a calendar in R2", () => {
  it("[STO-3] keeps every day, whoever writes at once", async () => {
    const tenant = unique("calendar");
    const days = ["2026/01/01", "2026/01/02", "2026/01/03"];
    const written = await Promise.all(
      days.map((day) => updateCalendar(bucket, tenant, "2026", (calendar) => withDay(calendar, day, [day]))),
    );
    expect(written.map(({ ok }) => ok)).toEqual([true, true, true]);
    const read = await readCalendar(meter(), tenant, "2026");
    expect(read.tag === "read" && daysToAsk([read.calendar], {})).toEqual(days);
    await updateCalendar(bucket, tenant, "2026", (calendar) => withoutDay(calendar, "2026/01/02"));
    await putCalendar(bucket, emptyCalendar(tenant, "2025"), null);
    expect(await listYears(bucket, tenant)).toEqual(["2025", "2026"]);
    const { version } = (await bucket.head(calendarKey(tenant, "2026")))!;
    await updateCalendar(bucket, tenant, "2026", (calendar) => withDay(calendar, "2026/01/01", ["2026/01/01"]));
    expect((await bucket.head(calendarKey(tenant, "2026")))!.version).toBe(version);
  });

  it("[STO-7] that is damaged is neither believed nor replaced", async () => {
    const tenant = unique("calendar");
    await bucket.put(calendarKey(tenant, "2026"), "{");
    expect(await readCalendar(meter(), tenant, "2026")).toMatchObject({ tag: "damaged" });
    const updated = await updateCalendar(bucket, tenant, "2026", (calendar) => withDay(calendar, DAY, [DAY]));
    expect(updated).toEqual({ ok: false, error: "damaged" });
    expect(await (await bucket.get(calendarKey(tenant, "2026")))!.text()).toBe("{");
  });
});

describe("what a shard wrote", () => {
  /** Three tenants in one segment. */
  async function written() {
    const tenants = ["a", "b", "c"].map((name) => unique(name));
    const lines = tenants.map((tenant) => eventsOf(tenant, 600));
    const entries = lines.flat().map(({ facts, line }) => ({ id: facts.id, subject: facts.subject, line }));
    const planned = planSegments(unique("shard"), 1, entries);
    return { tenant: tenants[1]!, lines: lines[1]!, info: await putSegment(bucket, planned[0]!) };
  }

  it("[STO-1] gives one tenant's events between two ids by one read", async () => {
    const { tenant, lines, info } = await written();
    const reads = meter();
    const wanted = lines.slice(100, 500);
    const [first, last] = [wanted[0]!.facts.id, wanted.at(-1)!.facts.id];
    expect(await readRun(reads, info, tenant, first, last)).toEqual({ ok: true, value: { lines: wanted, damaged: 0 } });
    expect(await readRun(reads, info, "nobody", "", "g")).toEqual({ ok: true, value: { lines: [], damaged: 0 } });
    expect(reads.reads).toBe(1);
    expect(reads.bytes).toBeLessThan(info.bytes);
  });

  it("[EVT-9] is left out only when it certainly has no such event", async () => {
    const { tenant, lines, info } = await written();
    const { facts } = lines[10]!;
    const terms = [
      { kind: "call", values: ["no such call", facts.subject] },
      { kind: "caller", values: [facts.caller] },
    ] as const;
    const times = { minAtMs: facts.atMs, maxAtMs: facts.atMs };
    expect(mayHold(info, tenant, { terms, minId: facts.id, maxId: facts.id, ...times })).toBe(true);
    expect(mayHold(info, tenant, {})).toBe(true);
    expect(mayHold(info, "nobody", {})).toBe(false);
    expect(mayHold(info, "toString", {})).toBe(false);
    expect(mayHold(info, tenant, { maxId: "0" })).toBe(false);
    expect(mayHold(info, tenant, { minId: "g" })).toBe(false);
    expect(mayHold(info, tenant, { maxAtMs: DAY_BEGIN_MS })).toBe(false);
    expect(mayHold(info, tenant, { minAtMs: DAY_BEGIN_MS + 86_400_000 })).toBe(false);
    expect(mayHold(info, tenant, { terms: [...terms, { kind: "callee", values: ["no such number"] }] })).toBe(false);
    const { tenants: _, terms: __, ...old } = info;
    expect(mayHold(old, "nobody", { terms, ...times })).toBe(true);
  });

  it("[STO-7] still gives what is not damaged", async () => {
    const { tenant, lines, info } = await written();
    const block = info.blocks[4]!;
    await alter(info.key, (bytes) => flipped(bytes, block.offset + (block.length >> 1)));
    const read = await readRun(meter(), info, tenant, "", "g");
    expect(read.ok && read.value.damaged).toBe(1);
    const inBlock = ({ facts }: StoredLine) => `${tenant} ${facts.id}` >= block.first && `${tenant} ${facts.id}` <= block.last;
    expect(read.ok && read.value.lines).toEqual(lines.filter((line) => !inBlock(line)));
    await bucket.delete(info.key);
    expect(await readRun(meter(), info, tenant, "", "g")).toEqual({ ok: false, error: "missing" });
  });

  it("[STO-7] is named by a manifest that is one, or said to be damaged", async () => {
    const key = unique("manifest");
    const { info } = await written();
    const manifest: Manifest = { format: 2, shard: "s", hour: "2026/03/14/01", segments: [info] };
    await putManifest(env.EVENTS, key, manifest);
    expect(await readManifestObject(meter(), key)).toEqual({ ok: true, value: manifest });
    await bucket.put(key, JSON.stringify({ ...manifest, format: 1 }));
    const old = await readManifestObject(meter(), key);
    expect(old.ok && old.value.segments[0]!.tenants).toBeUndefined();
    for (const text of ["", "{", "null", `{"format":3,"segments":[]}`, `{"format":2}`]) {
      await bucket.put(key, text);
      expect(await readManifestObject(meter(), key)).toEqual({ ok: false, error: "damaged" });
    }
    await bucket.delete(key);
    expect(await readManifestObject(meter(), key)).toEqual({ ok: false, error: "missing" });
  });
});
