import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../adapters/platform/clock.ts";
import { createMeter } from "../../adapters/telemetry/meter.ts";
import { parseEnvironment } from "../../contracts/environment.ts";
import type { Handed } from "../../domain/webhooks/delivery.ts";
import { createQueueDeps } from "../../workers/queues/deps.ts";
import { FollowedLog } from "./fixture/followed-log.ts";
import { newSessionId } from "./fixture/unique.ts";
import { EndpointUnderTest } from "./fixture/webhook.ts";

const SECOND_MS = 1_000;

describe("following a shard for webhooks", () => {
  const meter = createMeter({});
  const followed = (targets: () => Promise<Handed["target"][] | null>, handOver: (handed: Handed) => Promise<void>) =>
    createQueueDeps(env, parseEnvironment(env), {
      clock: systemClock,
      randomness: { bytes: (count) => new Uint8Array(count), fraction: () => 0 },
      log: () => {},
      meter,
      store: { project: async () => [] },
      feed: { projected: async () => {} },
      targets,
      handOver,
    });

  it("[HOOK-3] hands over what was flushed and what is in the head, in order, and what is wanted alone; then the offset moves", async () => {
    const log = await FollowedLog.start(true);
    const call = newSessionId();
    await log.add(2, call);
    await log.flush();
    await log.add(1, call, 3);
    const { target } = await EndpointUnderTest.start();
    const handed: Handed[] = [];
    const wanting = [target, { ...target, id: "other", eventTypes: ["dev.trunkline.leg.*"] }];
    const deps = followed(
      async () => wanting,
      async (events) => void handed.push(events),
    );
    expect(await deps.followWebhooks(log.name, 60 * SECOND_MS)).toBe("caught_up");
    expect(handed.flatMap(({ events }) => events.map(({ line }) => line))).toEqual(log.lines);
    expect(handed.every(({ target: to }) => to.id === target.id)).toBe(true);
    expect(await log.stub.lag("webhooks")).toMatchObject({ next: 3, end: 3 });
    expect(await log.lag(), "the projection is where it was").toMatchObject({ next: 0 });
  });

  it("[HOOK-3] stays where it is when events cannot be handed over, and the projection goes on", async () => {
    const log = await FollowedLog.start(true);
    await log.add(2);
    await log.flush();
    const { target } = await EndpointUnderTest.start();
    const deps = followed(
      async () => [target],
      () => Promise.reject(new Error("away")),
    );
    await expect(deps.followWebhooks(log.name, 60 * SECOND_MS)).rejects.toThrow("away");
    expect(await deps.follow(log.name, 60 * SECOND_MS)).toBe("caught_up");
    expect(await log.stub.lag("webhooks")).toMatchObject({ next: 0, end: 2 });
    expect(await log.stub.unreadKeys()).toHaveLength(1);
  });

  it("[HOOK-3] counts what is passed over for a tenant whose configuration cannot be read", async () => {
    const log = await FollowedLog.start(true);
    await log.add(2);
    const deps = followed(
      async () => null,
      () => Promise.reject(new Error("handed over")),
    );
    meter.take(0, true);
    expect(await deps.followWebhooks(log.name, 60 * SECOND_MS)).toBe("caught_up");
    const { counters } = meter.take(0, true)!;
    expect(Object.entries(counters).filter(([name]) => name.includes("missed"))).toEqual([
      [expect.stringContaining("trunkline_webhook_events_total"), 2],
    ]);
  });

  it("begins where a shard is that was there before, and goes on from there after a restart", async () => {
    const log = await FollowedLog.start(true);
    await log.add(3);
    await log.inside((_, { storage }) => storage.sql.exec("DELETE FROM followers WHERE name = 'webhooks'"));
    await log.restart();
    await log.add(1);
    await log.restart();
    expect(await log.stub.lag("webhooks")).toMatchObject({ next: 3, end: 4 });
  });
});
