import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { SNAPSHOT_TTL_MS, createSnapshotCache } from "../../adapters/r2/snapshot-cache.ts";
import { standard } from "../../workers/standard.ts";
import { MovableClock } from "./fixture/clock.ts";
import { bucketWith, brokenBucket, hungBucket } from "./fixture/front.ts";
import { workerWith } from "./fixture/http.ts";
import { publishedTenant, unpublishedTenant } from "./fixture/tenant.ts";

const CALL = { from: "+15551230001", to: "+15551230002", channel: "api" };

/** A cache, and what it left to be done behind the answers. */
function cacheOver(bucket: R2Bucket = env.CONFIG) {
  const clock = new MovableClock();
  const deferred: (() => Promise<unknown>)[] = [];
  const cache = createSnapshotCache(bucket, clock);
  return {
    clock,
    look: (tenant: Parameters<typeof cache.table>[0]) => cache.table(tenant, (work) => void deferred.push(work)),
    settle: () => Promise.all(deferred.splice(0).map((work) => work())),
  };
}

const versionOf = (found: Awaited<ReturnType<ReturnType<typeof cacheOver>["look"]>>): string =>
  found.tag === "found" ? found.table.snapshot.version : found.tag;

describe("a configuration that is published", () => {
  it("[CFG-4] is in force one look-up after its time, without a restart and without a wait", async () => {
    const tenant = await unpublishedTenant();
    const old = await tenant.publish("one.example");
    const { clock, look, settle } = cacheOver();
    expect(versionOf(await look(tenant.id))).toBe(old);
    const fresh = await tenant.publish("two.example");
    expect(versionOf(await look(tenant.id))).toBe(old);
    clock.move(SNAPSHOT_TTL_MS);
    expect(versionOf(await look(tenant.id))).toBe(old);
    await settle();
    expect(versionOf(await look(tenant.id))).toBe(fresh);
  });

  it("[CFG-4] makes an unknown tenant known; made-up names cost one reading per period", async () => {
    const tenant = await unpublishedTenant();
    let reads = 0;
    const { clock, look } = cacheOver(
      bucketWith((key) => {
        reads += 1;
        return env.CONFIG.get(key);
      }),
    );
    expect(await look(tenant.id)).toEqual({ tag: "unknown_tenant" });
    expect(await look(tenant.id)).toEqual({ tag: "unknown_tenant" });
    expect(reads).toBe(1);
    await tenant.publish("one.example");
    clock.move(SNAPSHOT_TTL_MS);
    expect((await look(tenant.id)).tag).toBe("found");
  });

  it("[CFG-4] costs the calls of a warm isolate no reading at all", async () => {
    const tenant = await publishedTenant();
    let reads = 0;
    const config = bucketWith((key) => {
      reads += 1;
      return env.CONFIG.get(key);
    });
    const worker = workerWith(standard(), { CONFIG: config });
    await worker.ask("/v1/calls", { key: tenant.key("operator"), body: CALL });
    const cold = reads;
    for (let i = 0; i < 5; i++) await worker.ask("/v1/calls", { key: tenant.key("operator"), body: CALL });
    expect([cold, reads]).toEqual([2, 2]);
  });
});

describe("a bucket that is away", () => {
  it("[CFG-5] leaves the last good configuration in force, and is asked once per period", async () => {
    const tenant = await unpublishedTenant();
    const version = await tenant.publish("one.example");
    let away = false;
    let tries = 0;
    const { clock, look, settle } = cacheOver(
      bucketWith((key) => {
        tries += 1;
        return away ? Promise.reject(new Error("R2 is away")) : env.CONFIG.get(key);
      }),
    );
    await look(tenant.id);
    away = true;
    tries = 0;
    clock.move(SNAPSHOT_TTL_MS);
    for (let i = 0; i < 5; i++) expect(versionOf(await look(tenant.id))).toBe(version);
    await settle();
    expect(versionOf(await look(tenant.id))).toBe(version);
    expect(tries).toBe(1);
    away = false;
    const fresh = await tenant.publish("two.example");
    clock.move(SNAPSHOT_TTL_MS);
    await look(tenant.id);
    await settle();
    expect(versionOf(await look(tenant.id))).toBe(fresh);
  });

  it("[CFG-5] lets calls be placed that the last good configuration decides", async () => {
    const tenant = await publishedTenant();
    let away = false;
    const config = bucketWith((key) => (away ? Promise.reject(new Error("R2 is away")) : env.CONFIG.get(key)));
    const worker = workerWith(standard(), { CONFIG: config });
    const sent = { key: tenant.key("operator"), body: CALL };
    const before = await worker.ask("/v1/calls", sent);
    away = true;
    const after = await worker.ask("/v1/calls", sent);
    expect([before.status, after.status]).toEqual([201, 201]);
    expect(after.body["plan"]).toEqual(before.body["plan"]);
  });

  it.each([
    ["fails", brokenBucket],
    ["hangs", hungBucket],
  ])("[CFG-5] and that a cold isolate has never read (it %s): 503, not 401", async (_, bucket) => {
    const tenant = await publishedTenant();
    const answer = await workerWith(standard(), { CONFIG: bucket() }).ask("/v1/calls", {
      key: tenant.key("operator"),
      body: CALL,
    });
    expect([answer.status, answer.body["code"], answer.headers.has("Retry-After")]).toEqual([503, "unavailable", true]);
  });
});
