import { describe, expect, it } from "vitest";
import { DAY_MERGE_AFTER_MS, MERGE_AFTER_MS } from "../../domain/events/compaction/due.ts";
import { TRASH_GRACE_MS } from "../../domain/events/compaction/trash.ts";
import {
  DAMAGED_PREFIX,
  DAY_MS,
  FILTER_SUFFIX,
  HOUR_MS,
  SHARDS_PREFIX,
  TRASH_PREFIX,
  beginOf,
  shardMarkKey,
} from "../../domain/events/keys.ts";
import { readCalendar } from "../../adapters/r2/events/calendar.ts";
import { ReadMeter } from "../../adapters/r2/events/reads.ts";
import { yearOf } from "../../domain/events/index/calendar.ts";
import { readCallFromSegments } from "../../adapters/r2/segment-reader.ts";
import { scanSegments } from "../../adapters/r2/segment-scan.ts";
import { parseStored, tenantOf } from "../../domain/events/stored.ts";
import type { OfferedEvent } from "../../durable-objects/event-log/event-log.ts";
import { Held } from "../../workers/compaction/held.ts";
import { mergeHour } from "../../workers/compaction/hour.ts";
import { type CompactionDeps, KEEP_ALL, type Run, newReport } from "../../workers/compaction/ports.ts";
import { rebuildIndex } from "../../workers/compaction/rebuild-index.ts";
import { storedHours } from "../../workers/rebuild.ts";
import { StoreUnderTest, callOf, idsOf } from "./fixture/event-store.ts";

const DAY = "2033/03/05";
const DAY_BEGAN_MS = beginOf(DAY);
/** When hour `n` of the day is due. */
const dueMs = (hour: number): number => DAY_BEGAN_MS + (hour + 1) * HOUR_MS + MERGE_AFTER_MS;
const DAY_DUE_MS = DAY_BEGAN_MS + DAY_MS + DAY_MERGE_AFTER_MS;
const at = (hour: number, minute = 0): number => DAY_BEGAN_MS + hour * HOUR_MS + minute * 60_000;

const pendingKeys = async (store: StoreUnderTest): Promise<string[]> =>
  (await Promise.all(store.logs.map(({ name }) => store.shard(name).pending()))).flat().map(({ key }) => key);

