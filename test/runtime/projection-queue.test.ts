import { env } from "cloudflare:workers";
import { createExecutionContext, createMessageBatch, createScheduledController, getQueueResult } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../adapters/platform/clock.ts";
import type { Position } from "../../adapters/postgres/sessions/project.ts";
import { DatabaseUnavailable } from "../../adapters/postgres/unavailable.ts";
import { createMeter } from "../../adapters/telemetry/meter.ts";
import { parseEnvironment } from "../../contracts/environment.ts";
import type { CloudEvent } from "../../domain/events/event.ts";
import type { Projected } from "../../domain/sessions/feed.ts";
import worker from "../../workers/index.ts";
import { watchShards } from "../../workers/cron.ts";
import { type QueueDeps, createQueueDeps } from "../../workers/queues/deps.ts";
import { consume } from "../../workers/queues/index.ts";
import { FollowedLog } from "./fixture/followed-log.ts";
import { eventsOf } from "./fixture/log.ts";
import { newSessionId } from "./fixture/unique.ts";

const QUEUE = "trunkline-standard-dev-projection";
const DEAD = `${QUEUE}-dead`;
const BUDGET_MS = 60_000;

/** The tables, in memory: what was written, in which order. */
class StoreDouble {
  readonly ids: string[] = [];
  readonly positions: (Position | null)[] = [];
  isAway = false;
  meanwhile: () => Promise<void> = () => Promise.resolve();

  readonly project = async (events: readonly CloudEvent[], position: Position | null) => {
    if (this.isAway) throw new DatabaseUnavailable(null);
    await this.meanwhile();
    this.ids.push(...events.map(({ id }) => id));
    this.positions.push(position);
    return [];
  };
}

function projection() {
  const store = new StoreDouble();
  const told: Projected[] = [];
  const logged: string[] = [];
  const meter = createMeter({});
  const deps = createQueueDeps(env, parseEnvironment(env), {
    clock: systemClock,
    randomness: { bytes: (count) => new Uint8Array(count), fraction: () => 1 },
    log: (_level, message) => void logged.push(message),
    meter,
    store,
    feed: { projected: async (sessions) => void told.push(...sessions) },
    targets: async () => [],
    handOver: async () => {},
  });
  return { deps, store, told, logged, counters: () => meter.take(Date.now(), true)?.counters ?? {} };
}

const idsOf = (lines: readonly string[]) => lines.map((line) => (JSON.parse(line) as CloudEvent).id);

