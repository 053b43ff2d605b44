import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import {
  IN_FORCE_MS,
  REVALIDATION_DEADLINE_MS,
  SNAPSHOT_MAX_AGE_MS,
  SNAPSHOT_TTL_MS,
} from "../../adapters/r2/snapshot-cache.ts";
import { publishAccess } from "../../adapters/r2/snapshot-store.ts";
import type { Access } from "../../domain/routing/snapshot.ts";
import { cacheOver, watched } from "./fixture/snapshots.ts";
import { type TestTenant, publishedTenant, unpublishedTenant } from "./fixture/tenant.ts";

const PORTS = { nowMs: Date.now, pause: () => Promise.resolve() };
const NUMBER = "+15551230002";

/** Changes who has access, as the API does after a key has been revoked. */
const setAccess = (tenant: TestTenant, access: Access) =>
  publishAccess({ own: env.CONFIG, gate: null }, PORTS, tenant.id, () => Promise.resolve(access));

function revoked(access: Access): Access {
  return { ...access, apiKeys: access.apiKeys.map((key) => ({ ...key, revokedAt: "2026-01-01T00:00:00.000Z" })) };
}

describe("a configuration that is published", () => {
  it("[CFG-10] is in force one look-up after its time, without a restart and without a wait", async () => {
    const tenant = await unpublishedTenant();
    const old = await tenant.publish("one.example");
    const { clock, version, settle } = cacheOver();
    expect(await version(tenant.id)).toBe(old);
    const fresh = await tenant.publish("two.example");
    expect(await version(tenant.id)).toBe(old);
    clock.move(SNAPSHOT_TTL_MS);
    expect(await version(tenant.id)).toBe(old);
    await settle();
    expect(await version(tenant.id)).toBe(fresh);
  });

  it("[CFG-10] decides the first call of an isolate that has been idle, and of one that was asked just before", async () => {
    const tenant = await unpublishedTenant();
    await tenant.publish("one.example");
    const idle = cacheOver();
    const asked = cacheOver();
    expect([await idle.route(tenant.id, NUMBER), await asked.route(tenant.id, NUMBER)]).toEqual(["one.example", "one.example"]);
    await tenant.publish("two.example");
    asked.clock.move(SNAPSHOT_TTL_MS - 1);
    expect(await asked.route(tenant.id, NUMBER)).toBe("one.example");
    asked.clock.move(IN_FORCE_MS - SNAPSHOT_TTL_MS + 1);
    idle.clock.move(IN_FORCE_MS);
    expect([await idle.route(tenant.id, NUMBER), await asked.route(tenant.id, NUMBER)]).toEqual(["two.example", "two.example"]);
    expect(SNAPSHOT_MAX_AGE_MS + REVALIDATION_DEADLINE_MS).toBeLessThan(IN_FORCE_MS);
  });

  it("[CFG-10] a revoked key is revoked in an idle isolate, without a publication", async () => {
    const tenant = await publishedTenant();
    const { clock, entry } = cacheOver();
    const before = await entry(tenant.id);
    expect([...before.apiKeys.values()].some(({ revokedAt }) => revokedAt !== undefined)).toBe(false);
    await setAccess(tenant, revoked(tenant.access));
    clock.move(IN_FORCE_MS);
    const after = await entry(tenant.id);
    expect([...after.apiKeys.values()].every(({ revokedAt }) => revokedAt !== undefined)).toBe(true);
    expect(after.snapshot?.version).toBe(before.snapshot?.version);
  });

  it("[CFG-17] makes an unknown tenant known; made-up names cost one reading per period", async () => {
    const tenant = await unpublishedTenant();
    let reads = 0;
    const { clock, look } = cacheOver(watched(env.CONFIG, () => void (reads += 1)));
    expect(await look(tenant.id)).toEqual({ tag: "unknown_tenant" });
    expect(await look(tenant.id)).toEqual({ tag: "unknown_tenant" });
    expect(reads).toBe(1);
    await tenant.publish("one.example");
    clock.move(SNAPSHOT_TTL_MS);
    expect((await look(tenant.id)).tag).toBe("found");
  });

  it("[CFG-17] keys count before anything is published", async () => {
    const tenant = await unpublishedTenant();
    await setAccess(tenant, tenant.access);
    const { entry, route } = cacheOver();
    const { apiKeys, snapshot, isUnreadable } = await entry(tenant.id);
    expect([apiKeys.size, snapshot, isUnreadable]).toEqual([tenant.access.apiKeys.length, null, false]);
    expect(await route(tenant.id, NUMBER)).toBe("unpublished");
  });

  it("[CFG-12] costs the calls of a warm isolate no reading at all", async () => {
    const tenant = await publishedTenant();
    let reads = 0;
    const { route, settle } = cacheOver(watched(env.CONFIG, () => void (reads += 1)));
    await route(tenant.id, NUMBER);
    const cold = reads;
    for (let i = 0; i < 5; i++) await route(tenant.id, NUMBER);
    await settle();
    expect(reads).toBe(cold);
  });

  it("[CFG-12] calls that come together to a cold isolate read each object once", async () => {
    const tenant = await publishedTenant();
    const keys: string[] = [];
    const { route } = cacheOver(watched(env.CONFIG, ({ key }) => void keys.push(key)));
    await Promise.all(Array.from({ length: 8 }, () => route(tenant.id, NUMBER)));
    expect(keys.length).toBe(new Set(keys).size);
  });
});