describe("[STO-3] an hour", () => {
  it("is merged tenant by tenant, sorted, each event once, and its shards forget it", async () => {
    const store = await StoreUnderTest.start(dueMs(9));
    const acme = [callOf("acme", at(9), 300), callOf("acme", at(9, 20), 5), callOf("acme", at(9, 1), 40)];
    const other = callOf("other", at(9, 2), 3);
    await store.flush(0, acme[0]!, other);
    await store.flush(0, acme[1]!);
    await store.flush(1, acme[2]!);
    const report = await store.run();
    expect(report).toMatchObject({ hours: 1, days: 0, events: 348, failures: 0, damaged: 0, unfinished: false });
    expect(report!.peakBytes).toBeGreaterThan(0);
    expect(await store.merged("acme", DAY)).toEqual(idsOf(acme.flat()));
    expect(await store.merged("other", DAY)).toEqual(idsOf(other));
    const { segments, inputs } = await store.catalogue("acme", DAY);
    expect(segments).toMatchObject([{ level: "hour", count: 345, storage: "Standard" }]);
    expect(inputs).toHaveLength(2);
    expect(await pendingKeys(store)).toEqual([]);
    const calendar = await (await store.bucket.get("metadata/indexes/tenants/acme/2033.json"))!.json();
    expect(calendar).toMatchObject({ days: { [DAY]: { occurs: [DAY] } } });
  });

  it("waits until it has ended, and takes what its shard has not flushed", async () => {
    const store = await StoreUnderTest.start(dueMs(9) - 1, 1);
    const [flushed, held] = [callOf("acme", at(9), 2), callOf("acme", at(9, 30), 2)];
    await store.flush(0, flushed);
    await store.logs[0]!.append(held);
    expect(await store.run()).toMatchObject({ hours: 0 });
    store.nowMs += 1;
    expect(await store.run()).toMatchObject({ hours: 1 });
    expect(await store.merged("acme", DAY)).toEqual(idsOf([...flushed, ...held]));
  });

  it("takes what comes late, without reading again what was merged", async () => {
    const store = await StoreUnderTest.start(dueMs(9), 1);
    const [first, late] = [callOf("acme", at(9), 4), callOf("acme", at(9, 0) + 500, 4)];
    await store.flush(0, first);
    await store.run();
    await store.flush(0, late);
    expect(await store.run()).toMatchObject({ hours: 1, events: 4 });
    const { segments, inputs } = await store.catalogue("acme", DAY);
    expect([segments.map(({ count }) => count), inputs.length]).toEqual([[4, 4], 2]);
    expect((await store.merged("acme", DAY)).sort()).toEqual(idsOf([...first, ...late]));
  });

  it("is left to who has the lease, until that ends", async () => {
    const store = await StoreUnderTest.start(dueMs(9), 1);
    await store.flush(0, callOf("acme", at(9), 2));
    let inside: unknown = "not asked";
    const shardNames = async () => {
      if (inside === "not asked") inside = await store.run();
      return store.logs.map(({ name }) => name);
    };
    expect(await store.run({ shardNames })).toMatchObject({ hours: 1 });
    expect(inside).toBeNull();
    expect(await store.run()).toMatchObject({ hours: 0, failures: 0 });
  });

  it("is merged into what somebody else has put into the catalogue meanwhile", async () => {
    const store = await StoreUnderTest.start(dueMs(10), 1);
    const [nine, ten] = [callOf("acme", at(9), 3), callOf("acme", at(10), 3)];
    await store.flush(0, nine);
    await store.run();
    const before = await (await store.bucket.get(`metadata/indexes/tenants/acme/${DAY}.cat`))!.arrayBuffer();
    await store.flush(0, ten);
    let puts = 0;
    const bucket = new Proxy(store.bucket, {
      get: (target, name) =>
        name !== "put"
          ? (Reflect.get(target, name, target) as unknown)
          : async (key: string, value: Uint8Array, options: R2PutOptions) => {
              // The same content with another etag: the bytes have to differ.
              if (key.endsWith(".cat") && ++puts === 1) {
                await target.put(key, "somebody is at it");
                const answer = await target.put(key, value, options);
                await target.put(key, before);
                return answer;
              }
              return target.put(key, value, options);
            },
    });
    expect(await store.run({ bucket })).toMatchObject({ hours: 1, failures: 0 });
    expect([puts, await store.merged("acme", DAY)]).toEqual([2, idsOf([...nine, ...ten])]);
  });
});

describe("[STO-4] a day", () => {
  it("is merged from its hours, and again with what comes late", async () => {
    const store = await StoreUnderTest.start(dueMs(12));
    const calls = [9, 10, 11].map((hour) => callOf("acme", at(hour), 10));
    const single = callOf("single", at(9), 2);
    for (const call of calls) await store.flush(0, call);
    await store.flush(1, single);
    expect(await store.run()).toMatchObject({ hours: 3, days: 0 });
    store.nowMs = DAY_DUE_MS;
    expect(await store.run()).toMatchObject({ hours: 0, days: 2, events: 30 });
    expect((await store.catalogue("acme", DAY)).segments).toMatchObject([{ level: "day", count: 30 }]);
    expect((await store.catalogue("single", DAY)).segments).toMatchObject([{ level: "day", count: 2 }]);
    expect(await store.run()).toMatchObject({ hours: 0, days: 0 });

    const late = callOf("acme", at(10, 30), 5);
    await store.flush(1, late);
    expect(await store.run()).toMatchObject({ hours: 1, days: 1 });
    const { segments } = await store.catalogue("acme", DAY);
    expect(segments).toMatchObject([{ level: "day", count: 35 }]);
    expect(await store.merged("acme", DAY)).toEqual(idsOf([...calls.flat(), ...late]));
    expect(await store.merged("single", DAY)).toEqual(idsOf(single));
  });

  it("forgets manifests that are not there any more", async () => {
    const store = await StoreUnderTest.start(dueMs(9), 1);
    await store.flush(0, callOf("acme", at(9), 2));
    await store.run();
    await store.readAll();
    store.nowMs += TRASH_GRACE_MS;
    await store.run();
    store.nowMs = DAY_DUE_MS;
    await store.run();
    expect((await store.catalogue("acme", DAY)).inputs).toEqual([]);
  });
});

