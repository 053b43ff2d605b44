import { env } from "cloudflare:workers";
import { createExecutionContext } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import { standard } from "../../workers/standard.ts";
import { until } from "./fixture/clock.ts";
import { type Front, type StandardDouble, brokenLane, front } from "./fixture/front.ts";
import { type Answer, itemsOf } from "./fixture/http.ts";
import { typesOf } from "./fixture/session.ts";
import { type TestTenant, publishedTenant } from "./fixture/tenant.ts";
import { unique } from "./fixture/unique.ts";

let tenant: TestTenant;
beforeAll(async () => {
  tenant = await publishedTenant();
});

/** The standard lane itself, behind the door. */
function realLane(): StandardDouble {
  const app = standard();
  return {
    received: [],
    fetch: async (input, init) => app.fetch(new Request(input, init), env, createExecutionContext()),
    connect() {
      throw new Error("nobody connects here");
    },
  };
}

const key = (): string => tenant.key("integrator");
const route = (door: Front, callId: string, number: string): Promise<Answer> => {
  const uri = `sip:${number}@127.0.0.1`;
  return door.ask("/pbx/kamailio/route", {
    key: key(),
    body: { callId, from: "sip:+15551230001@pbx.example", to: uri, ruri: uri, srcIp: "192.0.2.9" },
  });
};
const report = (door: Front, callId: string, type: string, more = {}): Promise<Answer> =>
  door.ask("/pbx/kamailio/events", { key: key(), body: { callId, type: `call.${type}`, ts: Date.now(), ...more } });

describe("a PBX at the front door", () => {
  it("[GATE-10] is told where an ordinary call goes by the standard lane, and where an emergency goes by this one", async () => {
    const door = front(tenant, { standard: realLane() });
    const ordinary = await route(door, unique("call"), "+15551230002");
    expect(JSON.stringify(ordinary.body)).toContain("gateway.example");
    const emergency = await route(door, unique("call"), "911");
    expect(JSON.stringify(emergency.body)).toContain("sip:911@psap.example");
  });

  it("[GATE-10] reports on an emergency call while the standard lane is away, with and without naming the lane", async () => {
    const door = front(tenant, { standard: brokenLane() });
    const callId = unique("call");
    expect((await route(door, callId, "112")).status).toBe(200);
    expect((await report(door, callId, "ringing", { lane: "emergency" })).body).toMatchObject({ applied: true });
    expect((await report(door, callId, "answered")).body).toMatchObject({ applied: true, state: "active" });
  });

  it("[GATE-10] that reports on a call of the standard lane is answered by that lane", async () => {
    const door = front(tenant, { standard: realLane() });
    const callId = unique("call");
    await route(door, callId, "+15551230002");
    expect((await report(door, callId, "ringing")).body).toMatchObject({ applied: true, state: "ringing" });
    const id = await door.sessionOf(tenant.id, callId);
    expect((await door.ask(`/v1/sessions/${id}`, { key: key() })).status).toBe(404);
  });

  it("[GATE-11] that reports on an emergency call before it asks for a route has its reports on the emergency session", async () => {
    const door = front(tenant, { standard: realLane() });
    const callId = unique("call");
    expect((await report(door, callId, "started", { id: "r1" })).status).toBe(200);
    expect((await report(door, callId, "ringing", { id: "r2" })).status).toBe(200);
    await route(door, callId, "112");
    const id = await door.sessionOf(tenant.id, callId);
    const items = await until(async () => {
      const found = itemsOf(await door.ask(`/v1/sessions/${id}/events`, { key: key() }));
      return found.length === 6 ? found : null;
    }, "the early reports");
    expect(typesOf(items).sort()).toEqual([
      "call.emergency",
      "call.received",
      "call.ringing",
      "call.routed",
      "call.started",
      "session.opened",
    ]);
  });

  it("[GATE-2] finds one request id in an answer that the standard lane refused", async () => {
    const door = front(tenant, { standard: realLane() });
    const answer = await door.ask("/v1/calls", { body: { to: "+15551230002" } });
    expect(answer.status).toBe(401);
    expect(answer.body["requestId"]).toBe(answer.headers.get("X-Request-Id"));
  });
});
