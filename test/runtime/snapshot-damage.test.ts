import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { SNAPSHOT_MAX_AGE_MS, SNAPSHOT_TTL_MS } from "../../adapters/r2/snapshot-cache.ts";
import type { SnapshotBucket } from "../../adapters/r2/snapshot-objects.ts";
import { BAD_VERSION_MS } from "../../adapters/r2/snapshot-tenant.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { altered, cacheOver, lanes, watched } from "./fixture/snapshots.ts";
import { type TestTenant, configurationFile, itemsOf, publishItems, unpublishedTenant } from "./fixture/tenant.ts";

const NUMBER = "+15551230002";
/** Only calls to this number need the chunk of the number list. */
const LISTED = "+442071838750";
const LIST_CHUNK = /\/chunks\/(?!root)/;

type Damage = readonly [what: string, alter: (bytes: Uint8Array) => Uint8Array | null];

const DAMAGES: readonly Damage[] = [
  ["missing", () => null],
  ["empty", () => new Uint8Array()],
  ["cut off", (bytes) => bytes.slice(0, -1)],
  [
    "damaged",
    (bytes) => {
      const changed = bytes.slice();
      changed[Math.floor(bytes.length / 2)]! ^= 0x01;
      return changed;
    },
  ],
];

/** The same, and a list that only calls to Britain are looked up in. */
function fileWithList(gateway: string): Record<string, unknown> {
  const file = configurationFile(gateway);
  const rule = {
    id: "vip",
    when: { callee: { prefix: ["+44"], list: ["vip"] } },
    action: { type: "reject", sipCode: 486, reason: "Listed" },
  };
  return {
    ...file,
    numberLists: [{ id: "vip", numbers: [LISTED] }],
    routingRules: [...(file["routingRules"] as unknown[]), rule],
  };
}

const publish = (tenant: TestTenant, file: unknown): Promise<string> =>
  publishItems(lanes(), tenant.id, itemsOf(file), tenant.access);

/** The bucket, in which objects of one version are damaged as long as `isDamaged`. */
function damaging(alter: Damage[1]) {
  const state = { version: "", part: /none/, isDamaged: true };
  const bucket: SnapshotBucket = altered(env.CONFIG, (key, bytes) =>
    state.isDamaged && key.includes(`/versions/${state.version}/`) && state.part.test(key) ? alter(bytes) : bytes,
  );
  return { bucket, state };
}

async function nextPeriod(isolate: ReturnType<typeof cacheOver>, tenant: TenantId): Promise<void> {
  isolate.clock.move(SNAPSHOT_TTL_MS);
  await isolate.look(tenant);
  await isolate.settle();
}

describe("a new version", () => {
  describe.each([
    ["core", /core\.json$/],
    ["chunk", /\/chunks\/root/],
  ])("whose %s is damaged", (part, pattern) => {
    it.each(DAMAGES)("[CFG-13] (%s) leaves the last good one in force, in warm isolates and in cold ones", async (_, alter) => {
      const tenant = await unpublishedTenant();
      const old = await publish(tenant, configurationFile("one.example"));
      const { bucket, state } = damaging(alter);
      const warm = cacheOver(bucket);
      expect(await warm.route(tenant.id, NUMBER)).toBe("one.example");
      state.version = await publish(tenant, configurationFile("two.example"));
      state.part = pattern;
      await nextPeriod(warm, tenant.id);
      expect([await warm.route(tenant.id, NUMBER), await warm.version(tenant.id)]).toEqual(["one.example", old]);
      expect(warm.failures).toEqual([
        { tenant: tenant.id, version: state.version, part, reason: expect.stringMatching(/./) as string },
      ]);
      await nextPeriod(warm, tenant.id);
      expect(warm.failures).toHaveLength(1);
      const cold = cacheOver(bucket);
      expect([await cold.route(tenant.id, NUMBER), await cold.version(tenant.id)]).toEqual(["one.example", old]);
      expect(cold.failures).toHaveLength(1);
    });
  });

  it("[CFG-13] takes over when its objects have been put right", async () => {
    const tenant = await unpublishedTenant();
    await publish(tenant, configurationFile("one.example"));
    const { bucket, state } = damaging(() => null);
    const isolate = cacheOver(bucket);
    await isolate.route(tenant.id, NUMBER);
    state.version = await publish(tenant, configurationFile("two.example"));
    state.part = /core/;
    await nextPeriod(isolate, tenant.id);
    state.isDamaged = false;
    await nextPeriod(isolate, tenant.id);
    expect(await isolate.route(tenant.id, NUMBER)).toBe("one.example");
    isolate.clock.move(BAD_VERSION_MS);
    expect(await isolate.route(tenant.id, NUMBER)).toBe("two.example");
  });

  it.each(DAMAGES)(
    "[CFG-13] that turns out to be damaged (%s) when a call needs the part gives way to the last good one",
    async (_, alter) => {
      const tenant = await unpublishedTenant();
      const old = await publish(tenant, configurationFile("one.example"));
      const { bucket, state } = damaging(alter);
      const isolate = cacheOver(bucket);
      await isolate.route(tenant.id, NUMBER);
      state.version = await publish(tenant, fileWithList("two.example"));
      state.part = LIST_CHUNK;
      await nextPeriod(isolate, tenant.id);
      expect(await isolate.route(tenant.id, NUMBER)).toBe("two.example");
      expect(await isolate.route(tenant.id, LISTED)).toBe("one.example");
      expect([await isolate.route(tenant.id, NUMBER), await isolate.version(tenant.id)]).toEqual(["one.example", old]);
      expect(isolate.failures).toEqual([
        { tenant: tenant.id, version: state.version, part: "chunk", reason: expect.stringMatching(/./) as string },
      ]);
      await nextPeriod(isolate, tenant.id);
      expect([await isolate.version(tenant.id), isolate.failures.length]).toEqual([old, 1]);
    },
  );

  it("[CFG-13] is missed by several calls at once, and reported once", async () => {
    const tenant = await unpublishedTenant();
    await publish(tenant, configurationFile("one.example"));
    const { bucket, state } = damaging(() => null);
    const isolate = cacheOver(bucket);
    state.version = await publish(tenant, fileWithList("two.example"));
    state.part = LIST_CHUNK;
    const routed = await Promise.all(Array.from({ length: 6 }, () => isolate.route(tenant.id, LISTED)));
    expect([new Set(routed), isolate.failures.length]).toEqual([new Set(["one.example"]), 1]);
  });
});

