import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SNAPSHOT_MAX_AGE_MS, SNAPSHOT_TTL_MS } from "../../../../adapters/r2/snapshot-cache.ts";
import { LOST_MS } from "../../../../adapters/r2/snapshot-level.ts";
import { MAX_RESTORES_PER_S, STANDARD_PATIENCE } from "../../../../adapters/r2/snapshot-levels.ts";
import { NO_ACCESS, World, timed } from "./world.ts";

/** What the rest of an emergency call takes at most is 150 ms. */
const PLAN_WITHIN_MS = 850;

let world: World;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"], now: Date.parse("2026-11-22T10:00:00Z") });
  world = new World();
});
afterEach(() => void vi.useRealTimers());

const key = { id: "one", tenant: "clinic" as never, secretHash: "0".repeat(64), roles: ["admin"] };

/** A version that an isolate has served, and that is kept. */
async function served(gateway = "one.example"): Promise<string> {
  const version = await world.publish(gateway);
  const isolate = world.isolate();
  await timed(isolate.version());
  await timed(isolate.settle());
  return version;
}

describe("an isolate that has nothing in memory", () => {
  it("[RES-3] has what is immutable from its place, and from R2 only what is in force", async () => {
    const version = await served();
    const second = world.isolate();
    world.bucket.asked = 0;
    expect((await timed(second.version())).value).toBe(version);
    expect([world.bucket.asked, second.reads]).toEqual([1, ["r2 hit", "cache hit", "cache hit"]]);
  });

  it("[RES-3] does as well where the runtime has no cache, and where it fails or hangs", async () => {
    const version = await served();
    expect((await timed(world.isolate({ hasCache: false }).version())).value).toBe(version);
    world.place.fault = "fails";
    expect((await timed(world.isolate().version())).value).toBe(version);
    world.place.fault = "hangs";
    const slow = world.isolate();
    const { value, tookMs } = await timed(slow.version());
    expect([value, slow.changes]).toEqual([version, ["cache lost"]]);
    expect(tookMs).toBeLessThanOrEqual(60);
  });

  it("[RES-3] takes nothing that its place has damaged, and has it taken out", async () => {
    const version = await served();
    for (const object of world.place.objects.values()) object.bytes.fill(0x20);
    const isolate = world.isolate();
    expect((await timed(isolate.version())).value).toBe(version);
    expect(isolate.reads.filter((read) => read === "cache damaged")).toHaveLength(2);
    await timed(isolate.settle());
    const next = world.isolate();
    await timed(next.version());
    expect(next.reads).toEqual(["r2 hit", "cache hit", "cache hit"]);
  });

  it.each(["fails", "hangs"] as const)(
    "[RES-4] and whose R2 %s goes by the last good copy, soon enough for an emergency",
    async (fault) => {
      const version = await served();
      Object.assign(world.bucket, { fault });
      world.place.fault = "fails";
      const isolate = world.isolate();
      const first = await timed(isolate.version());
      expect(first.value).toBe(version);
      expect(first.tookMs).toBeLessThanOrEqual(fault === "fails" ? 10 : 170);
      expect(isolate.reads).toContain("keeper hit");
      const second = await timed(isolate.version());
      expect([second.value, second.tookMs]).toEqual([version, 0]);
    },
  );

  it("[RES-4] wakes no more objects a second than it may, whatever names it is asked for, and none for a tenant that it has", async () => {
    const version = await served();
    const isolate = world.isolate();
    await timed(isolate.version());
    world.bucket.fault = "fails";
    world.keeper.kept = null;
    world.keeper.asked = 0;
    const names = Array.from({ length: 2 * MAX_RESTORES_PER_S }, (_, at) => `made-up-${at}` as never);
    const { value } = await timed(Promise.all(names.map((name) => isolate.version(name))));
    expect(new Set(value)).toEqual(new Set(["unavailable"]));
    expect(world.keeper.asked).toBe(MAX_RESTORES_PER_S);
    expect((await timed(isolate.version())).value).toBe(version);
    vi.advanceTimersByTime(1_000);
    await timed(isolate.version("another" as never));
    expect(world.keeper.asked).toBe(MAX_RESTORES_PER_S + 1);
  });

  it("[RES-4] does not wait at all, from then on, for an R2 that has not answered lately", async () => {
    const version = await served();
    world.bucket.fault = "hangs";
    const isolate = world.isolate();
    await timed(isolate.version());
    for (let count = 0; count < 5; count++) {
      vi.advanceTimersByTime(SNAPSHOT_TTL_MS);
      const { value, tookMs } = await timed(isolate.version());
      expect([value, tookMs]).toEqual([version, 0]);
      await timed(isolate.settle());
    }
  });

  it("[RES-4] is told within the time of an emergency that nothing can be had, and the calls after it sooner", async () => {
    await served();
    world.bucket.fault = "hangs";
    world.keeper.fault = "hangs";
    const isolate = world.isolate();
    const first = await timed(isolate.version());
    expect(first.value).toBe("unavailable");
    expect(first.tookMs).toBeLessThan(PLAN_WITHIN_MS);
    const second = await timed(isolate.version());
    expect(second.value).toBe("unavailable");
    expect(second.tookMs).toBeLessThanOrEqual(110);
  });

  it("[RES-4] goes by what is in force, not by a copy, where R2 is slow on the standard lane", async () => {
    await served("one.example");
    const fresh = await world.publish("two.example");
    world.bucket.fault = { afterMs: 500 };
    const isolate = world.isolate({ patience: STANDARD_PATIENCE, firstDeadlineMs: 2_000 });
    expect((await timed(isolate.version())).value).toBe(fresh);
  });

  it("[RES-3] has from the copy what R2 has damaged", async () => {
    const version = await served();
    world.bucket.damage(/core\.json$/);
    world.place.objects.clear();
    const isolate = world.isolate();
    expect((await timed(isolate.version())).value).toBe(version);
    expect(isolate.reads).toEqual(expect.arrayContaining(["r2 damaged", "keeper hit"]));
  });

  it("[RES-4] takes no copy that is damaged", async () => {
    await served();
    world.bucket.fault = "fails";
    for (const object of world.keeper.kept!.objects) object.bytes.fill(0x20);
    const isolate = world.isolate();
    expect((await timed(isolate.version())).value).toBe("unavailable");
    expect(isolate.reads).toContain("keeper damaged");
  });

  it("[CFG-17] is not told of a tenant that R2 does not know by a copy", async () => {
    const isolate = world.isolate();
    expect((await timed(isolate.version())).value).toBe("unknown_tenant");
    expect(world.keeper.asked).toBe(0);
  });
});

