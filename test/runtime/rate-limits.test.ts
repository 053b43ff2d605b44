import { env } from "cloudflare:workers";
import { evictDurableObject } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import { validateAnswer } from "../../contracts/openapi/api.ts";
import { limiterName } from "../../durable-objects/limiter/names.ts";
import { standard } from "../../workers/standard.ts";
import { front } from "./fixture/front.ts";
import { type Answer, ask, workerWith } from "./fixture/http.ts";
import { type TestTenant, publishedTenant } from "./fixture/tenant.ts";

const LIMITS = JSON.stringify({ "events-read": { burst: 3, perS: 0.01 }, "events-write": { burst: 96, perS: 0.01 } });
const EVENT = { type: "call.answered", callId: "limited" };

let tenant: TestTenant;
beforeAll(async () => {
  tenant = await publishedTenant();
});

/** An object's start may take longer than a request waits for it. */
async function warm(role: "viewer" | "integrator"): Promise<void> {
  const client = `api_key key:${tenant.key(role).split("_")[2]!}`;
  await env.LIMITER.getByName(limiterName(tenant.id, client)).lease("events-read", "nobody", { burst: 1, perS: 1 }, 0, 0);
}

const worker = () => workerWith(standard(), { API_LIMITS: LIMITS } as Partial<Env>);

async function admitted(answers: readonly Promise<Answer>[]): Promise<number> {
  return (await Promise.all(answers)).filter(({ status }) => status !== 429).length;
}

describe("[LMT-1] limits of the event store", () => {
  it("[LMT-1] tells what is left, refuses what is beyond, and leaves other clients and routes alone", async () => {
    await warm("viewer");
    const limited = worker();
    const list = () => limited.ask("/v1/events?limit=1", { key: tenant.key("viewer") });
    const headers: (string | null)[] = [];
    for (let made = 0; made < 3; made++) {
      const answer = await list();
      expect(answer.status).toBe(200);
      expect(answer.headers.get("RateLimit-Policy")).toBe('"events-read";q=3;w=300, "tenant";q=10000;w=4');
      headers.push(answer.headers.get("RateLimit"));
    }
    expect(headers.map((header) => header?.split(";")[1])).toEqual(["r=2", "r=1", "r=0"]);
    const refused = await list();
    expect(refused.status).toBe(429);
    expect(refused.headers.get("RateLimit")).toMatch(/^"events-read";r=0;t=\d+$/);
    expect(refused.headers.get("Retry-After")).toBe(/t=(\d+)$/.exec(refused.headers.get("RateLimit")!)![1]);
    expect(validateAnswer("listEvents", 429, refused.body)).toEqual([]);
    expect((await limited.ask("/v1/events?limit=1", { key: tenant.key("operator") })).status).toBe(200);
    const sessions = await limited.ask("/v1/sessions", { key: tenant.key("viewer") });
    expect(sessions.headers.get("RateLimit-Policy")).toBe('"api-read";q=400;w=4, "tenant";q=10000;w=4');
    expect(sessions.status).not.toBe(429);
  });

  it("[LMT-1] holds over all isolates together, up to what they have been lent", async () => {
    await warm("integrator");
    const isolates = [worker(), worker(), worker()];
    const send = (isolate: ReturnType<typeof worker>) =>
      isolate.ask("/v1/events", {
        key: tenant.key("integrator"),
        body: EVENT,
        headers: { "Content-Type": "application/json" },
      });
    const counts: number[] = [];
    for (let round = 0; round < 12; round++)
      counts.push(await admitted(isolates.flatMap((isolate) => Array.from({ length: 4 }, () => send(isolate)))));
    const total = counts.reduce((sum, count) => sum + count);
    expect(total).toBeGreaterThanOrEqual(96 - 3 * 9);
    expect(total).toBeLessThanOrEqual(96 + 3 * (9 + 1));
  });

  it("[LMT-1] a limiter that was evicted begins anew", async () => {
    const client = `api_key evicted`;
    const limiter = env.LIMITER.getByName(limiterName(tenant.id, client));
    const policy = { burst: 10, perS: 0.01 };
    expect(await limiter.lease("events-read", client, policy, 0, 100)).toMatchObject({ granted: 10 });
    expect(await limiter.lease("events-read", client, policy, 0, 100)).toMatchObject({ granted: 0 });
    expect(await limiter.lease("events-write", client, policy, 0, 4)).toMatchObject({ granted: 4 });
    await evictDurableObject(limiter);
    expect(await limiter.lease("events-read", client, policy, 0, 100)).toMatchObject({ granted: 10 });
  });
});

