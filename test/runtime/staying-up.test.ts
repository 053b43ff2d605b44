import { env } from "cloudflare:workers";
import { createExecutionContext, evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { pointerKey, readPointer } from "../../adapters/r2/snapshot-objects.ts";
import { publishAccess } from "../../adapters/r2/snapshot-store.ts";
import type { GoodVersion } from "../../adapters/r2/snapshot-tenant.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { KeptFiles } from "../../durable-objects/snapshot-keeper/kept.ts";
import { createKeeper } from "../../durable-objects/snapshot-keeper/keeper.ts";
import type { SnapshotKeeper } from "../../durable-objects/snapshot-keeper/snapshot-keeper.ts";
import { standard } from "../../workers/standard.ts";
import { until } from "./fixture/clock.ts";
import { depsOf } from "../../workers/deps.ts";
import { gate } from "../../workers/gate.ts";
import { SyntheticCall } from "../../workers/synthetic.ts";
import { brokenBucket, brokenLane, brokenObjects, front, hungBucket } from "./fixture/front.ts";
import { workerWith } from "./fixture/http.ts";
import { altered } from "./fixture/snapshots.ts";
import { type TestTenant, publishedTenant, unpublishedTenant } from "./fixture/tenant.ts";
import { unique } from "./fixture/unique.ts";

const keeper = createKeeper(env.SNAPSHOT_KEEPER, "");
const objectOf = (tenant: TenantId) => env.SNAPSHOT_KEEPER.getByName(tenant);

/** What an isolate that has taken what is in force would say. */
async function inForce(tenant: TenantId, chunks: readonly string[] = []): Promise<GoodVersion> {
  const { pointer, writtenMs } = await readPointer(env.CONFIG, tenant);
  return { writtenMs, version: pointer?.version ?? null, chunks };
}

async function keptVersion(tenant: TenantId): Promise<string | null | undefined> {
  return (await keeper.restore(tenant))?.pointer.version;
}

const hasAlarm = (tenant: TenantId) =>
  runInDurableObject(objectOf(tenant), async (_, { storage }) => (await storage.getAlarm()) !== null);

describe("the last good copy", () => {
  it("[RES-3] is whole, and there after the object has been evicted", async () => {
    const tenant = await unpublishedTenant();
    const version = await tenant.publish("one.example");
    expect(await keeper.keep(tenant.id, await inForce(tenant.id))).toBe(true);
    const before = await keeper.restore(tenant.id);
    await evictDurableObject(objectOf(tenant.id));
    const after = await keeper.restore(tenant.id);
    expect(after).toEqual(before);
    expect([after?.pointer.version, after?.objects.length]).toEqual([version, 2]);
  });

  it("[RES-4] is replaced by what is later alone, and by that of access without a version too", async () => {
    const tenant = await unpublishedTenant();
    await tenant.publish("one.example");
    const old = await inForce(tenant.id);
    await keeper.keep(tenant.id, old);
    const version = await tenant.publish("two.example");
    await keeper.keep(tenant.id, await inForce(tenant.id));
    expect(await keeper.keep(tenant.id, old)).toBe(true);
    expect(await keptVersion(tenant.id)).toBe(version);
    const before = (await keeper.restore(tenant.id))!;
    const ports = { nowMs: Date.now, pause: () => Promise.resolve() };
    const access = { ...tenant.access, apiKeys: [] };
    await publishAccess({ own: env.CONFIG, gate: null }, ports, tenant.id, () => Promise.resolve(access));
    await keeper.keep(tenant.id, await inForce(tenant.id));
    const after = (await keeper.restore(tenant.id))!;
    expect([after.pointer.version, after.pointer.access === before.pointer.access, after.objects.length]).toEqual([
      version,
      false,
      2,
    ]);
  });

  it.each([
    ["damaged", (bytes: Uint8Array) => bytes.slice(1)],
    ["missing", () => null],
    [
      "away",
      () => {
        throw new Error("R2 is away");
      },
    ],
  ] as const)("[RES-4] is not replaced by a version whose core is %s", async (_, alter) => {
    const tenant = await unpublishedTenant();
    const old = await tenant.publish("one.example");
    await keeper.keep(tenant.id, await inForce(tenant.id));
    await tenant.publish("two.example");
    await runInDurableObject<SnapshotKeeper, void>(objectOf(tenant.id), (instance) => {
      instance.bucket = altered(env.CONFIG, (key, bytes) => (key.endsWith("core.json") ? alter(bytes) : bytes));
    });
    expect(await keeper.keep(tenant.id, await inForce(tenant.id))).toBe(false);
    expect(await keptVersion(tenant.id)).toBe(old);
  });

  it("[RES-3] has the chunks that calls have used, of its own version alone", async () => {
    const tenant = await unpublishedTenant();
    await tenant.publish("one.example");
    const chunks = ["root"];
    await keeper.keep(tenant.id, await inForce(tenant.id, chunks));
    const version = (await inForce(tenant.id)).version!;
    const key = `config/tenants/${tenant.id}/versions/${version}/chunks/root.bin`;
    expect((await keeper.object(tenant.id, key))?.bytes.length).toBeGreaterThan(0);
    await tenant.publish("two.example");
    await keeper.keep(tenant.id, await inForce(tenant.id));
    expect(await keeper.object(tenant.id, key)).toBeNull();
  });

  it("[RES-3] takes objects that are larger than a row", async () => {
    await runInDurableObject(objectOf(unique("t") as TenantId), (_, { storage }) => {
      const files = new KeptFiles(storage);
      const large = new Uint8Array(3_000_001).fill(1, 0, 1_500_000).fill(2, 1_500_000, 3_000_000).fill(3, 3_000_000);
      const pointer = { format: 2, version: null, previous: null, publishedAt: null, access: "a" } as const;
      const index = {
        tenant: "t" as TenantId,
        pointer,
        writtenMs: 1,
        objects: [{ key: "k", sha256: "s", bytes: large.length }],
      };
      files.replace(index, new Map([["k", { bytes: large, sha256: "s" }]]));
      const read = new KeptFiles(storage).read("k");
      expect([read?.sha256, read?.bytes.every((byte, at) => byte === large[at]), read?.bytes.length]).toEqual([
        "s",
        true,
        large.length,
      ]);
      files.replace({ ...index, objects: [] }, new Map());
      expect([...storage.kv.list()].map(([name]) => name)).toEqual(["kept"]);
    });
  });

  it("[RES-3] leaves nothing behind where there is none, and goes when its tenant is gone", async () => {
    const made = unique("t") as TenantId;
    expect([await keeper.restore(made), await hasAlarm(made)]).toEqual([null, false]);
    const tenant = await publishedTenant();
    await keeper.keep(tenant.id, await inForce(tenant.id));
    expect(await runDurableObjectAlarm(objectOf(tenant.id))).toBe(true);
    expect([await keptVersion(tenant.id), await hasAlarm(tenant.id)]).toEqual([expect.any(String) as string, true]);
    await env.CONFIG.delete(pointerKey(tenant.id));
    expect(await runDurableObjectAlarm(objectOf(tenant.id))).toBe(true);
    expect([await keeper.restore(tenant.id), await hasAlarm(tenant.id)]).toEqual([null, false]);
  });
});

describe("a Worker that has nothing in memory, with R2 away", () => {
  it.each([
    ["fails", brokenBucket],
    ["hangs", hungBucket],
  ])("[RES-4] routes calls of both lanes by the last good copy, credentials included (R2 %s)", async (_, bucket) => {
    const tenant = await publishedTenant();
    const key = tenant.key("operator");
    const ordinary = { key, body: { from: "+15551230001", to: "+15551230002", channel: "api" } };
    await workerWith(standard(), {}).ask("/v1/calls", ordinary);
    // The chunk that the call needed is told of with the next look at the pointer: here, at once.
    await until(async () => (await keptVersion(tenant.id)) ?? null, "a copy");
    await keeper.keep(tenant.id, await inForce(tenant.id, ["root"]));
    const away = { CONFIG: bucket() };
    const call = await workerWith(standard(), away).ask("/v1/calls", ordinary);
    expect([call.status, call.body["plan"]]).toEqual([
      201,
      expect.objectContaining({ destinations: [expect.objectContaining({ id: "gateway" })] }),
    ]);
    const door = front(tenant, { config: bucket(), keeper: env.SNAPSHOT_KEEPER, standard: brokenLane() });
    const startedMs = Date.now();
    const emergency = await door.ask("/v1/calls", { key, body: { from: "+15551230001", to: "112", channel: "mobile" } });
    expect(Date.now() - startedMs).toBeLessThan(1_000);
    const [first] = (emergency.body["plan"] as { destinations: { id: string }[] }).destinations;
    expect([emergency.status, first?.id]).toEqual([201, "psap"]);
    const nobody = await door.ask("/v1/calls", { key: `${key}x`, body: ordinary.body });
    expect(nobody.status).toBe(503);
  });
});

const NO_ENVIRONMENT: Partial<Env> = {};

/** The emergency Worker of a tenant, and what its cron does. */
function emergencyWorker(tenant: TestTenant, changes = NO_ENVIRONMENT) {
  const app = gate();
  const destinations = [{ id: "static", uri: "sip:{number}@static.example" }];
  const worker = workerWith(app, {
    LANE: "emergency",
    STANDARD: brokenLane(),
    STATIC_EMERGENCY: JSON.stringify({ tenant: tenant.id, destinations }),
    ...changes,
  });
  const deps = depsOf(worker.env);
  const logged: Record<string, unknown>[] = [];
  const counted = () => Object.entries(deps.meter.take(Date.now(), true)?.counters ?? {}).filter(([, by]) => by > 0);
  const asked: { path: string; status: number }[] = [];
  const call = new SyntheticCall({
    ...deps,
    log: (_level, message, fields) => void logged.push({ message, ...fields }),
    ask: async (request) => {
      const answer = await app.fetch(request, worker.env, createExecutionContext());
      asked.push({ path: new URL(request.url).pathname, status: answer.status });
      return answer;
    },
  });
  return { ask: worker.ask, run: () => call.run(), logged, asked, counted, env: worker.env };
}

describe("the emergency lane's own call", () => {
  it("[EMG-16] goes the whole path, dials nobody, ends, and its record is read back", async () => {
    const tenant = await publishedTenant();
    const { run, asked, counted, ask } = emergencyWorker(tenant);
    expect(await run()).toBe("ok");
    expect(asked.map(({ status }) => status)).toEqual([201, 200, 200, 200]);
    const names = counted().map(([series]) => series);
    expect(names.filter((series) => series.startsWith("trunkline_synthetic_calls_total"))).toEqual([
      expect.stringContaining('outcome="ok"') as string,
    ]);
    const session = await ask(asked[1]!.path, { key: tenant.key("admin") });
    expect(session.body).toMatchObject({
      to: "933",
      lane: "emergency",
      networkDisposition: "cancelled",
      plan: { executor: "peer" },
    });
  });

  it("[EMG-16] is degraded where it went the static routes, and says what failed where it failed", async () => {
    const tenant = await publishedTenant();
    const blind = emergencyWorker(tenant, { CONFIG: brokenBucket(), SNAPSHOT_KEEPER: brokenObjects() });
    expect(await blind.run()).toBe("degraded");
    const lame = emergencyWorker(tenant, { CALL_SESSION: brokenObjects() });
    expect(await lame.run()).toBe("failed");
    expect(lame.logged).toEqual([{ message: "the synthetic emergency call failed", step: "session", status: 503 }]);
    expect(await emergencyWorker(tenant, { STATIC_EMERGENCY: "" }).run()).toBe("skipped");
  });

  it("[EMG-16] leaves no way in: its tokens are good for one request, and for nobody without the key", async () => {
    const tenant = await publishedTenant();
    const worker = emergencyWorker(tenant);
    await worker.run();
    const [, { path }] = worker.asked as [unknown, { path: string }];
    for (const headers of [{ "trunkline-lane-token": `${Date.now()}.${"0".repeat(64)}` }, { "trunkline-synthetic": "1" }])
      expect((await worker.ask(path, { headers })).status).toBe(401);
  });
});

describe("GET /readyz", () => {
  const ready = async (changes: Partial<Env>, query = "") => {
    const { ask } = emergencyWorker(await publishedTenant(), changes);
    const { status, body } = await ask(`/readyz${query}`);
    const failing = (part: string): string[] =>
      Object.entries(body[part] as Record<string, { ok: boolean }>).flatMap(([name, { ok }]) => (ok ? [] : [name]));
    return { http: status, status: body["status"], checks: failing("checks"), snapshots: failing("snapshots"), body };
  };
  const NO_R2: Partial<Env> = {
    CONFIG: new Proxy(env.CONFIG, { get: () => () => Promise.reject(new Error("R2 is away")) }),
  };

  it("[RES-6] names the levels of snapshots, since when one is away, and what does without it", async () => {
    const { http, checks, snapshots, body } = await ready(NO_R2);
    expect([http, checks, snapshots]).toEqual([503, expect.arrayContaining(["config", "database", "standardLane"]), ["r2"]]);
    expect(Object.keys(body["snapshots"] as object)).toEqual(["cache", "r2", "keeper", "static"]);
    const text = expect.any(String) as string;
    expect(body).toMatchObject({ snapshots: { r2: { ok: false, since: text, without: text } }, breakers: {} });
    expect((await ready({ SNAPSHOT_KEEPER: brokenObjects() })).snapshots).toEqual(["keeper"]);
  });

  it("[RES-6] is ready for emergencies as long as they are served", async () => {
    const emergency = "?for=emergency";
    expect(await ready({}, emergency)).toMatchObject({ http: 200, status: "ready" });
    expect(await ready(NO_R2, emergency)).toMatchObject({ http: 200, status: "degraded", snapshots: ["r2"] });
    const noLevels = { ...NO_R2, SNAPSHOT_KEEPER: brokenObjects(), CALL_SESSION: brokenObjects() } as Partial<Env>;
    expect(await ready(noLevels, emergency)).toMatchObject({ http: 200, status: "degraded", snapshots: ["r2", "keeper"] });
    expect(await ready({ ...noLevels, STATIC_EMERGENCY: "" }, emergency)).toMatchObject({ http: 503, status: "unready" });
  });
});