/** Names of the filters that there are, and which days the calendar says that they speak for. */
async function filtersOf(store: StoreUnderTest): Promise<{ readonly keys: string[]; readonly days: string[] }> {
  const keys = (await store.keys("metadata/indexes/tenants/acme/")).filter((key) => key.endsWith(FILTER_SUFFIX));
  const read = await readCalendar(new ReadMeter(store.bucket), "acme", yearOf(DAY));
  const filters = read.tag === "read" ? Object.values(read.calendar.filters ?? {}) : [];
  expect(filters.every(({ key }) => keys.includes(key))).toBe(true);
  return { keys, days: filters.flatMap(({ columns }) => columns.map(([day]) => day)) };
}

const runOf = (deps: CompactionDeps): Run => ({
  deps,
  haste: "ended",
  untilMs: Number.POSITIVE_INFINITY,
  report: newReport(),
  held: new Held(),
});

describe("[QRY-6] the filter of a month", () => {
  it("speaks for days that are merged, until something is added; the one before is deleted after its time", async () => {
    const store = await StoreUnderTest.start(dueMs(9), 1);
    await store.flush(0, callOf("acme", at(9), 3));
    await store.run();
    expect(await filtersOf(store)).toEqual({ keys: [], days: [] });
    store.nowMs = DAY_DUE_MS;
    expect(await store.run()).toMatchObject({ days: 1, failures: 0 });
    const first = await filtersOf(store);
    expect([first.keys.length, first.days]).toEqual([1, [DAY]]);

    await store.flush(0, callOf("acme", at(10), 3));
    // The run dies before it comes to the day.
    await mergeHour(runOf(store.deps()), `${DAY}/10`);
    expect(await filtersOf(store)).toEqual({ keys: first.keys, days: [""] });
    await store.run();
    const second = await filtersOf(store);
    expect([second.keys.length, second.days]).toEqual([2, [DAY]]);
    store.nowMs += TRASH_GRACE_MS;
    await store.run();
    const left = await filtersOf(store);
    expect([left.keys.length, left.days, left.keys[0] === first.keys[0]]).toEqual([1, [DAY], false]);
  });

  it("[STO-8] is the same after the index was lost, and what nobody names any more goes", async () => {
    const store = await StoreUnderTest.start(DAY_DUE_MS, 1);
    await store.flush(0, callOf("acme", at(9), 3));
    await store.run();
    const before = await filtersOf(store);
    await store.bucket.put(`${before.keys[0]!.replace(/[^/]+$/, "")}left-behind${FILTER_SUFFIX}`, "nobody's");
    await store.bucket.delete((await store.keys("metadata/indexes/")).filter((key) => !key.endsWith(FILTER_SUFFIX)));
    expect(await rebuildIndex(store.deps(), { tenant: null, fromDay: DAY, toDay: DAY })).toMatchObject({
      days: 1,
      failures: 0,
    });
    expect((await filtersOf(store)).days).toEqual([]);
    await store.run();
    store.nowMs += TRASH_GRACE_MS;
    expect(await store.run()).toMatchObject({ failures: 0 });
    expect(await filtersOf(store)).toEqual(before);
  });
});

describe("[STO-5] what is replaced", () => {
  it("is deleted after its time, and segments of a shard not before they have been read", async () => {
    const store = await StoreUnderTest.start(dueMs(9), 1);
    const [nine, ten] = [callOf("acme", at(9), 2), callOf("acme", at(10), 2)];
    await store.flush(0, nine, ten);
    store.nowMs = dueMs(10);
    await store.run();
    const before = await store.keys();
    expect(before.filter((key) => key.includes(store.logs[0]!.name))).toHaveLength(5);
    store.nowMs += TRASH_GRACE_MS - 1;
    expect(await store.run()).toMatchObject({ deleted: 0 });
    store.nowMs += 1;
    expect(await store.run()).toMatchObject({ deleted: 2 });
    expect(await store.keys(SHARDS_PREFIX)).toEqual([shardMarkKey(store.logs[0]!.name)]);
    expect((await store.keys("events/")).filter((key) => key.includes(store.logs[0]!.name))).toHaveLength(2);
    await store.readAll();
    expect(await store.run()).toMatchObject({ deleted: 2 });
    store.nowMs = DAY_DUE_MS;
    await store.run();
    store.nowMs += TRASH_GRACE_MS;
    expect(await store.run()).toMatchObject({ deleted: 4, failures: 0 });
    expect(await store.keys("events/")).toHaveLength(1);
    expect(await store.keys(TRASH_PREFIX)).toEqual([]);
    expect(await store.merged("acme", DAY)).toEqual(idsOf([...nine, ...ten]));
  });
});

