import { env, exports } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { shardName, shardOfSession } from "../../domain/events/shards.ts";
import { feedShardOf } from "../../domain/sessions/feed.ts";
import { LINGER_MS } from "../../domain/sessions/overlay.ts";
import { RING_CHANGES } from "../../domain/sessions/change-ring.ts";
import type { SessionId } from "../../domain/shared/ids.ts";
import { SETTLE_MS } from "../../durable-objects/live-feed/live-feed.ts";
import { LEASE_MS } from "../../durable-objects/live-feed/lease.ts";
import { MAX_BEHIND } from "../../durable-objects/sockets/flow.ts";
import { HOUR_MS, sleep, until } from "./fixture/clock.ts";
import { FEED_SHARDS, FeedUnderTest, Watcher, endOf, sessionOnShard, summaryOf } from "./fixture/feed.ts";
import { ask, requestOf } from "./fixture/http.ts";
import { type TestTenant, publishedTenant } from "./fixture/tenant.ts";

describe("[FEED-4] a shard of a feed", () => {
  it("holds what the projection has not caught up with, and a little longer", async () => {
    const feed = new FeedUnderTest();
    await feed.moveClock(SETTLE_MS);
    const session = summaryOf(feed.tenant);
    await feed.put(session);
    await feed.put({ ...session, sequence: 2 });
    expect(await feed.overlay()).toEqual({
      matching: [session],
      unprojectedSinceMs: session.updatedMs,
      oldest: session,
      complete: true,
    });
    await feed.projected(session);
    expect(await feed.overlay()).toEqual({ matching: [session], unprojectedSinceMs: null, oldest: null, complete: true });
    await feed.moveClock(LINGER_MS + SETTLE_MS + 1);
    expect(await feed.listed()).toEqual([]);
  });

  it("says what it knows of sessions, whether or not they match what is listed", async () => {
    const feed = new FeedUnderTest();
    const ended = endOf(summaryOf(feed.tenant));
    await feed.put(ended);
    expect(await feed.listed(0, { status: ["ongoing"] })).toEqual([]);
    expect(await feed.stub().newer(feed.shard(0), [ended.id, sessionOnShard(0)])).toEqual([ended]);
  });

  it("keeps nothing on disk", async () => {
    const feed = new FeedUnderTest();
    await feed.put(summaryOf(feed.tenant));
    await feed.listed();
    expect(await feed.inside((_, { storage }) => [...storage.kv.list()])).toEqual([]);
    expect(await feed.alarmAt()).toBe(null);
  });
});

