import { env } from "cloudflare:workers";
import { createExecutionContext, evictDurableObject, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import type { ScopeUse } from "../../domain/capacity/lease.ts";
import { REST_AFTER_FAILURES } from "../../domain/resilience/targets.ts";
import type { Plan } from "../../domain/routing/plan.ts";
import { type SessionId, parseSessionId } from "../../domain/shared/ids.ts";
import { gate } from "../../workers/gate.ts";
import { standard } from "../../workers/standard.ts";
import { brokenLane } from "./fixture/front.ts";
import { type Answer, ask, read, requestOf, workerWith } from "./fixture/http.ts";
import { SessionUnderTest } from "./fixture/session.ts";
import { type TestTenant, configurationFile, itemsOf, publishItems, unpublishedTenant } from "./fixture/tenant.ts";

const GATEWAY = { type: "sip", uri: "sip:{number}@gateway.example" } as const;

/** A trunk with three lines, one of them for emergencies, and two gateways of which the first has one line. */
async function bounded(changes: Record<string, unknown> = {}): Promise<TestTenant> {
  const tenant = await unpublishedTenant();
  const file = {
    ...configurationFile("gateway.example"),
    trunks: [
      {
        id: "main",
        dialProfile: { country: "US", areaCode: "555" },
        capabilities: ["failover"],
        capacity: { maxCalls: 3, reserved: { emergency: 1 } },
      },
    ],
    destinations: [
      { id: "gateway", target: GATEWAY, capacity: { maxCalls: 1 } },
      { id: "spare", target: GATEWAY },
      { id: "psap", target: { type: "sip", uri: "sip:{number}@psap.example" } },
    ],
    routingRules: [
      { id: "world", when: { callee: { prefix: ["+"] } }, action: { type: "route", destinations: ["gateway", "spare"] } },
    ],
    ...changes,
  };
  await publishItems({ own: env.CONFIG, gate: null }, tenant.id, itemsOf(file), tenant.access);
  return tenant;
}

const call = (tenant: TestTenant, changes: Record<string, unknown> = {}): Promise<Answer> =>
  ask("/v1/calls", {
    key: tenant.key("operator"),
    body: { from: "+15551230001", to: "+15551230002", channel: "pbx", ...changes },
  });
const planOf = (answer: Answer): Plan => answer.body["plan"] as Plan;
const sessionOf = (answer: Answer): SessionId => {
  const id = parseSessionId(
    String((answer.body["session"] as { id?: string } | undefined)?.id ?? answer.headers.get("location")?.split("/").at(-1)),
  );
  if (!id.ok) throw new Error(answer.text);
  return id.value;
};
const objectOf = (tenant: TestTenant) => env.CAPACITY!.getByName(tenant.id);
const useOf = async (tenant: TestTenant, scope: string): Promise<ScopeUse | undefined> =>
  ((await objectOf(tenant).use()) as readonly ScopeUse[]).find((each) => each.scope === scope);
const totalAt = async (tenant: TestTenant, scope: string): Promise<number> =>
  Object.values((await useOf(tenant, scope))?.inUse ?? {}).reduce((sum, count) => sum + count, 0);
const end = (tenant: TestTenant, session: SessionId, type = "ended") => report(tenant, session, { type });
const report = (tenant: TestTenant, session: SessionId, body: Record<string, unknown>): Promise<Answer> =>
  ask(`/v1/sessions/${session}/events`, { key: tenant.key("operator"), body });

describe("calls on a bounded trunk", () => {
  it("[CAP-4] pass over a destination without room, and are refused with 503 by capacity when the trunk has none", async () => {
    const tenant = await bounded();
    const answers = [await call(tenant), await call(tenant), await call(tenant)];
    expect(answers.map((answer) => planOf(answer).destinations.map(({ id }) => id))).toEqual([
      ["gateway", "spare"],
      ["spare"],
      [],
    ]);
    expect(planOf(answers[2]!)).toMatchObject({
      action: "reject",
      decidedBy: "capacity",
      ruleId: "world",
      reject: { sipCode: 503 },
    });
  });

  it("[CAP-6] get exactly as many lines as there are, however many come at once", async () => {
    const tenant = await bounded();
    const answers = await Promise.all(Array.from({ length: 12 }, () => call(tenant)));
    expect(answers.filter((answer) => planOf(answer).action === "route")).toHaveLength(2);
    expect(await totalAt(tenant, "trunk/main")).toBe(2);
  });

  it("[CAP-5] give their lines back when they end, take them along when they go elsewhere, and take one though set up twice", async () => {
    const tenant = await bounded();
    const body = { callId: "call-1" };
    const [first, again] = [await call(tenant, body), await call(tenant, body)];
    expect([await totalAt(tenant, "trunk/main"), await totalAt(tenant, "destination/gateway")]).toEqual([1, 1]);
    expect(sessionOf(again)).toBe(sessionOf(first));
    await report(tenant, sessionOf(first), { type: "failover", routeIndex: 0, sipCode: 503 });
    await expect.poll(() => totalAt(tenant, "destination/gateway")).toBe(0);
    await end(tenant, sessionOf(first), "failed");
    await expect.poll(() => totalAt(tenant, "trunk/main")).toBe(0);
    await call(tenant, body);
    await expect.poll(() => totalAt(tenant, "trunk/main")).toBe(0);
  });

  it("[CAP-5] keep their lines when the object begins anew, and renew them when they look at themselves", async () => {
    const tenant = await bounded();
    const answer = await call(tenant);
    await evictDurableObject(objectOf(tenant));
    expect(await totalAt(tenant, "trunk/main")).toBe(1);
    await runInDurableObject(objectOf(tenant), (_, { storage }) => {
      for (const [key] of storage.kv.list({ prefix: "lease/" })) storage.kv.delete(key);
    });
    await evictDurableObject(objectOf(tenant));
    expect(await totalAt(tenant, "trunk/main")).toBe(0);
    await new SessionUnderTest(tenant.id, sessionOf(answer)).fireAlarm();
    await expect.poll(() => totalAt(tenant, "trunk/main")).toBe(1);
    expect(await totalAt(tenant, "destination/gateway")).toBe(1);
  });

  it("[CAP-6] are let through within the deadline while the object does not answer", async () => {
    const tenant = await bounded();
    const silent = { getByName: () => ({ take: () => new Promise(() => {}) }) } as unknown as NonNullable<Env["CAPACITY"]>;
    const worker = workerWith(standard(), { CAPACITY: silent });
    const body = { from: "+15551230001", to: "+15551230002", channel: "pbx" };
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => worker.ask("/v1/calls", { key: tenant.key("operator"), body })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(201));
  });

  it("are shown with what is left to each kind", async () => {
    const tenant = await bounded();
    await call(tenant, { priority: "low" });
    const { body } = await ask("/v1/capacity", { key: tenant.key("operator") });
    expect(body["items"]).toEqual([
      expect.objectContaining({
        of: "trunk",
        id: "main",
        maxCalls: 3,
        inUse: { low: 1, normal: 0, high: 0, emergency: 0, total: 1 },
      }),
      expect.objectContaining({ of: "destination", id: "gateway", maxCalls: 1, perSecond: 1, resting: false }),
    ]);
  });
});