describe("following a shard into the tables", () => {
  it("[PRJ-1] projects what was flushed and what is in the head, moves the shard's offset, and tells the feeds", async () => {
    const log = await FollowedLog.start();
    const call = newSessionId();
    await log.add(3, call);
    await log.flush();
    await log.add(2, call, 4);
    const { deps, store, told } = projection();
    expect(await deps.follow(log.name, BUDGET_MS)).toBe("caught_up");
    expect(store.ids).toEqual(idsOf(log.lines));
    expect(store.positions).toEqual([
      { shard: `standard/${log.name}`, from: 0, next: 3 },
      { shard: `standard/${log.name}`, from: 3, next: 5 },
    ]);
    expect(await log.lag()).toEqual({ next: 5, end: 5, oldestUnreadMs: null });
    expect(told.map(({ id, sequence }) => [id, sequence])).toEqual([
      [call, 3],
      [call, 5],
    ]);
    expect(await deps.follow(log.name, BUDGET_MS)).toBe("caught_up");
    expect(store.ids).toHaveLength(5);
  });

  it("[PRJ-5] with Postgres away nothing moves and nobody is kept out; when it is back everything is projected", async () => {
    const log = await FollowedLog.start();
    await log.add(4);
    await log.flush();
    const { deps, store, told } = projection();
    store.isAway = true;
    await expect(deps.follow(log.name, BUDGET_MS)).rejects.toThrow(DatabaseUnavailable);
    expect(await log.lag()).toMatchObject({ next: 0, end: 4 });
    expect(told).toEqual([]);
    store.isAway = false;
    expect(await deps.follow(log.name, BUDGET_MS)).toBe("caught_up");
    expect(store.ids.toSorted()).toEqual(idsOf(log.lines).toSorted());
  });

  it("[PRJ-1] a generation too large for one transaction comes in pieces; the position moves with the last", async () => {
    const log = await FollowedLog.start();
    await log.add(2_040);
    await log.flush();
    const { deps, store } = projection();
    expect(await deps.follow(log.name, BUDGET_MS)).toBe("caught_up");
    expect(store.positions).toEqual([null, { shard: `standard/${log.name}`, from: 0, next: 2_040 }]);
    expect(new Set(store.ids).size).toBe(2_040);
  });

  it("[PRJ-1] when its time is up it leaves, with a wake-up for what is left", async () => {
    const log = await FollowedLog.start();
    await log.add(1);
    await log.flush();
    await log.add(1);
    const { deps, store } = projection();
    expect(await deps.follow(log.name, 0)).toBe("unfinished");
    expect(store.ids).toEqual(idsOf(log.lines.slice(0, 1)));
    expect(await log.follow()).toMatchObject({ tag: "events", from: 1 });
    expect(await deps.follow(log.name, BUDGET_MS), "the other reader").toBe("busy");
  });

  it("[PRJ-1] of a shard that takes events all the time, it ends with what was there", async () => {
    const log = await FollowedLog.start();
    await log.add(3);
    await log.flush();
    const { deps, store } = projection();
    store.meanwhile = () => log.add(1);
    expect(await deps.follow(log.name, BUDGET_MS)).toBe("caught_up");
    expect(store.positions.length).toBeLessThanOrEqual(2);
    expect(store.ids).toEqual(expect.arrayContaining(idsOf(log.lines.slice(0, 3))));
    expect((await log.follow()).tag, "nobody is kept out").toBe("events");
  });

  it("[PRJ-4] lines that are no events are counted and left out, and a segment that is gone stops nothing", async () => {
    const log = await FollowedLog.start();
    await log.add(1);
    await log.flush();
    await env.EVENTS.delete(await log.segmentKeys());
    const [event] = eventsOf(newSessionId(), 1, 1);
    await log.append([{ ...event!, line: "not JSON" }]);
    await log.add(2);
    const { deps, store, logged, counters } = projection();
    expect(await deps.follow(log.name, BUDGET_MS)).toBe("caught_up");
    expect(store.ids).toEqual(idsOf(log.lines.slice(1)));
    expect(store.positions.at(-1)).toMatchObject({ next: 4 });
    expect(logged).toEqual(["a segment cannot be projected", "events that cannot be projected were left out"]);
    expect(counters()).toMatchObject({
      'trunkline_projection_events_total{outcome="left_out"}': 1,
      'trunkline_projection_events_total{outcome="projected"}': 2,
      'trunkline_projection_batches_total{outcome="missing"}': 1,
    });
  });
});

type Sent = readonly [id: string, body: unknown, attempts?: number];

/** What becomes of messages: those that are done with, by id, and in how many seconds the others come again. */
async function answered(queue: string, deps: QueueDeps, ...sent: readonly Sent[]) {
  const acknowledged: string[] = [];
  const retried: Record<string, number | undefined> = {};
  const messages = sent.map(([id, body, attempts = 1]) => ({
    id,
    body,
    attempts,
    timestamp: new Date(),
    ack: () => void acknowledged.push(id),
    retry: ({ delaySeconds }: QueueRetryOptions = {}) => void (retried[id] = delaySeconds),
  }));
  await consume({ queue, messages, ackAll: () => {}, retryAll: () => {} } as unknown as MessageBatch<unknown>, deps);
  return { acknowledged: acknowledged.toSorted(), retried };
}