describe("[FEED-4] a shard that has lost its memory", () => {
  let tenant: TestTenant;
  beforeAll(async () => {
    tenant = await publishedTenant();
  });

  async function call(): Promise<{ id: SessionId; feed: FeedUnderTest; number: number }> {
    const answer = await ask("/v1/calls", {
      key: tenant.key("operator"),
      body: { channel: "api", from: "+15551230001", to: "+15551230002" },
    });
    expect(answer.status).toBe(201);
    const id = answer.body["id"] as SessionId;
    await until(async () => (await inHead(id)) > 0, "the events in the log");
    return { id, feed: new FeedUnderTest(tenant.id), number: feedShardOf(id, FEED_SHARDS) };
  }

  const logOf = (id: SessionId) => env.EVENT_LOG.getByName(shardName("local", shardOfSession(id, { epoch: 0, shards: 4 })));

  const inHead = async (id: SessionId) => ((await logOf(id).read(id)) as unknown[]).length;

  it("[LST-4] says that the log may not have had all of it yet, until it must have", async () => {
    const feed = new FeedUnderTest();
    const startedMs = Date.now();
    expect((await feed.overlay()).unprojectedSinceMs ?? Infinity).toBeLessThanOrEqual(Date.now() - SETTLE_MS);
    expect((await feed.overlay()).unprojectedSinceMs ?? 0).toBeGreaterThanOrEqual(startedMs - SETTLE_MS);
    await feed.moveClock(SETTLE_MS);
    expect(await feed.overlay()).toEqual({ matching: [], unprojectedSinceMs: null, oldest: null, complete: true });
  });

  it("asks the event log and the sessions", async () => {
    const { id, feed, number } = await call();
    await feed.evict(number);
    const overlay = await feed.overlay(number);
    expect(overlay.complete).toBe(true);
    expect(overlay.matching.map((session) => session.id)).toContain(id);
    expect(overlay.unprojectedSinceMs ?? Infinity).toBeLessThanOrEqual(Date.now());
  });

  it("finds also what has left the head of the log", async () => {
    const { id, feed, number } = await call();
    await ask(`/v1/sessions/${id}/events`, { key: tenant.key("operator"), body: { type: "ended" } });
    await until(async () => (await inHead(id)) > 3, "the end in the log");
    await logOf(id).flush();
    expect(await inHead(id)).toBe(0);
    await feed.evict(number);
    const found = (await feed.overlay(number)).matching.find((session) => session.id === id);
    expect(found).toMatchObject({ id, status: "completed" });
  });

  it("takes what is put meanwhile, and says that it is not whole while it is not", async () => {
    const { id, feed, number } = await call();
    await feed.evict(number);
    await feed.breakLog(number);
    const fresh = summaryOf(tenant.id, { id: sessionOnShard(number) });
    await feed.put(fresh);
    const overlay = await feed.overlay(number);
    expect(overlay.complete).toBe(false);
    expect(overlay.matching.map((session) => session.id)).toEqual([fresh.id]);
    const newer = await feed.inside((instance) => instance.newer(feed.shard(number), [id]).catch(() => "unknown"), number);
    expect(newer).toBe("unknown");
    await feed.mendLog(number);
    const ids = await feed.listed(number);
    expect(ids).toContain(id);
    expect(ids).toContain(fresh.id);
  });

  it("does not take for unprojected what is projected while it asks", async () => {
    const { id, feed, number } = await call();
    await feed.evict(number);
    await feed.inside((instance) => {
      const view = async () => {
        await instance.projected(feed.shard(number), [{ id, tenant: tenant.id, sequence: 1_000 }]);
        return env.CALL_SESSION.getByName(id).view();
      };
      const CALL_SESSION = { getByName: (name: string) => (name === id ? { view } : env.CALL_SESSION.getByName(name)) };
      Object.assign(instance, { env: { ...env, CALL_SESSION } });
    }, number);
    expect(await feed.listed(number)).not.toContain(id);
  });
});