describe("[STO-7] a damaged segment of a shard", () => {
  it("is merged as far as it can be read, named, counted, and kept", async () => {
    const store = await StoreUnderTest.start(dueMs(9), 1);
    const [call, whole] = [callOf("acme", at(9), 600), callOf("acme", at(9, 30), 5)];
    await store.flush(0, call);
    await store.flush(0, whole);
    const key = (await store.keys("events/"))[0]!;
    const bytes = new Uint8Array(await (await store.bucket.get(key))!.arrayBuffer());
    bytes.fill(0xff, 200, 400);
    await store.bucket.put(key, bytes);
    const report = await store.run();
    expect(report).toMatchObject({ hours: 1, damaged: 1, failures: 0 });
    const merged = await store.merged("acme", DAY);
    expect(merged).toEqual(idsOf([...call.slice(256), ...whole]));
    expect(await store.keys(DAMAGED_PREFIX)).toEqual([`${DAMAGED_PREFIX}${key}.json`]);
    expect(store.said.map(({ fields }) => fields)).toContainEqual({ key, reason: "a block is damaged" });
    expect(JSON.stringify(store.meter.take(0, true)?.counters)).toContain("trunkline_event_store_damage_total");
    await store.readAll();
    store.nowMs += TRASH_GRACE_MS;
    await store.run();
    expect((await store.keys("events/")).filter((each) => !each.includes("/tenants/"))).toEqual([key]);
  });
});

describe("[KEEP-4] a merge", () => {
  it("takes out what is erased, and under other names than before", async () => {
    const store = await StoreUnderTest.start(dueMs(9), 1);
    const call = callOf("acme", at(9), 3, "+4915112345678");
    await store.flush(0, call);
    const apply = (line: string) => line.replaceAll("+4915112345678", "erased");
    await store.run({ redaction: async () => ({ id: "one", apply }) });
    const { segments } = await store.catalogue("acme", DAY);
    const lines = await store.linesOf(segments[0]!.key);
    expect(lines.join("\n")).not.toContain("12345678");
    expect(await store.merged("acme", DAY)).toEqual(idsOf(call));
  });
});

/** Ids of everything that a scan of the day brings, as often as it does. */
async function scanned(store: StoreUnderTest, tenant: string | null = null): Promise<string[]> {
  const linesOf = (text: string) => text.split("\n").filter((line) => line !== "");
  const ids: string[] = [];
  const parts = await scanSegments(store.bucket, { fromMs: at(0), toMs: at(23, 59) }, linesOf, tenant);
  for await (const { complete, lines } of parts) {
    expect(complete).toBe(true);
    const events = lines.map(parseStored).filter((event) => tenant === null || tenantOf(event) === tenant);
    ids.push(...events.map(({ id }) => id));
  }
  return ids.sort();
}

/** Ids of one call's stored events. */
async function readCall(store: StoreUnderTest, tenant: string, call: readonly OfferedEvent[]): Promise<string[]> {
  const pending = (await Promise.all(store.logs.map(({ name }) => store.shard(name).pending()))).flat();
  const ids = call.map(({ id }) => id).sort();
  const range = { tenant, subject: call[0]!.subject, pending, days: [DAY], minId: ids[0]!, maxId: ids.at(-1)! };
  return idsOf(await readCallFromSegments(store.bucket, range));
}

describe("[STO-2] whoever reads across merges", () => {
  it("finds each event once: not merged, merged of one tenant and not of the other, merged, and of a whole day", async () => {
    const store = await StoreUnderTest.start(dueMs(10));
    const [acme, acmeToo, other] = [callOf("acme", at(9), 300), callOf("acme", at(10), 4), callOf("other", at(9, 1), 3)];
    await store.flush(0, acme, other);
    await store.flush(1, acmeToo);
    const all = idsOf([...acme, ...acmeToo, ...other]);
    const look = async () => {
      expect(await scanned(store)).toEqual(all);
      expect(await scanned(store, "other")).toEqual(idsOf(other));
      for (const [tenant, call] of [
        ["acme", acme],
        ["acme", acmeToo],
        ["other", other],
      ] as const)
        expect(await readCall(store, tenant, call)).toEqual(idsOf(call));
    };
    await look();
    const redaction = async (tenant: string) => (tenant === "other" ? Promise.reject(new Error("R2 is away")) : KEEP_ALL);
    expect(await store.run({ redaction })).toMatchObject({ failures: 1 });
    expect(await pendingKeys(store)).toHaveLength(1);
    await look();
    await store.run();
    await look();
    expect(await pendingKeys(store)).toEqual([]);
    store.nowMs = DAY_DUE_MS;
    expect(await store.run()).toMatchObject({ days: 2 });
    await look();
    expect(await storedHours(store.bucket, DAY_DUE_MS)).toEqual([at(9), at(10)]);
  });
});

