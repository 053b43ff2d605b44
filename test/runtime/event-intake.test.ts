import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { IntakeAnswer } from "../../domain/events/shard.ts";
import { FINGERPRINT_MS } from "../../domain/events/fingerprints.ts";
import { HOUR_MS, hourOf } from "../../domain/events/keys.ts";
import type { Manifest } from "../../domain/events/segment.ts";
import { shardOfEventId, timeOfId } from "../../domain/shared/ids.ts";
import { until } from "./fixture/clock.ts";
import { IntakeUnderTest, incoming } from "./fixture/intake.ts";

const range = (count: number) => Array.from({ length: count }, (_, index) => index);

describe("a shard that takes events by the API", () => {
  it("[ING-4] makes ids that only grow, across a clock that steps back, a death and a flush", async () => {
    const shard = new IntakeUnderTest();
    const nowMs = Date.now() + HOUR_MS;
    await shard.at(nowMs);
    const ids = [...(await shard.ids(range(5_000).map(() => incoming())))];
    await shard.at(nowMs - 60_000);
    ids.push(...(await shard.ids([incoming()])));
    await shard.kill();
    await shard.at(nowMs - 60_000);
    ids.push(...(await shard.ids([incoming()])));
    await shard.flush();
    await shard.evict();
    await shard.at(nowMs - 60_000);
    ids.push(...(await shard.ids([incoming()])));
    expect(ids.toSorted()).toEqual(ids);
    expect(new Set(ids).size).toBe(5_003);
    expect(shardOfEventId(ids[0]!)).toEqual({ epoch: 15, number: 7 });
    expect(timeOfId(ids[0]!)).toBe(nowMs);
  });

  it("[ING-8] keeps what it has acknowledged when it dies", async () => {
    const shard = new IntakeUnderTest();
    const ids = await shard.ids([incoming({ data: { a: 1 } }), incoming({ time: "2026-01-02T03:04:05Z" })]);
    await shard.kill();
    const { events, more } = await shard.search();
    expect(events.map(({ id }) => id)).toEqual(ids);
    expect(more).toBe(false);
    expect(events[0]).toMatchObject({
      specversion: "1.0",
      type: "call.answered",
      data: { a: 1 },
      time: events[0]!.recordedtime,
    });
    expect(Date.parse(events[0]!.recordedtime)).toBe(timeOfId(ids[0]!));
  });

  it("[ING-5] knows events that come again, also after a death, a flush and both, and forgets them a day later", async () => {
    const shard = new IntakeUnderTest();
    const nowMs = Date.now() + HOUR_MS;
    await shard.at(nowMs);
    const [first] = await shard.ids([incoming({}, "a"), incoming({}, "b")]);
    const again = () => shard.store([incoming({}, "c-new"), incoming({}, "a")]);
    expect(await shard.store([incoming({}, "x"), incoming({}, "x")])).toMatchObject({ duplicates: [1] });
    expect(await again()).toMatchObject({ duplicates: [1], ids: [expect.any(String), first] });
    await shard.kill();
    await shard.at(nowMs);
    expect(await again()).toMatchObject({ duplicates: [0, 1], ids: [expect.any(String), first] });
    await shard.flush();
    await shard.kill();
    await shard.at(nowMs + FINGERPRINT_MS - 1);
    expect(await again()).toMatchObject({ duplicates: [0, 1], ids: [expect.any(String), first] });
    await shard.at(nowMs + FINGERPRINT_MS);
    expect(await again()).toMatchObject({ duplicates: [] });
  });

  it("[ING-5] refuses other events under a key that has been used, and stores nothing of them", async () => {
    const shard = new IntakeUnderTest();
    expect(await shard.store([incoming({}, "key/0")], "digest-1")).toMatchObject({ tag: "stored", duplicates: [] });
    expect(await shard.store([incoming({}, "key/0")], "digest-1")).toMatchObject({ tag: "stored", duplicates: [0] });
    expect(await shard.store([incoming({}, "key/0"), incoming({}, "key/1")], "digest-2")).toEqual({ tag: "key_reused" });
    expect((await shard.search()).events).toHaveLength(1);
  });

  it("[ING-8] refuses when its head is full, and takes again when that has gone to R2", async () => {
    const shard = new IntakeUnderTest();
    const large = incoming({ data: { text: "x".repeat(900_000) } });
    const answers: IntakeAnswer[] = [];
    await shard.at(Date.now() + HOUR_MS);
    for (const _ of range(40)) answers.push(await shard.store([large]));
    expect(answers.map(({ tag }) => tag)).toContain("overloaded");
    for (const id of answers.flatMap((answer) => (answer.tag === "stored" ? answer.ids : [])))
      expect((await shard.locate(id)).tag).not.toBe("elsewhere");
    await shard.flush();
    expect((await shard.store([large])).tag).toBe("stored");
  });
});

