import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { type SnapshotBucket, readPointer } from "../../adapters/r2/snapshot-objects.ts";
import {
  type LaneBuckets,
  type PublishOutcome,
  publishAccess,
  publishConfiguration,
  rollBack,
} from "../../adapters/r2/snapshot-store.ts";
import type { Access } from "../../domain/routing/snapshot.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { altered, cacheOver, lanes, watched } from "./fixture/snapshots.ts";
import { type TestTenant, configurationFile, inParts, itemsOf, publishItems, unpublishedTenant } from "./fixture/tenant.ts";

const NUMBER = "+15551230002";
const PORTS = { nowMs: Date.now, pause: () => Promise.resolve() };
const ready = async (): Promise<void> => {};

type Changes = { readonly access?: () => Promise<Access>; readonly dryRun?: boolean; readonly record?: () => Promise<void> };

function publish(buckets: LaneBuckets, tenant: TestTenant, gateway: string, changes: Changes = {}): Promise<PublishOutcome> {
  return publishConfiguration(buckets, PORTS, {
    tenant: tenant.id,
    items: inParts(itemsOf(configurationFile(gateway))),
    access: changes.access ?? (() => Promise.resolve(tenant.access)),
    dryRun: changes.dryRun ?? false,
    record: changes.record ?? ready,
  });
}

/** A tenant whose calls go to one.example on both lanes. */
async function tenantInForce(): Promise<{ readonly tenant: TestTenant; readonly version: string }> {
  const tenant = await unpublishedTenant();
  const version = await publishItems(lanes(), tenant.id, itemsOf(configurationFile("one.example")), tenant.access);
  return { tenant, version };
}

async function pointers(tenant: TenantId) {
  const [own, gate] = await Promise.all([readPointer(env.CONFIG, tenant), readPointer(env.EVENTS, tenant)]);
  return { own: own.pointer, gate: gate.pointer };
}

/** What an isolate of each lane finds that has never read anything: whole, or the test fails. */
async function found(tenant: TenantId): Promise<{ readonly own: string; readonly gate: string | null }> {
  const [own, gate] = [cacheOver(env.CONFIG), cacheOver(env.EVENTS)];
  const outcome = { own: await own.route(tenant, NUMBER), gate: await gate.version(tenant) };
  expect([own.failures, gate.failures]).toEqual([[], []]);
  return outcome;
}

