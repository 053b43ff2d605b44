import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { gunzipMembers } from "../../adapters/r2/gzip.ts";
import type { CloudEvent } from "../../domain/events/event.ts";
import { hourOf, manifestKey, segmentKey } from "../../domain/events/keys.ts";
import { SEGMENTS_PER_MANIFEST_PART } from "../../domain/events/manifest-parts.ts";
import { EVENTS_PER_BLOCK, keyOf } from "../../domain/events/segment.ts";
import { factsOf } from "../../domain/events/stored.ts";
import type { SessionId } from "../../domain/shared/ids.ts";
import { HOUR_MS } from "./fixture/clock.ts";
import { LogUnderTest, eventsOf } from "./fixture/log.ts";
import { newSessionId } from "./fixture/unique.ts";

async function heldLog(): Promise<LogUnderTest> {
  const log = new LogUnderTest();
  await log.hold();
  return log;
}

/** The sequence numbers of a call's events in the segments that manifests name, sorted; doubles stay doubles. */
async function flushed(log: LogUnderTest, subject: SessionId): Promise<number[]> {
  const segments = (await log.manifests()).flatMap((manifest) => manifest.segments);
  const lines = await Promise.all(
    segments.map(async ({ key }) =>
      gunzipMembers(await bytesOf(key))
        .trimEnd()
        .split("\n"),
    ),
  );
  const events = lines.flat().map((line) => JSON.parse(line) as CloudEvent);
  return events
    .filter((event) => event.subject === subject)
    .map(({ sequence }) => Number(sequence))
    .sort((a, b) => a - b);
}

async function bytesOf(key: string): Promise<Uint8Array> {
  return new Uint8Array(await (await env.EVENTS.get(key))!.arrayBuffer());
}