describe("a shard whose events are long", () => {
  it("[EVT-18] is flushed for its size, long before they are many, and takes more while that goes on", async () => {
    const shard = new IntakeUnderTest();
    await shard.ids([incoming()]);
    const long = incoming({ data: { text: "x".repeat(60_000) } });
    const answers: string[] = [];
    for (const _ of range(12)) answers.push((await shard.store(range(40).map(() => long))).tag);
    await until(async () => (await shard.pending()).length > 0, "a flush without an alarm");
    await until(async () => (await shard.store([long])).tag === "stored", "room for more");
    expect(answers.slice(0, 8)).toEqual(range(8).map(() => "stored"));
  });
});

describe("what readers and compaction ask a shard", () => {
  it("[QRY-5] finds events in the head and says where the rest is, in one answer", async () => {
    const shard = new IntakeUnderTest();
    const [older] = await shard.ids([incoming()]);
    await shard.flush();
    const ids = await shard.ids([incoming({ caller: "+491" }), incoming({ caller: "+492" }), incoming({ tenant: "other" })]);
    const { events, pending } = await shard.search({ order: "newest_first" });
    expect(events.map(({ id }) => id)).toEqual([ids[1], ids[0]]);
    expect(await shard.search({ limit: 1 })).toMatchObject({ more: true, lines: [expect.stringContaining(ids[0]!)] });
    expect((await shard.search({ after: ids[0]! })).events.map(({ id }) => id)).toEqual([ids[1]]);
    expect((await shard.search({ filter: { caller: [{ tag: "prefix", value: "+49" }] } })).events).toHaveLength(2);
    expect(pending).toEqual([expect.objectContaining({ hour: hourOf(timeOfId(older!)), part: 1 })]);
    const manifest = await (await env.EVENTS.get(pending[0]!.key))!.json<Manifest>();
    expect(manifest).toMatchObject({ format: 2, segments: [{ count: 1, tenants: { acme: { count: 1 } } }] });
    expect(await shard.locate(ids[0]!)).toMatchObject({ tag: "head" });
    expect(await shard.locate(older!)).toEqual({ tag: "pending", manifests: pending });
  });

  it("[STO-2] forgets merged manifests, and opens another part after it was sealed", async () => {
    const shard = new IntakeUnderTest();
    const [first] = await shard.ids([incoming()]);
    const hour = hourOf(timeOfId(first!));
    // What the head still has of the hour goes with it.
    const sealed = await shard.seal(hour);
    expect(sealed.map(({ part }) => part)).toEqual([1]);
    await shard.ids([incoming()]);
    await shard.flush();
    expect((await shard.pending()).map(({ part }) => part)).toEqual([1, 2]);
    await shard.stub.merged(sealed.map(({ key }) => key));
    await shard.evict();
    expect((await shard.pending()).map(({ part }) => part)).toEqual([2]);
    expect(await shard.locate(first!)).toEqual({ tag: "pending", manifests: await shard.pending() });
    await shard.stub.adopt(sealed);
    expect((await shard.pending()).map(({ part }) => part)).toEqual([1, 2]);
    expect(await shard.stub.unreadKeys(), "nobody has read them for webhooks").toHaveLength(2);
    await shard.stub.advance("webhooks", "reader", 2);
    expect(await shard.stub.unreadKeys()).toEqual([]);
  });

  it("[QRY-7] gives those who follow its end what comes, without a gap across a flush, and says when it cannot tell", async () => {
    const shard = new IntakeUnderTest();
    const { next } = await shard.tail(null);
    const waiting = shard.tail(next, 5_000);
    const [first] = await shard.ids([incoming()]);
    const news = await waiting;
    expect(news).toMatchObject({ lines: [expect.stringContaining(first!)], segments: [], gap: false, next: next + 1 });
    await shard.ids([incoming(), incoming({ tenant: "other" })]);
    await shard.flush();
    const [last] = await shard.ids([incoming()]);
    const left = await shard.tail(news.next);
    expect(left).toMatchObject({ lines: [], gap: false, next: next + 3 });
    expect(left.segments).toHaveLength(1);
    expect(await shard.tail(left.next)).toMatchObject({ lines: [expect.stringContaining(last!)], next: next + 4 });
    await shard.evict();
    expect(await shard.tail(news.next)).toMatchObject({ gap: true, next: next + 3 });
  });
});