describe("a bucket that is away", () => {
  it("[CFG-13] leaves the last good configuration in force, and is asked once per period", async () => {
    const tenant = await unpublishedTenant();
    const known = await tenant.publish("one.example");
    let away = false;
    let tries = 0;
    const { clock, version, settle, failures } = cacheOver(
      watched(env.CONFIG, () => {
        tries += 1;
        if (away) throw new Error("R2 is away");
      }),
    );
    await version(tenant.id);
    away = true;
    tries = 0;
    clock.move(SNAPSHOT_TTL_MS);
    for (let i = 0; i < 5; i++) expect(await version(tenant.id)).toBe(known);
    await settle();
    expect(await version(tenant.id)).toBe(known);
    expect([tries, failures.length]).toEqual([1, 1]);
    clock.move(SNAPSHOT_MAX_AGE_MS);
    for (let i = 0; i < 5; i++) expect(await version(tenant.id)).toBe(known);
    expect(tries).toBe(2);
    away = false;
    const fresh = await tenant.publish("two.example");
    clock.move(SNAPSHOT_TTL_MS);
    expect(await version(tenant.id)).toBe(fresh);
  });

  it("[CFG-13] holds up an idle isolate's first call for a moment, the calls after it not at all, and is reported", async () => {
    const tenant = await publishedTenant();
    let hangs = false;
    const { clock, version, failures } = cacheOver(watched(env.CONFIG, () => (hangs ? new Promise(() => {}) : undefined)));
    const known = await version(tenant.id);
    hangs = true;
    clock.move(SNAPSHOT_MAX_AGE_MS);
    const startedMs = Date.now();
    expect(await version(tenant.id)).toBe(known);
    const waitedMs = Date.now() - startedMs;
    expect(waitedMs).toBeGreaterThanOrEqual(REVALIDATION_DEADLINE_MS - 20);
    expect(waitedMs).toBeLessThan(REVALIDATION_DEADLINE_MS + 250);
    const againMs = Date.now();
    for (let i = 0; i < 5; i++) expect(await version(tenant.id)).toBe(known);
    expect(Date.now() - againMs).toBeLessThan(REVALIDATION_DEADLINE_MS / 2);
    expect(failures).toEqual([{ tenant: tenant.id, version: null, part: "pointer", reason: "not read in time" }]);
  });

  it("[CFG-13] an isolate that has never read one cannot tell", async () => {
    const tenant = await publishedTenant();
    const { look } = cacheOver(
      watched(env.CONFIG, () => {
        throw new Error("R2 is away");
      }),
    );
    expect(await look(tenant.id)).toEqual({ tag: "unavailable" });
  });
});
