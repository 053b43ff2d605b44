import { env } from "cloudflare:workers";
import { createExecutionContext } from "cloudflare:test";
import { afterEach, describe, expect, it, vi } from "vitest";
import { HOUR_MS, manifestKey, hourOf } from "../../domain/events/keys.ts";
import type { Plan } from "../../domain/routing/plan.ts";
import { standard } from "../../workers/standard.ts";
import { requestOf } from "./fixture/http.ts";
import { ROUTED, tenantId } from "./fixture/session.ts";
import { StoredLog, eventsWith, openedVersion, ownHour, replayed, storedCall } from "./fixture/stored-calls.ts";
import { publishedTenant } from "./fixture/tenant.ts";
import { unique } from "./fixture/unique.ts";
import { replay } from "../../workers/replay.ts";

const TENANT = tenantId("replaying");
const PREMIUM = { to: { kind: "e164", e164: "+19005550100" } } as const;

/** So many calls, a second apart, all events of each. */
const calls = (count: number, fromMs: number, tenant = TENANT) =>
  Array.from({ length: count }, (_, at) => storedCall(tenant, fromMs + at * 1_000));
const entriesOf = (stored: readonly { readonly all: readonly ReturnType<typeof storedCall>["all"][number][] }[]) =>
  stored.flatMap(({ all }) => all);

afterEach(() => vi.useRealTimers());