describe("a publication", () => {
  it("[CFG-8] is in force on both lanes, and says what changed", async () => {
    const { tenant, version } = await tenantInForce();
    const outcome = await publish(lanes(), tenant, "two.example");
    expect(outcome).toMatchObject({ tag: "published", changed: true, comparison: { added: 0, removed: 0, changed: 1 } });
    const list = outcome.tag === "published" ? outcome.comparison?.list : [];
    expect(list).toEqual([
      {
        kind: "destinations",
        key: "gateway",
        change: "changed",
        fields: [{ pointer: "/target/uri", before: "sip:{number}@one.example", after: "sip:{number}@two.example" }],
      },
    ]);
    const { own, gate } = await pointers(tenant.id);
    expect(own).toEqual(gate);
    expect(own?.previous).toBe(version);
    expect(await found(tenant.id)).toEqual({ own: "two.example", gate: own?.version });
  });

  it("[CFG-11] leaves the emergency lane nothing but core, access and pointer", async () => {
    const { tenant } = await tenantInForce();
    const { objects } = await env.EVENTS.list({ prefix: `config/tenants/${tenant.id}/` });
    const kinds = objects.map(({ key }) => key.replace(/^config\/tenants\/[^/]+\//, "").replace(/\/[^/]+\//, "/*/"));
    expect(kinds.map((kind) => kind.replace(/[0-9a-f]{24}/, "*")).sort()).toEqual([
      "access/*.json",
      "current.json",
      "versions/*/core.json",
    ]);
  });

  it("[CFG-8] of what is in force changes nothing", async () => {
    const { tenant, version } = await tenantInForce();
    let puts = 0;
    const counting = (bucket: SnapshotBucket) => watched(bucket, ({ name }) => void (puts += name === "put" ? 1 : 0));
    const outcome = await publish({ own: counting(env.CONFIG), gate: counting(env.EVENTS) }, tenant, "one.example");
    expect(outcome).toMatchObject({ tag: "published", version, changed: false });
    expect(puts).toBe(0);
  });

  it("[CFG-8] as a dry run writes nothing and says the same", async () => {
    const { tenant } = await tenantInForce();
    let puts = 0;
    const own = watched(env.CONFIG, ({ name }) => void (puts += name === "put" ? 1 : 0));
    const outcome = await publish({ own, gate: null }, tenant, "two.example", { dryRun: true });
    expect(outcome).toMatchObject({ tag: "published", version: null, changed: true, comparison: { changed: 1 } });
    expect([puts, (await found(tenant.id)).own]).toEqual([0, "one.example"]);
  });

  it("[CFG-14] with mistakes is refused and writes nothing", async () => {
    const { tenant, version } = await tenantInForce();
    const file = { ...configurationFile("two.example"), emergencyRoutes: [] };
    const outcome = await publishConfiguration(lanes(), PORTS, {
      tenant: tenant.id,
      items: inParts(itemsOf(file)),
      access: () => Promise.resolve(tenant.access),
      dryRun: false,
      record: ready,
    });
    expect(outcome).toMatchObject({ tag: "refused", problems: { count: 1, list: [{ code: "no_emergency_route" }] } });
    expect((await pointers(tenant.id)).own?.version).toBe(version);
  });

  it("[CFG-15] whose record cannot be written is not in force", async () => {
    const { tenant } = await tenantInForce();
    const record = () => Promise.reject(new Error("Postgres is away"));
    await expect(publish(lanes(), tenant, "two.example", { record })).rejects.toThrow("Postgres is away");
    expect((await found(tenant.id)).own).toBe("one.example");
  });

  it("[CFG-8] replaces a version whose source is damaged, without saying what changed", async () => {
    const { tenant } = await tenantInForce();
    const own = altered(env.CONFIG, (key, bytes) => (key.endsWith(".gz") ? bytes.subarray(0, bytes.length / 2) : bytes));
    expect(await publish({ own, gate: null }, tenant, "two.example")).toMatchObject({ tag: "published", comparison: null });
    expect((await found(tenant.id)).own).toBe("two.example");
  });
});

describe("a bucket that fails during a publication", () => {
  it.each([
    ["once", (count: number, n: number) => count === n],
    ["from then on", (count: number, n: number) => count >= n],
  ])("[CFG-11] at any of its operations, %s: what is in force is whole, and a repetition succeeds", async (_, isFailing) => {
    let n = 0;
    let succeeded = false;
    while (!succeeded) {
      n += 1;
      const { tenant, version } = await tenantInForce();
      let count = 0;
      const failing = (bucket: SnapshotBucket) =>
        watched(bucket, () => {
          if (isFailing(++count, n)) throw new Error("R2 fails");
        });
      const broken = { own: failing(env.CONFIG), gate: failing(env.EVENTS) };
      const outcome = await publish(broken, tenant, "two.example").catch((error: unknown) => error);
      const after = await found(tenant.id);
      const isOld = (await pointers(tenant.id)).own?.version === version;
      const how = outcome instanceof Error ? "failed" : (outcome as PublishOutcome).tag;
      expect([
        ["failed", "one.example", true],
        ["published", "two.example", false],
      ]).toContainEqual([how, after.own, isOld]);
      await publish(lanes(), tenant, "two.example");
      const { own, gate } = await pointers(tenant.id);
      expect([own, (await found(tenant.id)).own]).toEqual([gate, "two.example"]);
      succeeded = count < n;
    }
    expect(n).toBeGreaterThan(10);
  });
});

describe("two at once", () => {
  it("[CFG-8] one publication wins, the others are told, and both lanes have the one that won", async () => {
    const { tenant } = await tenantInForce();
    const names = ["two.example", "three.example", "four.example", "five.example"];
    const outcomes = await Promise.all(names.map((name) => publish(lanes(), tenant, name)));
    const winners = names.filter((_, index) => outcomes[index]!.tag === "published");
    expect(outcomes.filter(({ tag }) => tag === "conflict")).toHaveLength(names.length - 1);
    const { own, gate } = await pointers(tenant.id);
    expect([winners, own]).toEqual([[(await found(tenant.id)).own], gate]);
  });

  it("[CFG-10] a publication and a revocation both take effect", async () => {
    const { tenant } = await tenantInForce();
    const nobody: Access = { apiKeys: [], trunkSecrets: [], users: [] };
    let access = tenant.access;
    // The keys are revoked when the publication has read the pointers for the last time, and is about to move them.
    const current = async (): Promise<Access> => {
      const before = access;
      if (before !== nobody) {
        access = nobody;
        await publishAccess(lanes(), PORTS, tenant.id, () => Promise.resolve(access));
      }
      return before;
    };
    expect(await publish(lanes(), tenant, "two.example", { access: current })).toMatchObject({
      tag: "published",
      changed: true,
    });
    const isolate = cacheOver(env.CONFIG);
    expect((await isolate.entry(tenant.id)).apiKeys.size).toBe(0);
    const { own, gate } = await pointers(tenant.id);
    expect([await isolate.route(tenant.id, NUMBER), own]).toEqual(["two.example", gate]);
  });

  it("[CFG-10] changes of access that overtake each other end with the latest", async () => {
    const { tenant } = await tenantInForce();
    const states = Array.from({ length: 6 }, (_, n): Access => ({
      ...tenant.access,
      apiKeys: tenant.access.apiKeys.slice(n % 5),
    }));
    let state = states[0]!;
    await Promise.all(
      states.map(async (next, n) => {
        await new Promise((resolve) => setTimeout(resolve, n * 3));
        state = next;
        const move = () => publishAccess(lanes(), PORTS, tenant.id, async () => state);
        // One that has to give way too often says so, and is repeated by whoever asked for it.
        await move().catch(move);
      }),
    );
    const entry = await cacheOver(env.EVENTS).entry(tenant.id);
    expect([...entry.apiKeys.keys()]).toEqual(states.at(-1)!.apiKeys.map(({ id }) => id));
  });
});

describe("a rollback", () => {
  it("[CFG-9] puts a version in force again, unchanged, on both lanes", async () => {
    const { tenant, version } = await tenantInForce();
    await publish(lanes(), tenant, "two.example");
    const request = { tenant: tenant.id, version, access: () => Promise.resolve(tenant.access) };
    expect(await rollBack(lanes(), PORTS, request)).toEqual({ tag: "published", version, changed: true });
    expect(await found(tenant.id)).toEqual({ own: "one.example", gate: version });
    expect(await rollBack(lanes(), PORTS, request)).toEqual({ tag: "published", version, changed: false });
  });

  it("[CFG-13] to a damaged version changes nothing", async () => {
    const { tenant, version } = await tenantInForce();
    await publish(lanes(), tenant, "two.example");
    const own = altered(env.CONFIG, (key, bytes) => (key.includes(`${version}/chunks`) ? null : bytes));
    const request = { tenant: tenant.id, version, access: () => Promise.resolve(tenant.access) };
    expect(await rollBack({ own, gate: env.EVENTS }, PORTS, request)).toEqual({ tag: "damaged", part: "chunk" });
    expect((await found(tenant.id)).own).toBe("two.example");
  });
});