describe("a flush", () => {
  it("[EVT-7] writes one segment and a manifest that names it, under the keys that readers compute", async () => {
    const log = await heldLog();
    const call = newSessionId();
    const atMs = Date.now();
    await log.append(eventsOf(call, 1, 5, atMs));
    expect(await log.flush()).toBe(true);
    expect(await log.segmentKeys()).toEqual([segmentKey(log.name, hourOf(atMs), 1, 0)]);
    const manifest = await (await env.EVENTS.get(manifestKey(log.name, hourOf(atMs), 1)))!.json();
    expect(manifest).toMatchObject({ format: 2, shard: log.name, hour: hourOf(atMs), segments: [{ count: 5 }] });
    expect(await flushed(log, call)).toEqual([1, 2, 3, 4, 5]);
    expect(await log.head(call)).toEqual([]);
    expect(await log.rows()).toEqual([0]);
  });

  it("[EVT-19] that cannot begin leaves everything where it is, for the next one", async () => {
    const log = await heldLog();
    const call = newSessionId();
    const storage = (statement: string) => log.inside((_, { storage: { sql } }) => void sql.exec(statement));
    await log.append(eventsOf(call, 1, 3));
    await storage("CREATE TABLE head_2 (in_the_way INTEGER)");
    expect(await log.flush()).toBe(false);
    await storage("DROP TABLE head_2");
    expect(await log.flush()).toBe(true);
    expect([await flushed(log, call), await log.head(call)]).toEqual([[1, 2, 3], []]);
  });

  it("[EVT-7] writes gzip whose every block, as the manifest places it, is readable by itself", async () => {
    const log = await heldLog();
    const calls = Array.from({ length: 30 }, () => newSessionId());
    for (const call of calls) await log.append(eventsOf(call, 1, 20));
    expect(await log.flush()).toBe(true);
    const segment = (await log.manifests())[0]!.segments[0]!;
    const whole = await bytesOf(segment.key);
    expect(segment.bytes).toBe(whole.length);
    expect(segment.blocks.map(({ count }) => count)).toEqual([EVENTS_PER_BLOCK, EVENTS_PER_BLOCK, 600 - 2 * EVENTS_PER_BLOCK]);
    const lines: string[] = [];
    for (const { offset, length, count, first, last } of segment.blocks) {
      const own = gunzipMembers(whole.subarray(offset, offset + length))
        .trimEnd()
        .split("\n");
      const keys = own.map((line) => keyOf(factsOf(JSON.parse(line) as CloudEvent)));
      expect(own).toHaveLength(count);
      expect([keys[0], keys.at(-1)]).toEqual([first, last]);
      lines.push(...own);
    }
    expect(lines).toHaveLength(600);
    expect(segment.blocks.reduce((sum, { length }) => sum + length, 0)).toBe(whole.length);
    const stored = await env.EVENTS.head(segment.key);
    expect(stored?.httpMetadata).toMatchObject({ contentType: "application/x-ndjson", contentEncoding: "gzip" });
  });

  it("[EVT-7] finds one call among many", async () => {
    const log = await heldLog();
    const calls = Array.from({ length: 30 }, () => newSessionId());
    await Promise.all(calls.map((call) => log.append(eventsOf(call, 1, 3))));
    expect(await log.flush()).toBe(true);
    for (const call of calls.slice(0, 5)) expect(await flushed(log, call)).toEqual([1, 2, 3]);
    expect(await flushed(log, newSessionId())).toEqual([]);
  });

  it("[EVT-6] puts events of an older hour under that hour", async () => {
    const log = await heldLog();
    const late = newSessionId();
    const fresh = newSessionId();
    const lateMs = Date.now() - 3 * HOUR_MS;
    await log.append(eventsOf(late, 1, 2, lateMs));
    await log.append(eventsOf(fresh, 1, 2));
    expect(await log.flush()).toBe(true);
    expect((await log.manifests()).map(({ hour }) => hour).sort()).toEqual([hourOf(lateMs), hourOf(Date.now())].sort());
    await log.append(eventsOf(late, 3, 3, lateMs));
    expect(await log.flush()).toBe(true);
    expect(await flushed(log, late)).toEqual([1, 2, 3]);
    expect(await flushed(log, fresh)).toEqual([1, 2]);
  });

  it("[EVT-10] begins another part of the manifest when one is full, and all parts are read", async () => {
    const log = await heldLog();
    const call = newSessionId();
    const atMs = Date.now();
    const flushes = SEGMENTS_PER_MANIFEST_PART + 2;
    for (let sequence = 1; sequence <= flushes; sequence++) {
      await log.append(eventsOf(call, sequence, sequence, atMs));
      expect(await log.flush()).toBe(true);
      if (sequence === 20) await log.evict().then(() => log.hold());
    }
    expect((await log.manifests()).map(({ segments }) => segments.length)).toEqual([SEGMENTS_PER_MANIFEST_PART, 2]);
    expect(await flushed(log, call)).toHaveLength(flushes);
  });
});

describe("a flush that is cut short", () => {
  for (const point of ["event-log.before-segment", "event-log.before-manifest", "event-log.before-release"] as const) {
    it(`[EVT-19] ${point}: dies, and is repeated with the same objects and no doubles`, async () => {
      const log = await heldLog();
      const call = newSessionId();
      await log.append(eventsOf(call, 1, 70));
      await log.breakAt(point);
      expect(await log.flush()).toBe(false);
      const keys = await log.segmentKeys();
      const before = await Promise.all(keys.map(bytesOf));
      expect(await log.head(call)).toHaveLength(70);
      // What comes in after the cut does not change what the repetition writes.
      await log.append(eventsOf(call, 71, 72));
      await log.kill();
      await log.hold();
      expect(await log.head(call)).toHaveLength(72);
      expect(await log.flush()).toBe(true);
      const after = await log.segmentKeys();
      expect(after.slice(0, keys.length)).toEqual(keys);
      expect(await Promise.all(keys.map(bytesOf))).toEqual(before);
      expect(after).toHaveLength(2);
      expect(await flushed(log, call)).toEqual(Array.from({ length: 72 }, (_, index) => index + 1));
      expect(await log.head(call)).toEqual([]);
    });
  }
});