describe("[STO-8] a rebuilt index", () => {
  const scope = { tenant: null, fromDay: DAY, toDay: DAY };
  const merge = async (): Promise<{
    readonly store: StoreUnderTest;
    readonly acme: OfferedEvent[];
    readonly late: OfferedEvent[];
  }> => {
    const store = await StoreUnderTest.start(dueMs(10), 1);
    const [nine, ten] = [callOf("acme", at(9), 300), callOf("acme", at(10), 4)];
    const late = callOf("acme", at(10, 30), 3);
    await store.flush(0, nine);
    await store.flush(0, ten);
    await store.run();
    await store.flush(0, late);
    return { store, acme: [...nine, ...ten], late };
  };
  const etagsOf = async (store: StoreUnderTest, prefix: string) =>
    Object.fromEntries((await store.bucket.list({ prefix })).objects.map(({ key, etag }) => [key, etag]));

  it("is the one that was lost, and what was not merged is merged", async () => {
    const { store, acme, late } = await merge();
    const before = await etagsOf(store, "metadata/indexes/tenants/");
    await store.bucket.delete(await store.keys("metadata/indexes/"));
    expect(await rebuildIndex(store.deps(), scope)).toEqual({ manifests: 1, days: 1, segments: 2, damaged: 0, failures: 0 });
    // Byte by byte: catalogue, indexes and calendar.
    expect(await etagsOf(store, "metadata/indexes/tenants/")).toEqual(before);
    expect(await scanned(store)).toEqual(idsOf([...acme, ...late]));
    expect(await store.run()).toMatchObject({ hours: 1, failures: 0 });
    expect(await store.merged("acme", DAY)).toEqual(idsOf([...acme, ...late]));
  });

  it("has no event twice, whatever interrupted merges have left behind", async () => {
    const { store, acme } = await merge();
    await store.run();
    const [key] = (await store.keys("events/")).filter((each) => each.includes("/tenants/"));
    await store.bucket.put(
      key!.replace(/hour-09-[0-9a-f]+/, "hour-09-cafe"),
      await (await store.bucket.get(key!))!.arrayBuffer(),
    );
    expect(await rebuildIndex(store.deps(), scope)).toMatchObject({ days: 1, failures: 0 });
    const { segments } = await store.catalogue("acme", DAY);
    expect(segments.reduce((sum, { count }) => sum + count, 0)).toBe(acme.length + 3);
  });

  it("mends a catalogue, a calendar and a manifest that are damaged", async () => {
    const { store, acme, late } = await merge();
    const [manifest] = await pendingKeys(store);
    await store.bucket.put(manifest!, "{");
    for (const key of await store.keys("metadata/indexes/tenants/")) await store.bucket.put(key, "damaged");
    expect(await store.run()).toMatchObject({ hours: 0, failures: 1 });
    expect(await rebuildIndex(store.deps(), scope)).toMatchObject({ manifests: 1, days: 1, failures: 0 });
    expect(await store.run()).toMatchObject({ hours: 1, failures: 0 });
    expect(await scanned(store)).toEqual(idsOf([...acme, ...late]));
  });

  it("takes out what is erased", async () => {
    const { store, acme, late } = await merge();
    const apply = (line: string) => line.replaceAll('"text":""', '"text":"gone"');
    await rebuildIndex(store.deps({ redaction: async () => ({ id: "one", apply }) }), scope);
    const lines = await Promise.all((await store.catalogue("acme", DAY)).segments.map(({ key }) => store.linesOf(key)));
    expect(lines.flat().every((line) => line.includes('"text":"gone"'))).toBe(true);
    expect(await scanned(store)).toEqual(idsOf([...acme, ...late]));
  });
});