describe("a copy", () => {
  it("[RES-4] gives way as soon as R2 answers, and says meanwhile nothing about what is in force", async () => {
    await served("one.example");
    const fresh = await world.publish("two.example");
    world.bucket.fault = "hangs";
    const isolate = world.isolate();
    expect((await timed(isolate.version())).value).not.toBe(fresh);
    world.bucket.fault = null;
    // Longer than a reading is given, and shorter than the age at which one that R2 has confirmed would be looked after.
    vi.advanceTimersByTime(3_000);
    await timed(isolate.version());
    await timed(isolate.settle());
    expect((await timed(isolate.version())).value).toBe(fresh);
    expect(isolate.changes).toEqual(["r2 lost", "r2 back"]);
  });

  it("[RES-4] takes the place of nothing that is newer in memory", async () => {
    await served("one.example");
    const fresh = await world.publish("two.example", { ...NO_ACCESS, apiKeys: [key] });
    const isolate = world.isolate();
    expect((await timed(isolate.version())).value).toBe(fresh);
    // Not told to the keeper: it has the older one.
    world.bucket.fault = "hangs";
    for (let count = 0; count < 4; count++) {
      vi.advanceTimersByTime(SNAPSHOT_MAX_AGE_MS);
      expect([(await timed(isolate.version())).value, (await timed(isolate.keys())).value]).toEqual([fresh, 1]);
      await timed(isolate.settle());
    }
    expect(isolate.reads).toContain("memory hit");
  });

  it("[RES-4] is kept once per change and isolate, not with each reading", async () => {
    await served();
    const isolate = world.isolate();
    const read = async (): Promise<void> => {
      await timed(isolate.version());
      await timed(isolate.settle());
      vi.advanceTimersByTime(SNAPSHOT_TTL_MS);
    };
    world.keeper.told = 0;
    for (let count = 0; count < 3; count++) await read();
    expect(world.keeper.told).toBe(1);
    await world.setAccess({ ...NO_ACCESS, apiKeys: [key] });
    for (let count = 0; count < 3; count++) await read();
    expect([world.keeper.told, world.keeper.kept?.pointer.access]).toEqual([2, expect.any(String) as string]);
    await world.publish("two.example");
    for (let count = 0; count < 3; count++) await read();
    expect(world.keeper.told).toBe(3);
  });

  it("[RES-4] that could not be kept is offered again", async () => {
    const version = await world.publish("one.example");
    const isolate = world.isolate();
    world.keeper.fault = "fails";
    await timed(isolate.version());
    await timed(isolate.settle());
    expect(world.keeper.kept).toBeNull();
    world.keeper.fault = null;
    vi.advanceTimersByTime(SNAPSHOT_TTL_MS);
    await timed(isolate.version());
    await timed(isolate.settle());
    expect(world.keeper.kept).toMatchObject({ pointer: { version } });
  });

  it("[CFG-10] holds up no change that R2 has: a revoked key is revoked in an isolate that began with a copy", async () => {
    await world.publish("one.example", { ...NO_ACCESS, apiKeys: [key] });
    const before = world.isolate();
    await timed(before.version());
    await timed(before.settle());
    await world.setAccess(NO_ACCESS);
    world.bucket.fault = "fails";
    const isolate = world.isolate();
    expect((await timed(isolate.keys())).value).toBe(1);
    world.bucket.fault = null;
    vi.advanceTimersByTime(LOST_MS);
    expect((await timed(isolate.keys())).value).toBe(0);
  });
});
