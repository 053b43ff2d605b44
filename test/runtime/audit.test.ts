import { env } from "cloudflare:workers";
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { Hono } from "hono";
import { describe, expect, it } from "vitest";
import type { MetricDeltas } from "../../adapters/telemetry/metrics.ts";
import type { AuditAct, AuditEntry } from "../../domain/audit/entry.ts";
import { BEGUN_LIMIT_MS } from "../../domain/audit/timing.ts";
import { walkChain } from "../../domain/audit/verify.ts";
import { toHex } from "../../domain/shared/hex.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import type { AuditTrail } from "../../durable-objects/audit-trail/audit-trail.ts";
import { createNotes } from "../../durable-objects/audit-trail/notes.ts";
import { METRICS_OBJECT } from "../../durable-objects/metrics/metrics.ts";
import { UNAUDITED } from "../../workers/audit/unaudited.ts";
import { gate } from "../../workers/gate.ts";
import type { AppEnv } from "../../workers/context.ts";
import { audited, auditedAction } from "../../workers/middleware/audited.ts";
import { standard } from "../../workers/standard.ts";
import { MovableClock, sleep, until } from "./fixture/clock.ts";
import { type Sent, ask, workerWith } from "./fixture/http.ts";
import { tenantId } from "./fixture/session.ts";
import { publishedTenant } from "./fixture/tenant.ts";
import { unique } from "./fixture/unique.ts";

const DONE = { outcome: "done", status: 200 } as const;

async function hashOf(text: string): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))));
}

const actOf = (tenant: TenantId, actor = "alice"): AuditAct => ({
  tenant,
  actor,
  via: "jwt",
  action: "trunks.create",
  resource: "trunks",
  requestId: "request-1",
  sourceIp: null,
});

const ALL = { filter: {}, before: null, limit: 1_000 };

/** A trail of the test's own, and a Postgres that is away until the test says otherwise. */
class TrailUnderTest {
  readonly tenant = tenantId(unique("audit"));
  readonly clock = new MovableClock();
  handed: AuditEntry[] = [];
  disputed: number[] = [];
  isPostgresAway = true;

  get stub() {
    return env.AUDIT_TRAIL.getByName(this.tenant);
  }

  /** Puts clock and Postgres into the object, which is a new one after it was evicted. */
  async prepare(): Promise<this> {
    await runInDurableObject(this.stub, (trail: AuditTrail) => {
      trail.clock = this.clock;
      trail.store = {
        add: async (entries) => {
          if (this.isPostgresAway) throw new Error("away");
          this.handed.push(...entries);
          return this.disputed;
        },
      };
    });
    return this;
  }

  record = (token: string, actor?: string) => this.stub.record(token, actOf(this.tenant, actor), DONE);

  /** Every entry that Postgres has not got, oldest first. */
  async waiting(): Promise<readonly AuditEntry[]> {
    const { entries } = (await this.stub.unhanded(ALL)) as { entries: AuditEntry[] };
    return entries.toReversed();
  }

  async alarm(): Promise<void> {
    await this.prepare();
    await runDurableObjectAlarm(this.stub);
  }

  /** Has Postgres take what waits. */
  async handOver(): Promise<void> {
    this.isPostgresAway = false;
    this.clock.move(120_000);
    await this.alarm();
  }
}

const trailUnderTest = () => new TrailUnderTest().prepare();

const faultOf = async (entries: readonly AuditEntry[]) => (await walkChain(entries, { hashOf })).fault;

