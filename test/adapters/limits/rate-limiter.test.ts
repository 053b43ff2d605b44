import { describe, expect, it } from "vitest";
import { createMeter } from "../../../adapters/telemetry/meter.ts";
import { type Bucket, fullBucket, take } from "../../../domain/limits/bucket.ts";
import { DEFAULT_LIMITS, type LimitPolicies, type LimitPolicy } from "../../../domain/limits/policy.ts";
import type { Lease } from "../../../domain/limits/slice.ts";
import type { Limiter } from "../../../durable-objects/limiter/limiter.ts";
import { type RateLimiter, createRateLimiter } from "../../../durable-objects/limiter/rate-limiter.ts";
import { tenant } from "../identity/tenant-fixture.ts";

const acme = tenant("acme");
const POLICIES: LimitPolicies = {
  ...DEFAULT_LIMITS,
  "events-read": { burst: 3, perS: 1 },
  "events-write": { burst: 640, perS: 100 },
};

type Answer = (bucket: () => Lease) => Promise<Lease>;

function isolate(answer: Answer = async (lease) => lease()) {
  const buckets = new Map<string, Bucket>();
  const asked: string[] = [];
  const world = { nowMs: 0, asked, work: [] as Promise<unknown>[], answer, mayAsk: true };
  const getByName = (object: string) => ({
    lease: (name: string, client: string, policy: LimitPolicy, owed: number, wanted: number) => {
      const key = `${object} ${name} ${client}`;
      asked.push(key);
      return world.answer(() => {
        const { bucket, granted } = take(buckets.get(key) ?? fullBucket(policy, 0), policy, owed, wanted, world.nowMs);
        buckets.set(key, bucket);
        return { granted, remaining: bucket.tokens };
      });
    },
  });
  const meter = createMeter({});
  const limiter = createRateLimiter({
    limiters: { getByName } as unknown as DurableObjectNamespace<Limiter>,
    jurisdiction: "",
    policies: POLICIES,
    mayAsk: async () => world.mayAsk,
    clock: { nowMs: () => world.nowMs },
    meter,
    defer: (work) => void world.work.push(work),
  });
  return { world, limiter, counts: () => meter.take(0, true)?.counters ?? {} };
}

async function admitted(limiter: RateLimiter, name: "events-read" | "events-write", requests: number, client = "key:1") {
  let count = 0;
  for (let made = 0; made < requests; made++)
    count += (await limiter.admit(name, POLICIES[name], acme, client)).admitted ? 1 : 0;
  return count;
}

describe("[LMT-1] an isolate's rate limiter", () => {
  it("[LMT-1] lets a client's burst through, refuses the rest, and counts each client and policy by itself", async () => {
    const { limiter, world, counts } = isolate();
    expect(await admitted(limiter, "events-read", 10)).toBe(3);
    expect(await admitted(limiter, "events-read", 10, "key:2")).toBe(3);
    expect(await admitted(limiter, "events-write", 10)).toBe(10);
    expect(counts()['trunkline_rate_limited_total{policy="events-read"}']).toBe(14);
    world.nowMs = 1_000;
    expect(await admitted(limiter, "events-read", 10)).toBe(1);
    const refused = await limiter.admit("events-read", POLICIES["events-read"], acme, "key:1");
    expect(refused).toEqual({ admitted: false, standing: { remaining: 0, resetS: 1 } });
  });

  it("[LMT-1] answers a client's first request without waiting, and asks for one in many", async () => {
    const { limiter, world } = isolate();
    expect(limiter.admit("events-write", POLICIES["events-write"], acme, "key:1")).toMatchObject({ admitted: true });
    expect(await admitted(limiter, "events-write", 600)).toBe(600);
    expect(world.asked.length).toBeLessThan(30);
    expect(new Set(world.asked.map((key) => key.split(" ")[0]))).toEqual(new Set([world.asked[0]!.split(" ")[0]]));
  });

  it("[LMT-1] goes on by its own count when the limiter fails or hangs, and says so", async () => {
    const failing = isolate(() => Promise.reject(new Error("away")));
    expect(await admitted(failing.limiter, "events-read", 10)).toBe(4);
    expect(failing.counts()['trunkline_rate_limit_unchecked_total{policy="events-read"}']).toBe(3);
    const hanging = isolate(() => new Promise(() => {}));
    expect(await admitted(hanging.limiter, "events-read", 10)).toBe(4);
    expect(hanging.world.asked.length).toBe(1);
  });

  it("[LMT-1] asks again when the limiter is back, and tells what it let through in the meantime", async () => {
    const { limiter, world } = isolate(() => Promise.reject(new Error("away")));
    await admitted(limiter, "events-read", 10);
    world.answer = async (lease) => lease();
    world.nowMs = 1_000;
    expect(await admitted(limiter, "events-read", 10)).toBe(0);
    expect(world.asked.length).toBe(2);
    world.nowMs = 3_000;
    expect(await admitted(limiter, "events-read", 10)).toBe(2);
  });

  it("[API-5] asks no limiter for a client in whose name too many ask, and lets nothing through meanwhile", async () => {
    const { limiter, world, counts } = isolate();
    expect(await admitted(limiter, "events-read", 3)).toBe(3);
    world.asked.length = 0;
    world.mayAsk = false;
    world.nowMs += 60_000;
    expect(await admitted(limiter, "events-read", 50)).toBeLessThanOrEqual(3);
    expect(world.asked).toEqual([]);
    expect(counts()).toHaveProperty('trunkline_rate_limit_leases_total{outcome="flooded",policy="events-read"}');
    world.mayAsk = true;
    world.nowMs += 2_000;
    expect(await admitted(limiter, "events-read", 1)).toBe(1);
  });
});