describe("emergency calls", () => {
  const EMERGENCY = { from: "+15551230001", to: "112", channel: "mobile" };
  /** The gate, which has no object of its own that counts calls; what it tells its standard lane the Worker under test is told. */
  const door = (tenant: TestTenant, broken = false) => {
    const lane: Fetcher = Object.assign(brokenLane(), {
      fetch: async (input: RequestInfo | URL, init?: RequestInit) =>
        standard().fetch(new Request(input, init), env, createExecutionContext()),
    });
    const changes = { LANE: "emergency", STANDARD: broken ? brokenLane() : lane, CAPACITY: undefined };
    const worker = workerWith(gate(), changes as unknown as Partial<Env>);
    return () => worker.ask("/v1/calls", { key: tenant.key("operator"), body: EMERGENCY });
  };
  const lowCall = async (tenant: TestTenant) => planOf(await call(tenant, { priority: "low" })).action;

  it("[CAP-3] are counted behind their answer, take what is reserved, and hold back low calls until they are answered", async () => {
    const tenant = await bounded();
    const answer = await door(tenant)();
    expect(planOf(answer)).toMatchObject({ action: "route", decidedBy: "emergency" });
    await expect.poll(async () => (await useOf(tenant, "trunk/main"))?.emergencyWaiting).toBe(1);
    expect(await lowCall(tenant)).toBe("reject");
    const emergency = new SessionUnderTest(tenant.id, sessionOf(answer));
    await emergency.report("answered");
    await expect.poll(async () => (await useOf(tenant, "trunk/main"))?.emergencyWaiting).toBe(0);
    expect([await lowCall(tenant), await lowCall(tenant), await lowCall(tenant)]).toEqual(["route", "route", "reject"]);
    await emergency.report("ended");
    await expect.poll(async () => (await useOf(tenant, "trunk/main"))?.inUse.emergency).toBe(0);
  });

  it("[CAP-3] are answered while nobody counts them", async () => {
    const tenant = await bounded();
    expect((await door(tenant, true)()).status).toBe(201);
    expect(await totalAt(tenant, "trunk/main")).toBe(0);
  });
});

describe("[CAP-7] a destination that fails time after time", () => {
  it("is tried last, and first again when it takes a call", async () => {
    const trunks = [{ id: "main", dialProfile: { country: "US", areaCode: "555" }, capabilities: ["failover"] }];
    const destinations = ["gateway", "spare", "psap"].map((id) => ({ id, target: GATEWAY }));
    const tenant = await bounded({ trunks, destinations });
    // The isolate's objects and this request know of the same breakers by having the same environment.
    const own = await runInDurableObject(objectOf(tenant), (instance) => (instance as unknown as { env: Env }).env);
    const body = { from: "+15551230001", to: "+15551230002", channel: "pbx" };
    const routed = async (): Promise<{ session: SessionUnderTest; order: string[] }> => {
      const request = requestOf("/v1/calls", { key: tenant.key("operator"), body });
      const answer = await read(await standard().fetch(request, own, createExecutionContext()));
      const order = planOf(answer).destinations.map(({ id }) => id);
      return { session: new SessionUnderTest(tenant.id, sessionOf(answer)), order };
    };
    for (let time = 0; time < REST_AFTER_FAILURES; time++) {
      const { session, order } = await routed();
      expect(order).toEqual(["gateway", "spare"]);
      await session.report("failover", { routeIndex: 0, sipCode: 503 });
      await session.report("failed", { routeIndex: 1, sipCode: 486 });
    }
    const { session, order } = await routed();
    expect(order).toEqual(["spare", "gateway"]);
    await session.report("failover", { routeIndex: 0, sipCode: 503 });
    await session.report("ringing", { routeIndex: 1 });
    expect((await routed()).order).toEqual(["gateway", "spare"]);
  });
});