describe("[AUD-2] the trail of a tenant", () => {
  it("numbers what comes at the same time without gaps, each bound to the one before, also after a crash", async () => {
    const trail = await trailUnderTest();
    await Promise.all(Array.from({ length: 25 }, (_, index) => trail.record(`a${index}`)));
    await evictDurableObject(trail.stub);
    await Promise.all(Array.from({ length: 25 }, (_, index) => trail.record(`b${index}`)));
    const entries = await trail.waiting();
    expect(entries.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
    expect(await faultOf(entries)).toBeNull();
  });

  it("has one entry of what is brought twice", async () => {
    const trail = await trailUnderTest();
    await Promise.all([trail.record("once"), trail.record("once")]);
    await trail.record("once");
    expect(await trail.waiting()).toHaveLength(1);
  });

  it("keeps everything while Postgres is away, and hands it over in order, once, when it is back", async () => {
    const trail = await trailUnderTest();
    for (const token of ["a", "b", "c"]) await trail.record(token);
    trail.clock.move(5_000);
    await trail.alarm();
    await evictDurableObject(trail.stub);
    expect(await trail.waiting()).toHaveLength(3);
    await trail.handOver();
    await trail.alarm();
    expect(trail.handed.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    expect(await trail.waiting()).toEqual([]);
    await trail.record("d");
    await trail.handOver();
    expect(await faultOf(trail.handed)).toBeNull();
    expect(await trail.stub.state()).toMatchObject({ sequence: 4, handed: 4, hash: trail.handed[3]!.hash });
  });

  it("says where Postgres has something else, and keeps its own", async () => {
    const trail = await trailUnderTest();
    for (const token of ["a", "b"]) await trail.record(token);
    trail.disputed = [2];
    await trail.handOver();
    const { disputed } = (await trail.stub.state()) as { disputed: AuditEntry[] };
    expect(disputed.map(({ sequence }) => sequence)).toEqual([2]);
  });

  it("notes as unknown what began and was not heard of, and what was heard of late after that", async () => {
    const trail = await trailUnderTest();
    await trail.stub.begin("t", actOf(trail.tenant));
    await evictDurableObject(trail.stub);
    await trail.prepare();
    expect(await trail.waiting()).toEqual([]);
    trail.clock.move(BEGUN_LIMIT_MS + 1);
    await trail.alarm();
    await trail.stub.settle("t", { outcome: "done", status: 201 });
    await trail.stub.settle("t", { outcome: "done", status: 201 });
    expect((await trail.waiting()).map(({ outcome, detail }) => [outcome, detail["known"]])).toEqual([
      ["unknown", undefined],
      ["done", "late"],
    ]);
  });

  it("counts what it took and what Postgres took: the difference is the backlog", async () => {
    const totals = async (name: string): Promise<number> => {
      const { counters } = (await env.METRICS.getByName(METRICS_OBJECT).add(null)) as MetricDeltas;
      return Object.entries(counters).reduce((sum, [series, count]) => (series.startsWith(`${name}{`) ? sum + count : sum), 0);
    };
    const before = await totals("trunkline_audit_handed_over_total");
    const trail = await trailUnderTest();
    for (const token of ["a", "b"]) await trail.record(token);
    await trail.handOver();
    expect((await totals("trunkline_audit_handed_over_total")) - before).toBe(2);
    expect(await totals("trunkline_audit_entries_total")).toBeGreaterThanOrEqual(2);
  });

  it("forgets what began and did nothing", async () => {
    const trail = await trailUnderTest();
    await trail.stub.begin("t", actOf(trail.tenant));
    await trail.stub.settle("t", null);
    trail.clock.move(BEGUN_LIMIT_MS + 1);
    await trail.alarm();
    expect(await trail.waiting()).toEqual([]);
  });

  it("sums up a flood: one entry at once, one at the end of the minute", async () => {
    const trail = await trailUnderTest();
    const work: Promise<unknown>[] = [];
    const note = createNotes({
      nowMs: trail.clock.nowMs,
      defer: (promise) => void work.push(promise),
      sleep: () => sleep(50),
      send: (_tenant, sums) => trail.stub.sum(sums),
    });
    const refusal = {
      act: actOf(trail.tenant, "eve"),
      result: { outcome: "refused", status: 403 },
      alike: "forbidden",
    } as const;
    for (let times = 0; times < 5_000; times++) note(refusal);
    await Promise.all(work);
    expect(work).toHaveLength(2);
    trail.clock.move(61_000);
    await trail.alarm();
    expect((await trail.waiting()).map(({ actor, detail }) => [actor, detail["count"]])).toEqual([
      ["eve", undefined],
      ["eve", 4_999],
    ]);
  });

  it("[AUD-2] sums up what several isolates tell at the same moment, and loses none of it", async () => {
    const trail = await trailUnderTest();
    const nowMs = trail.clock.nowMs();
    const act = actOf(trail.tenant, "mallory");
    const refused = { act, result: { outcome: "refused", status: 403 }, alike: "forbidden" } as const;
    const told = { ...refused, count: 10, firstMs: nowMs, lastMs: nowMs };
    await Promise.all([1, 2, 3, 4].map(() => trail.stub.sum([told])));
    trail.clock.move(61_000);
    await trail.alarm();
    expect((await trail.waiting()).map(({ detail }) => detail["count"])).toEqual([10, 30]);
  });
});

/** Places a hold on events: a write that takes no Postgres. */
const holding = (key: string, body: unknown = { scope: { callId: "c-1" }, reason: "a lawsuit" }): Sent => ({
  key,
  body,
  headers: { "Content-Type": "application/json", "X-Request-Id": "audited-request", "CF-Connecting-IP": "192.0.2.9" },
});

async function listed(key: string, query = ""): Promise<Record<string, unknown>[]> {
  const answer = await ask(`/v1/audit${query}`, { key });
  expect(answer.status).toBe(200);
  return answer.body["items"] as Record<string, unknown>[];
}

describe("[AUD-1] [AUD-3] GET /v1/audit", () => {
  it("has who did what to what, as soon as it is answered, and nothing of what changed nothing", async () => {
    const tenant = await publishedTenant();
    const key = tenant.key("admin");
    expect((await ask("/v1/events/holds", holding(key, { scope: {} }))).status).toBe(422);
    expect((await ask("/v1/events/holds", holding(key))).status).toBe(201);
    const items = await listed(key);
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({
      tenant: tenant.id,
      lane: "standard",
      sequence: 1,
      via: "api_key",
      action: "event-holds.create",
      resource: "events/holds",
      outcome: "done",
      status: 201,
      requestId: "audited-request",
      sourceIp: "192.0.2.9",
    });
  });

  it("has what was refused, with the permission that it would have taken, and the forged key of a tenant that there is", async () => {
    const tenant = await publishedTenant();
    const admin = tenant.key("admin");
    expect((await ask("/v1/trunks", { key: tenant.key("viewer"), body: {} })).status).toBe(403);
    expect((await ask("/v1/trunks", { key: `${admin.slice(0, -4)}AAAA`, body: {} })).status).toBe(401);
    const items = await until(async () => {
      const found = await listed(admin, "?outcome=refused&action=access.*");
      return found.length === 2 && found;
    }, "the entries of both");
    expect(items.map(({ status, actor }) => [status, actor])).toContainEqual([401, "anonymous"]);
    expect(items.find(({ status }) => status === 403)).toMatchObject({
      resource: "trunks",
      detail: { method: "POST", reason: "forbidden", permission: "config:write" },
    });
  });

  it("has what was signed in vain with a key that is called the tenant's", async () => {
    const tenant = await publishedTenant();
    const seconds = Math.floor(Date.now() / 1_000);
    const parameters = `("@method" "@target-uri");created=${seconds};expires=${seconds + 60};nonce="n";keyid="${tenant.id}/main/s1"`;
    const headers = { "Signature-Input": `sig=${parameters}`, Signature: `sig=:${btoa("x".repeat(32))}:` };
    expect((await ask("/v1/trunks", { headers })).status).toBe(401);
    const items = await until(async () => {
      const found = await listed(tenant.key("admin"), "?outcome=refused");
      return found.length === 1 && found;
    }, "the entry");
    expect(items[0]).toMatchObject({ status: 401, actor: "anonymous", action: "access.refused", resource: "trunks" });
  });

  it("goes page by page, newest first, and filters", async () => {
    const tenant = await publishedTenant();
    const key = tenant.key("admin");
    for (let at = 0; at < 3; at++) await ask("/v1/events/holds", holding(key));
    const first = await ask("/v1/audit?limit=2", { key });
    const rest = await ask(`/v1/audit?limit=2&cursor=${String(first.body["nextCursor"])}`, { key });
    const sequences = [first, rest].map(({ body }) =>
      (body["items"] as { sequence: number }[]).map(({ sequence }) => sequence),
    );
    expect(sequences).toEqual([[3, 2], [1]]);
    expect(rest.body["nextCursor"]).toBeUndefined();
    expect(await listed(key, "?action=trunks.*")).toEqual([]);
    expect(await listed(key, "?resource=events/*&from=2026-01-01T00:00:00Z")).toHaveLength(3);
    expect(await listed(key, "?to=2026-01-01T00:00:00Z")).toEqual([]);
    expect((await ask("/v1/audit?who=me", { key })).status).toBe(400);
    expect((await ask("/v1/audit?lane=emergency", { key })).status).toBe(421);
    expect((await ask("/v1/audit", { key: tenant.key("operator") })).status).toBe(403);
  });

  it("as an export ends with where the chain ends", async () => {
    const tenant = await publishedTenant();
    const key = tenant.key("admin");
    await ask("/v1/events/holds", holding(key));
    const { text, status } = await ask("/v1/audit/export", { key });
    expect(status).toBe(200);
    const [entry, end] = text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { hash: string; end: object });
    expect(end).toMatchObject({ end: { tenant: tenant.id, lane: "standard", sequence: 1, hash: entry!.hash } });
  });
});

const SILENT = { getByName: () => ({ begin: () => Promise.reject(new Error("away")) }) } as unknown as Env["AUDIT_TRAIL"];

describe("[AUD-2] without a trail", () => {
  it("nothing is changed that would have no entry", async () => {
    const tenant = await publishedTenant();
    const key = tenant.key("admin");
    const { ask: askWithout } = workerWith(standard(), { AUDIT_TRAIL: SILENT });
    const answer = await askWithout("/v1/events/holds", holding(key));
    expect(answer.status).toBe(503);
    expect(answer.headers.get("Retry-After")).not.toBeNull();
    expect((await ask("/v1/events/holds", { key })).body["items"]).toEqual([]);
  });
});

describe("[AUD-2] commands to live calls", () => {
  it("[AUD-2] are answered although the trail says nothing, and noted behind it", async () => {
    const deferred: Promise<unknown>[] = [];
    const deps = {
      environment: { LANE: "standard" },
      audit: { record: () => new Promise(() => {}) },
      defer: (work: Promise<unknown>) => void deferred.push(work),
    } as unknown as AppEnv["Variables"]["deps"];
    const app = new Hono<AppEnv>()
      .use(async (c, next) => {
        c.set("deps", deps);
        c.set("principal", { tenant: tenantId("acme"), subject: "alice", roles: [], via: "api_key" });
        await next();
      })
      .post("/hang-up", audited("sessions.command", { live: true }), (c) => c.text("done"));
    const answer = await app.request("/hang-up", { method: "POST" });
    expect([await answer.text(), deferred.length]).toEqual(["done", 1]);
  });
});

const WRITES = new Set(["POST", "PUT", "PATCH", "DELETE"]);

describe("[AUD-1] every route that writes", () => {
  it.each([
    ["standard", standard()],
    ["gate", gate()],
  ])("has an entry, or a reason to have none: %s", (_name, app) => {
    const routes = Map.groupBy(
      app.routes.filter(({ method }) => WRITES.has(method)),
      ({ method, path }) => `${method} ${path}`,
    );
    const without = [...routes].filter(
      ([route, handlers]) => !(route in UNAUDITED) && !handlers.some(({ handler }) => auditedAction(handler) !== undefined),
    );
    expect(routes.size).toBeGreaterThan(10);
    expect(without.map(([route]) => route)).toEqual([]);
  });

  it("that is said to have no entry is there, and has none", () => {
    const routes = [...standard().routes, ...gate().routes];
    const stale = Object.keys(UNAUDITED).filter((route) => !routes.some(({ method, path }) => `${method} ${path}` === route));
    expect(stale).toEqual([]);
  });
});

describe("[API-8] every answer", () => {
  it("tells browsers that it is data and nothing else", async () => {
    for (const path of ["/health/live", "/v1/audit", "/nowhere", "/metrics"]) {
      const { headers } = await ask(path);
      expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
      expect(headers.get("Referrer-Policy")).toBe("no-referrer");
      expect(headers.get("Strict-Transport-Security")).toMatch(/^max-age=\d{8}/);
      expect(headers.get("Content-Security-Policy")).toContain("default-src 'none'");
      expect(headers.get("Cache-Control")).not.toBeNull();
      expect(headers.get("X-Request-Id")).not.toBeNull();
    }
  });
});