describe("[FEED-1] who watches", () => {
  it("is told of every session of the tenant, whichever shard has it, in order", async () => {
    const feed = new FeedUnderTest();
    const watcher = await feed.watch();
    const sessions = Array.from({ length: FEED_SHARDS }, (_, number) => summaryOf(feed.tenant, { id: sessionOnShard(number) }));
    for (const session of sessions) await feed.put(session);
    for (const session of sessions) await feed.put({ ...session, phase: "ringing", sequence: 4 });
    for (const session of sessions) await feed.put(endOf(session));
    await watcher.hears(1 + 3 * FEED_SHARDS);
    expect(watcher.told()[0]).toBe("hello");
    for (const { id } of sessions) {
      expect(watcher.told().filter((line) => line.endsWith(id))).toEqual([`opened ${id}`, `changed ${id}`, `ended ${id}`]);
    }
    expect(watcher.frames.at(-1)).toMatchObject({
      session: { status: "completed", disposition: "answered", from: "+15551230001" },
    });
    const positions = watcher.frames.map(({ position }) => Number(position));
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
  });

  it("hears of what matches, and of what matches no more", async () => {
    const feed = new FeedUnderTest();
    const watcher = await feed.watch({ filter: { status: ["ongoing"], trunk: ["main,other"] } });
    const wanted = summaryOf(feed.tenant);
    await feed.put(wanted);
    await feed.put(summaryOf(feed.tenant, { trunk: "third" }));
    await feed.put(endOf(wanted));
    await feed.put({ ...endOf(wanted), sequence: 9, tags: ["late"] });
    const last = summaryOf(feed.tenant);
    await feed.put(last);
    await watcher.hears(4);
    expect(watcher.told()).toEqual(["hello", `opened ${wanted.id}`, `ended ${wanted.id} left`, `opened ${last.id}`]);
  });

  it("hears of an end also when the session was projected long ago", async () => {
    const feed = new FeedUnderTest();
    const session = summaryOf(feed.tenant);
    await feed.put(session);
    await feed.projected(session);
    await feed.moveClock(LINGER_MS + 1);
    const watcher = await feed.watch({ filter: { status: ["ongoing"] } });
    await feed.put(endOf(session));
    await watcher.hears(2);
    expect(watcher.told()).toEqual(["hello", `ended ${session.id} left`]);
  });

  it("goes on while objects leave memory", async () => {
    const feed = new FeedUnderTest();
    const watcher = await feed.watch();
    await Promise.all([0, 1].map((number) => feed.evict(number)));
    const sessions = [0, 1].map((number) => summaryOf(feed.tenant, { id: sessionOnShard(number) }));
    for (const session of sessions) await feed.put(session);
    await watcher.hears(3);
    expect(watcher.told()).toEqual(["hello", ...sessions.map(({ id }) => `opened ${id}`)]);
  });

  it("is refused with a filter that there is not, and with a ticket that was used", async () => {
    const feed = new FeedUnderTest();
    expect((await feed.upgrade({ filter: { status: ["asleep"] } })).webSocket).toBe(null);
    const ticket = { nonce: crypto.randomUUID(), expiresMs: Date.now() + HOUR_MS };
    expect((await feed.upgrade({ ticket })).status).toBe(101);
    expect((await feed.upgrade({ ticket })).status).not.toBe(101);
  });

  it("[LIVE-5] is cut off when the credentials expire, and for what is no frame", async () => {
    const feed = new FeedUnderTest();
    const expiring = await feed.watch({ expiresMs: Date.now() + 60_000 });
    const babbling = await feed.watch();
    babbling.send({ type: "command" });
    expect(await babbling.closes()).toEqual({ code: 4000 });
    await feed.moveClock(61_000);
    expect(await feed.fireAlarm()).toBe(true);
    expect(await expiring.closes()).toEqual({ code: 4001 });
  });
});

describe("GET /v1/live", () => {
  const upgrade = (query: string, key?: string) =>
    exports.default.fetch(
      requestOf(`/v1/live${query}`, { ...(key === undefined ? {} : { key }), headers: { Upgrade: "websocket" } }),
    );

  it("[FEED-1] tells the tenant's own sessions, and nobody else's", async () => {
    const [tenant, stranger] = [await publishedTenant(), await publishedTenant()];
    const { webSocket } = await upgrade("?status=ongoing&trunk=main", tenant.key("viewer"));
    const watcher = new Watcher(webSocket!);
    await watcher.hears(1);
    await new FeedUnderTest(stranger.id).put(summaryOf(stranger.id));
    const own = summaryOf(tenant.id);
    await new FeedUnderTest(tenant.id).put(own);
    await watcher.hears(2);
    expect(watcher.told()).toEqual(["hello", `opened ${own.id}`]);
  });

  it("is refused before anything is upgraded", async () => {
    const tenant = await publishedTenant();
    expect((await upgrade("")).status).toBe(401);
    expect((await upgrade("?colour=red", tenant.key("viewer"))).status).toBe(400);
    expect((await upgrade("?status=asleep", tenant.key("viewer"))).status).toBe(400);
    expect((await ask("/v1/live", { key: tenant.key("viewer") })).status).toBe(426);
  });
});