describe("[API-5] the emergency lane", () => {
  it("[API-5] limits reading what a session's log tells, and never the session itself", async () => {
    const door = front(tenant);
    const call = { from: "+15551230001", to: "112", channel: "pbx" };
    const placed = await door.ask("/v1/calls", { body: call, key: tenant.key("integrator") });
    const path = `/v1/sessions/${String(placed.body["id"])}`;
    const policies = await Promise.all(
      [path, `${path}/events`, `${path}/replay`].map(async (asked) =>
        (await door.ask(asked, { key: tenant.key("integrator") })).headers.get("RateLimit-Policy"),
      ),
    );
    expect(policies[0]).toBeNull();
    for (const policy of policies.slice(1)) expect(policy).toContain('"events-read";');
  });
});

describe("[LMT-2] who may", () => {
  it("[LMT-2] a viewer reads events and stores none", async () => {
    const refused = await ask("/v1/events", {
      key: tenant.key("viewer"),
      body: EVENT,
      headers: { "Content-Type": "application/json" },
    });
    expect(refused.status).toBe(403);
    expect(validateAnswer("appendEvents", 403, refused.body)).toEqual([]);
  });
});

describe("[LMT-4] the interface description", () => {
  it("[LMT-4] is there for everybody", async () => {
    const answer = await ask("/openapi.json");
    expect(answer.status).toBe(200);
    expect(answer.body["openapi"]).toBe("3.1.0");
    expect(Number(answer.headers.get("Content-Length"))).toBe(new TextEncoder().encode(answer.text).length);
  });
});

describe("[RES-5] load shedding", () => {
  const CALL = { from: "+15551230001", to: "+15551230002", channel: "api" };
  const answers = async (asked: readonly Promise<Answer>[]) =>
    (await Promise.all(asked)).map(({ status, body }) => `${status} ${String(body["code"] ?? "")}`.trim());

  it("[RES-5] by hand refuses new calls and what matters less, before anything is begun, and nothing that a call needs", async () => {
    const shedding = workerWith(standard(), { SHEDDING: "calls" } as Partial<Env>);
    const key = tenant.key("operator");
    const standing = await ask("/v1/calls", { key, body: CALL });
    const path = `/v1/sessions/${String(standing.body["id"])}`;
    expect(
      await answers([
        shedding.ask("/v1/analytics/sessions?from=2026-01-01T00:00:00Z", { key }),
        shedding.ask("/v1/sessions", { key: "nobody" }),
        shedding.ask("/v1/calls", { key, body: { ...CALL, priority: "high" } }),
      ]),
    ).toEqual(["503 overloaded", "503 overloaded", "503 overloaded"]);
    expect(
      await answers([
        shedding.ask("/healthz"),
        shedding.ask(path, { key }),
        shedding.ask(`${path}/events`, { key, body: { type: "ringing", id: "r1" } }),
        shedding.ask(`${path}/commands`, { key, body: { id: "c1", command: "note", text: "kept" } }),
        shedding.ask("/v1/calls", { key, body: { ...CALL, to: "112" } }),
      ]),
    ).toEqual(["200", "200", "200", "200", "201"]);
  });

  it("[RES-5] says when to come back, and what was refused was not begun", async () => {
    const low = workerWith(standard(), { SHEDDING: "low_calls" } as Partial<Env>);
    const key = tenant.key("operator");
    const call = { ...CALL, callId: "shed-1", priority: "low" };
    const refused = await low.ask("/v1/calls", { key, body: call });
    expect(validateAnswer("createCall", 503, refused.body)).toEqual([]);
    expect(refused.body["code"]).toBe("overloaded");
    expect(Number(refused.headers.get("Retry-After"))).toBeGreaterThanOrEqual(2);
    expect((await low.ask("/v1/calls", { key, body: { ...call, priority: "normal" } })).status).toBe(201);
  });

  it("[RES-5] begins where objects say that they are overloaded, and spares calls of high priority", async () => {
    const overloaded = () => Promise.reject(Object.assign(new Error("too much"), { overloaded: true }));
    const CALL_SESSION = { getByName: () => ({ open: overloaded }) } as unknown as Env["CALL_SESSION"];
    const busy = workerWith(standard(), { CALL_SESSION });
    const key = tenant.key("operator");
    const call = (priority: string) => busy.ask("/v1/calls", { key, body: { ...CALL, priority } });
    for (let made = 0; made < 10; made++) expect((await call("high")).body["code"]).toBe("unavailable");
    expect(await answers([busy.ask("/v1/sessions", { key }), call("low"), call("normal"), call("high")])).toEqual([
      "503 overloaded",
      "503 overloaded",
      "503 overloaded",
      "503 unavailable",
    ]);
  });
});