describe("wake-ups", () => {
  it("[PRJ-2] of one batch that name the same shard are answered by following it once", async () => {
    const followed: string[] = [];
    const deps: QueueDeps = {
      ...projection().deps,
      follow: async (shard) => {
        followed.push(shard);
        return shard === "local-0-1" ? "busy" : "caught_up";
      },
    };
    const bodies: Sent[] = [
      ["a", { shard: "local-0-0" }],
      ["b", { shard: "local-0-1" }],
      ["c", { shard: "local-0-0" }],
    ];
    expect(await answered(QUEUE, deps, ...bodies)).toEqual({ acknowledged: ["a", "b", "c"], retried: {} });
    expect(followed.toSorted()).toEqual(["local-0-0", "local-0-1"]);
  });

  it("[PRJ-5] of a shard that cannot be followed come back once, later and later; the others are answered", async () => {
    const follow: QueueDeps["follow"] = async (shard) => {
      if (shard === "local-0-0") throw new DatabaseUnavailable(null);
      return "caught_up";
    };
    const { deps, logged } = projection();
    const sent = (attempts: number): Sent[] => [
      ["old", { shard: "local-0-0" }, attempts + 1],
      ["young", { shard: "local-0-0" }, attempts],
      ["other", { shard: "local-0-1" }],
    ];
    expect(await answered(QUEUE, { ...deps, follow }, ...sent(1))).toEqual({
      acknowledged: ["old", "other"],
      retried: { young: 5 },
    });
    expect((await answered(QUEUE, { ...deps, follow }, ...sent(3))).retried).toEqual({ young: 20 });
    expect(logged).toEqual(Array.from({ length: 2 }, () => "a shard could not be followed; it is tried again"));
  });

  it("[PRJ-6] that nobody understands are counted and dropped", async () => {
    const { deps, logged, counters } = projection();
    const garbage: Sent[] = [
      ["a", null],
      ["b", { shard: "../etc" }],
      ["c", { shard: 7 }],
      ["d", "local-0-0"],
    ];
    expect(await answered(QUEUE, { ...deps, report: async () => {} }, ...garbage)).toEqual({
      acknowledged: ["a", "b", "c", "d"],
      retried: {},
    });
    expect(logged).toHaveLength(4);
    expect(counters()).toEqual({ [`trunkline_bad_messages_total{queue="${QUEUE}"}`]: 4 });
  });

  it("[PRJ-6] that failed too often are counted, and their shard is reminded and wakes again", async () => {
    const log = await FollowedLog.start();
    await log.add(1);
    await log.flush();
    const before = log.woken.length;
    const { deps, logged, counters } = projection();
    const dead: Sent[] = [
      ["a", { shard: log.name }],
      ["b", { shard: log.name }],
      ["c", 1],
    ];
    expect(await answered(DEAD, { ...deps, report: async () => {} }, ...dead)).toEqual({
      acknowledged: ["a", "b", "c"],
      retried: {},
    });
    expect(log.woken.length).toBe(before + 1);
    expect(logged).toContain("wake-ups of a shard failed too often");
    expect(counters()).toMatchObject({ [`trunkline_dead_letters_total{queue="${DEAD}"}`]: 2 });
  });

  it("[PRJ-6] are answered also when their shard cannot be reminded", async () => {
    const { deps, logged } = projection();
    const nudge = () => Promise.reject(new Error("away"));
    expect((await answered(DEAD, { ...deps, nudge }, ["a", { shard: "local-0-0" }])).acknowledged).toEqual(["a"]);
    expect(logged).toContain("a shard could not be reminded; its alarm goes on");
  });

  it("of a queue that nobody consumes stay", async () => {
    await expect(answered("trunkline-standard-dev-other", projection().deps, ["a", {}])).rejects.toThrow("no consumer");
  });

  it("[PRJ-5] reach the Worker's own consumer, which asks for them again while there is no Postgres", async () => {
    const log = await FollowedLog.start();
    await log.add(1);
    const batch = createMessageBatch(QUEUE, [{ id: "a", body: { shard: log.name }, attempts: 1, timestamp: new Date() }]);
    await worker.queue(batch, env as Env);
    const { explicitAcks, retryMessages } = await getQueueResult(batch, createExecutionContext());
    expect(explicitAcks).toEqual([]);
    expect(retryMessages.map(({ msgId }) => msgId)).toEqual(["a"]);
    expect(await log.follow()).toMatchObject({ tag: "events", from: 0 });
  });
});

describe("the cron", () => {
  it("[PRJ-2] reminds every shard of the lane, also when one does not answer", async () => {
    const reminded: string[] = [];
    const { deps, logged } = projection();
    const nudge = async (shard: string) => {
      reminded.push(shard);
      if (shard === "local-0-1") throw new Error("away");
    };
    await watchShards({ ...deps, nudge });
    expect(reminded).toEqual([0, 15].flatMap((epoch) => [0, 1, 2, 3].map((number) => `local-${epoch}-${number}`)));
    expect(logged).toEqual(["a shard of the event log does not answer"]);
    await worker.scheduled(createScheduledController(), env as Env);
  });
});