describe("[EXP-3] a replay", () => {
  it("reads all segments of all shards, tells how far it is, and its numbers add up", async () => {
    const hour = ownHour();
    for (const log of [new StoredLog(), new StoredLog()]) {
      await log.flush(entriesOf(calls(30, hour)));
      await log.flush(entriesOf(calls(20, hour + 60_000)));
      const premium = Array.from({ length: 7 }, (_, at) => storedCall(TENANT, hour + HOUR_MS + at, PREMIUM));
      await log.flush(entriesOf(premium));
      await log.flush(entriesOf([storedCall(TENANT, hour + HOUR_MS + 900, {}, { ...ROUTED, ruleId: "of-another-name" })]));
    }
    const { summary, changes, progress } = await replayed(TENANT, hour, hour + 2 * HOUR_MS, { limit: 5 });
    expect(summary).toMatchObject({ calls: 116, changed: 14, otherRule: 2, otherMoves: 0, unreadableCalls: 0 });
    expect(summary.moves).toEqual([{ before: "world", after: "premium", calls: 14 }]);
    expect(changes).toHaveLength(5);
    expect(changes[0]).toMatchObject({
      to: "+19005550100",
      before: { action: "route" },
      after: { action: "reject", sipCode: 603 },
    });
    expect(progress.map(({ segments }) => segments)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(progress.map(({ share }) => share)).toEqual(progress.map(({ share }) => share).sort((a, b) => a - b));
    expect(progress.at(-1)).toMatchObject({ share: 1, calls: 116, changed: 14 });
  });

  it("sees its own tenant's calls alone, whatever another's metadata says", async () => {
    const hour = ownHour();
    const [own, other] = [tenantId(unique("own")), tenantId(unique("other"))];
    const forged = { source: `/tenants/${own}/calls`, type: "dev.trunkline.call.received.v1" };
    const theirs = Array.from({ length: 5 }, (_, at) => storedCall(other, hour + at, { ...PREMIUM, metadata: forged }));
    await new StoredLog().flush([...entriesOf(theirs), ...entriesOf(calls(3, hour, own))]);
    const { summary, changes } = await replayed(own, hour, hour + HOUR_MS);
    expect([summary.calls, summary.unreadableCalls, changes]).toEqual([3, 0, []]);
    expect((await replayed(other, hour, hour + HOUR_MS)).summary).toMatchObject({ calls: 5, changed: 5 });
  });

  it("takes the calls from the first millisecond of its period to the last before its end", async () => {
    const hour = ownHour();
    const [from, to] = [hour + 123_456, hour + 234_567];
    await new StoredLog().flush(entriesOf([from - 1, from, to - 1, to].map((atMs) => storedCall(TENANT, atMs))));
    const calledAt = async (fromMs: number, toMs: number) => (await replayed(TENANT, fromMs, toMs)).summary.calls;
    expect(await calledAt(from, to)).toBe(2);
    expect(await calledAt(from - 1, to + 1)).toBe(4);
    expect(await calledAt(from, from + 1)).toBe(1);
    expect(await calledAt(hour - 1, hour)).toBe(0);
  });

  it("takes a segment that has nothing of its period for what it is", async () => {
    const hour = ownHour();
    // Two blocks, with a gap between them.
    const stored = [...calls(22, hour), ...calls(22, hour + 40 * 60_000)];
    await new StoredLog().flush(entriesOf(stored).filter((_, at) => at < 64 || at >= 66));
    const { summary } = await replayed(TENANT, hour + 20 * 60_000, hour + 30 * 60_000);
    expect(summary).toMatchObject({ calls: 0, unreadableCalls: 0, unreadableSegmentCount: 0 });
  });

  it("counts a call once, though its events were flushed again", async () => {
    const hour = ownHour();
    const log = new StoredLog();
    const stored = calls(10, hour);
    await log.flush(entriesOf(stored));
    await log.flush(entriesOf(stored));
    await log.flush(stored.flatMap(({ routed }) => [routed]));
    const { summary } = await replayed(TENANT, hour, hour + HOUR_MS);
    expect(summary).toMatchObject({ calls: 10, unreadableCalls: 0 });
  });

  it("joins halves that lie in two segments, in either order, and on both sides of an hour", async () => {
    const hour = ownHour();
    const log = new StoredLog();
    const inTwo = calls(4, hour);
    await log.flush(inTwo.map(({ received }) => received));
    await log.flush(inTwo.map(({ routed }) => routed));
    const turned = storedCall(TENANT, hour + 10_000);
    await log.flush([turned.routed]);
    await log.flush([turned.received]);
    // The id of the second half has slipped into the next hour, its time has not.
    const last = storedCall(TENANT, hour + HOUR_MS - 1);
    const next = storedCall(TENANT, hour + HOUR_MS);
    const slipped = { ...last.routed, id: next.routed.id, line: last.routed.line.replace(last.routed.id, next.routed.id) };
    await log.flush([last.received, slipped]);
    expect((await replayed(TENANT, hour, hour + HOUR_MS)).summary).toMatchObject({ calls: 6, unreadableCalls: 0 });
    expect((await replayed(TENANT, hour + HOUR_MS, hour + 2 * HOUR_MS)).summary).toMatchObject({
      calls: 0,
      unreadableCalls: 0,
    });
  });

  it("tells apart the moves between the first pairs of rules, and counts the others together", async () => {
    const hour = ownHour();
    const from = (ruleId: string): Plan => ({ ...ROUTED, ruleId });
    const pairs = Array.from({ length: 203 }, (_, at) => storedCall(TENANT, hour + at, PREMIUM, from(`rule-${at}`)));
    const again = Array.from({ length: 9 }, (_, at) => storedCall(TENANT, hour + 1_000 + at, PREMIUM, from("rule-7")));
    await new StoredLog().flush(entriesOf([...pairs, ...again]));
    const { summary } = await replayed(TENANT, hour, hour + HOUR_MS);
    expect(summary.moves).toHaveLength(200);
    expect(summary.moves[0]).toEqual({ before: "rule-7", after: "premium", calls: 10 });
    expect(summary.otherMoves).toBe(3);
    expect(summary.moves.reduce((sum, move) => sum + move.calls, summary.otherMoves)).toBe(summary.changed);
  });
});

describe("[EXP-4] what cannot be read", () => {
  const overwrite = async (key: string, change: (bytes: Uint8Array) => void) => {
    const bytes = new Uint8Array(await (await env.EVENTS.get(key))!.arrayBuffer());
    change(bytes);
    await env.EVENTS.put(key, bytes);
  };

  it("is a block that is damaged: its segment is named, the others' calls are replayed", async () => {
    const hour = ownHour();
    const log = new StoredLog();
    // 256 events to a block, three a call: 85 calls and a third of one.
    const [damaged] = await log.flush(entriesOf(calls(100, hour)));
    await log.flush(entriesOf(calls(10, hour + 200_000)));
    const { offset, length } = damaged!.blocks[0]!;
    await overwrite(damaged!.key, (bytes) => bytes.fill(0xff, offset + length / 2, offset + length));
    const { summary } = await replayed(TENANT, hour, hour + HOUR_MS);
    expect(summary).toMatchObject({ unreadableSegmentCount: 1, unreadableSegments: [damaged!.key] });
    expect(summary).toMatchObject({ calls: 24, unreadableCalls: 1 });
  });

  it("is a segment that its manifest names and that is gone, or cut off", async () => {
    const hour = ownHour();
    const log = new StoredLog();
    const [gone] = await log.flush(entriesOf(calls(5, hour)));
    const [cut] = await log.flush(entriesOf(calls(5, hour + 10_000)));
    await log.flush(entriesOf(calls(5, hour + 20_000)));
    await env.EVENTS.delete(gone!.key);
    const bytes = await (await env.EVENTS.get(cut!.key))!.arrayBuffer();
    await env.EVENTS.put(cut!.key, bytes.slice(0, 50));
    const { summary } = await replayed(TENANT, hour, hour + HOUR_MS);
    expect(summary).toMatchObject({ calls: 5, unreadableSegmentCount: 2, unreadableSegments: [gone!.key, cut!.key] });
  });

  it("is a manifest, which is named in place of its segments", async () => {
    const hour = ownHour();
    const [log, other] = [new StoredLog(), new StoredLog()];
    await log.flush(entriesOf(calls(5, hour)));
    await other.flush(entriesOf(calls(3, hour)));
    const key = manifestKey(log.shard, hourOf(hour), 0);
    await env.EVENTS.put(key, "{");
    const { summary } = await replayed(TENANT, hour, hour + HOUR_MS);
    expect(summary).toMatchObject({ calls: 3, unreadableSegmentCount: 1, unreadableSegments: [key] });
  });

  it("is a segment that R2 does not answer for in time", async () => {
    const hour = ownHour();
    const log = new StoredLog();
    const [hung] = await log.flush(entriesOf(calls(5, hour)));
    await log.flush(entriesOf(calls(5, hour + 10_000)));
    const bucket = eventsWith((key, read) => (key === hung!.key ? new Promise(() => {}) : read()));
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    let summary: Awaited<ReturnType<typeof replayed>>["summary"] | undefined;
    const running = replayed(TENANT, hour, hour + HOUR_MS, { bucket }).then((result) => void (summary = result.summary));
    while (summary === undefined) {
      await vi.advanceTimersByTimeAsync(1_000);
      await scheduler.wait(1);
    }
    await running;
    expect(summary).toMatchObject({ calls: 5, unreadableSegments: [hung!.key] });
  });

  it("is a call without its other half, or with values that no call has", async () => {
    const hour = ownHour();
    const [half, whole, strange, early] = [hour + 1, hour + 2, hour + 3, hour - 1].map((atMs) => storedCall(TENANT, atMs));
    const nonsense = { ...strange!.received, line: strange!.received.line.replace('"+15551230002"', '"nobody knows"') };
    await new StoredLog().flush([half!.routed, whole!.received, whole!.routed, nonsense, strange!.routed, early!.received]);
    const { summary } = await replayed(TENANT, hour, hour + HOUR_MS);
    expect(summary).toMatchObject({ calls: 1, unreadableCalls: 2, unreadableSegmentCount: 0 });
  });
});

describe("[EXP-4] a replay that nobody reads any more", () => {
  it("reads no further segments", async () => {
    const tenant = await publishedTenant();
    const hour = ownHour();
    const log = new StoredLog();
    for (let at = 0; at < 20; at++) await log.flush(entriesOf(calls(2, hour + at * 10_000, tenant.id)));
    let reads = 0;
    const EVENTS = eventsWith((_key, read) => {
      reads += 1;
      return read();
    });
    const body = { from: new Date(hour).toISOString(), to: new Date(hour + HOUR_MS).toISOString(), version: "current" };
    const request = requestOf("/v1/routing/replay", { key: tenant.key("viewer"), body });
    const answer = await standard().fetch(request, { ...env, EVENTS }, createExecutionContext());
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "application/x-ndjson"]);
    const lines = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
    expect(JSON.parse((await lines.read()).value!)).toMatchObject({ type: "progress", segments: 1, calls: 2 });
    await lines.cancel();
    await scheduler.wait(50);
    const readWhenLeft = reads;
    expect(readWhenLeft).toBeLessThan(12);
    await scheduler.wait(200);
    expect(reads).toBe(readWhenLeft);
  });
});

describe("[EXP-4] a store of which nothing can be told", () => {
  it("is answered with a problem, not with an answer that breaks off", async () => {
    const bucket = new Proxy(env.EVENTS, {
      get: (target, name) =>
        name === "list" ? () => Promise.reject(new Error("R2 is away")) : (Reflect.get(target, name, target) as unknown),
    });
    const hour = ownHour();
    const request = { from: hour, to: hour + HOUR_MS, limit: 1, version: "current" as const };
    await expect(replay(await openedVersion(TENANT), bucket, TENANT, request)).rejects.toThrow("R2 is away");
  });
});