describe("the only version", () => {
  it.each(DAMAGES)(
    "[CFG-13] damaged (%s): calls are refused for want of it, and keys count so that somebody can publish",
    async (_, alter) => {
      const tenant = await unpublishedTenant();
      const { bucket, state } = damaging(alter);
      state.version = await publish(tenant, configurationFile("one.example"));
      state.part = /core/;
      const isolate = cacheOver(bucket);
      const { apiKeys, isUnreadable } = await isolate.entry(tenant.id);
      expect([apiKeys.size > 0, isUnreadable, await isolate.route(tenant.id, NUMBER)]).toEqual([true, true, "unavailable"]);
      await publish(tenant, configurationFile("two.example"));
      isolate.clock.move(SNAPSHOT_MAX_AGE_MS);
      expect(await isolate.route(tenant.id, NUMBER)).toBe("two.example");
    },
  );
});

describe("who has access", () => {
  it.each(DAMAGES)("[CFG-13] damaged (%s): those who had it have it", async (_, alter) => {
    const tenant = await unpublishedTenant();
    await publish(tenant, configurationFile("one.example"));
    let isDamaged = false;
    const bucket = altered(env.CONFIG, (key, bytes) => (isDamaged && key.includes("/access/") ? alter(bytes) : bytes));
    const isolate = cacheOver(bucket);
    const before = await isolate.entry(tenant.id);
    isDamaged = true;
    const access = { ...tenant.access, apiKeys: [] };
    await publishItems(lanes(), tenant.id, itemsOf(configurationFile("two.example")), access);
    isolate.clock.move(SNAPSHOT_MAX_AGE_MS);
    expect((await isolate.entry(tenant.id)).apiKeys).toEqual(before.apiKeys);
    expect(isolate.failures).toEqual([expect.objectContaining({ part: "access" })]);
    expect(await isolate.route(tenant.id, NUMBER)).toBe("two.example");
  });
});

describe("a bucket that is away", () => {
  it("[CFG-13] when a call needs a part: the version before decides what it can; afterwards all is as before", async () => {
    const tenant = await unpublishedTenant();
    await publish(tenant, configurationFile("one.example"));
    let away = false;
    const isolate = cacheOver(
      watched(env.CONFIG, () => {
        if (away) throw new Error("R2 is away");
      }),
    );
    await isolate.route(tenant.id, NUMBER);
    await publish(tenant, fileWithList("two.example"));
    await nextPeriod(isolate, tenant.id);
    away = true;
    expect([await isolate.route(tenant.id, NUMBER), await isolate.route(tenant.id, LISTED)]).toEqual([
      "two.example",
      "one.example",
    ]);
    away = false;
    expect([await isolate.route(tenant.id, NUMBER), await isolate.route(tenant.id, LISTED)]).toEqual(["two.example", "486"]);
  });
});

describe("memory", () => {
  it("[CFG-12] stays within its bound with any number of tenants, and calls are decided all the same", async () => {
    const tenants = await Promise.all(Array.from({ length: 12 }, () => unpublishedTenant()));
    for (const [n, tenant] of tenants.entries()) await publish(tenant, fileWithList(`host${n}.example`));
    const single = cacheOver();
    await single.route(tenants[0]!.id, LISTED);
    const maxBytes = single.cache.bytes() * 3.5;
    let reads = 0;
    const isolate = cacheOver(
      watched(env.CONFIG, () => void (reads += 1)),
      maxBytes,
    );
    for (let round = 0; round < 2; round++) {
      for (const [n, tenant] of tenants.entries()) {
        expect([await isolate.route(tenant.id, NUMBER), await isolate.route(tenant.id, LISTED)]).toEqual([
          `host${n}.example`,
          "486",
        ]);
        expect(isolate.cache.bytes()).toBeLessThanOrEqual(maxBytes);
      }
    }
    reads = 0;
    expect(await isolate.route(tenants.at(-1)!.id, NUMBER)).toBe("host11.example");
    expect(reads).toBe(0);
  });
});