describe("[FEED-2] who comes back", () => {
  it("goes on where it was", async () => {
    const feed = new FeedUnderTest();
    const first = await feed.watch();
    const sessions = [0, 0, 0].map(() => summaryOf(feed.tenant));
    await feed.put(sessions[0]!);
    await first.hears(2);
    first.close();
    for (const session of sessions.slice(1)) await feed.put(session);
    const second = await feed.watch({ after: first.position });
    await second.hears(3);
    expect(second.told()).toEqual(["hello", ...sessions.slice(1).map(({ id }) => `opened ${id}`)]);
    const third = await feed.watch({ after: second.position });
    await feed.put(endOf(sessions[0]!));
    await third.hears(2);
    expect(third.told()).toEqual(["hello", `ended ${sessions[0]!.id}`]);
  });

  it("is told to read the list again when that is too far back, from another memory, or made up", async () => {
    const feed = new FeedUnderTest();
    const { position } = await feed.watch();
    for (const after of ["nonsense", "1", `${position}0`]) {
      const watcher = await feed.watch({ after });
      await watcher.hears(2);
      expect(watcher.told()).toEqual(["hello", "reset"]);
    }
    await feed.evict();
    const watcher = await feed.watch({ after: position });
    await watcher.hears(2);
    expect(watcher.told()).toEqual(["hello", "reset"]);
    expect(Number(watcher.position)).toBeGreaterThan(Number(position));
  });

  it("[LIVE-8] gets no more than it takes, all of it once it takes it, and is cut off when that is not known any more", async () => {
    const feed = new FeedUnderTest();
    const slow = await feed.watch();
    const lost = await feed.watch();
    const session = summaryOf(feed.tenant);
    const putUpTo = async (from: number, to: number) =>
      feed.inside(async (instance) => {
        for (let sequence = from; sequence < to; sequence++) await instance.put(feed.shard(0), { ...session, sequence });
      });
    await putUpTo(3, 3 + MAX_BEHIND + 50);
    await slow.hears(MAX_BEHIND);
    await sleep(50);
    expect(slow.frames.length).toBeLessThanOrEqual(MAX_BEHIND);
    slow.send({ type: "ack", position: slow.position });
    await slow.hears(1 + MAX_BEHIND + 50);
    const sequences = slow.frames.slice(1).map((frame) => ("session" in frame ? frame.session["lastSequence"] : null));
    expect(sequences).toEqual(Array.from({ length: MAX_BEHIND + 50 }, (_, index) => index + 3));
    await putUpTo(1_000, 1_000 + RING_CHANGES);
    expect(await lost.closes()).toEqual({ code: 4008 });
  });
});

describe("[FEED-3] shards", () => {
  it("tell what changes only while somebody watches, and some minutes longer", async () => {
    const feed = new FeedUnderTest();
    await feed.put(summaryOf(feed.tenant, { id: sessionOnShard(1) }));
    expect(await feed.leaseOf(1)).toBe(undefined);
    const watcher = await feed.watch();
    const untilMs = (await feed.leaseOf(1)) ?? 0;
    expect(untilMs).toBeGreaterThan(Date.now() + LEASE_MS / 2);
    watcher.close();
    await until(() => feed.inside((_, state) => state.getWebSockets().length === 0), "the end of the socket");
    expect(await feed.fireAlarm()).toBe(true);
    expect(await feed.alarmAt()).toBe(null);
    expect(await feed.leaseOf(1)).toBe(untilMs);
  });

  it("are asked again while there are sockets", async () => {
    const feed = new FeedUnderTest();
    await feed.watch();
    const before = (await feed.leaseOf(1)) ?? 0;
    await feed.moveClock(LEASE_MS - 1_000);
    expect(await feed.fireAlarm()).toBe(true);
    expect((await feed.leaseOf(1)) ?? 0).toBeGreaterThan(before);
    expect(await feed.alarmAt()).not.toBe(null);
  });

  it("stop when nobody listens any more", async () => {
    const feed = new FeedUnderTest();
    await feed.stub(1).watch(feed.shard(1), Date.now() + LEASE_MS);
    await feed.put(summaryOf(feed.tenant, { id: sessionOnShard(1) }));
    await expect.poll(() => feed.leaseOf(1), { timeout: 5_000 }).toBe(undefined);
  });

  it("say that changes got lost: then the list has to be read again", async () => {
    const feed = new FeedUnderTest();
    const watcher = await feed.watch();
    const session = summaryOf(feed.tenant);
    const change = { kind: "opened", session, before: null } as const;
    expect(await feed.stub().relay(feed.shard(0), { changes: [change], gap: true })).toBe(true);
    await watcher.hears(3);
    expect(watcher.told()).toEqual(["hello", "reset", `opened ${session.id}`]);
  });

  it("begin anew after nobody has watched for long", async () => {
    const feed = new FeedUnderTest();
    const { position } = await feed.watch();
    await feed.moveClock(LEASE_MS + 1);
    const watcher = await feed.watch({ after: position });
    await watcher.hears(2);
    expect(watcher.told()).toEqual(["hello", "reset"]);
  });
});
