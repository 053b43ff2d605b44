import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import type { CallSession } from "../../durable-objects/call-session/call-session.ts";
import { type SessionId, freshSessionId } from "../../domain/shared/ids.ts";
import { HOUR_MS, sleep, until } from "./fixture/clock.ts";
import { bucketWith, brokenBucket, brokenLane, front, hungBucket } from "./fixture/front.ts";
import { type TestTenant, publishedTenant } from "./fixture/tenant.ts";
import { unique } from "./fixture/unique.ts";

const OPEN_TAKES_MS = 600;

let tenant: TestTenant;
beforeAll(async () => {
  tenant = await publishedTenant();
});

const emergency = (changes = {}) => ({
  key: tenant.key("operator"),
  body: { from: "+15551230001", to: "112", channel: "mobile", ...changes },
});

function delayOpening(id: SessionId, act: () => Promise<void>): Promise<void> {
  return runInDurableObject<CallSession, void>(env.CALL_SESSION.getByName(id), (instance) => {
    instance.faults = { at: act };
  });
}

describe("an emergency call whose session's object", () => {
  it("[GATE-8] is slow is answered in time, with the id under which the session is there later", async () => {
    const door = front(tenant);
    const callId = unique("call");
    const id = await door.sessionOf(tenant.id, callId);
    await door.ask("/v1/calls", emergency());
    await delayOpening(id, () => sleep(OPEN_TAKES_MS));
    const startedMs = Date.now();
    const answer = await door.ask("/v1/calls", emergency({ callId }));
    expect(Date.now() - startedMs).toBeLessThan(350);
    expect([answer.status, answer.body["id"]]).toEqual([201, id]);
    expect(answer.body).toMatchObject({ lane: "emergency", plan: { destinations: [{ id: "psap" }, { id: "static" }] } });
    const session = await until(async () => {
      const found = await door.ask(`/v1/sessions/${id}`, { key: tenant.key("viewer") });
      return found.status === 200 ? found.body : null;
    }, "the session");
    expect(session).toMatchObject({ id, callId, to: "112", plan: { destinations: [{ id: "psap" }, { id: "static" }] } });
  });

  it("[GATE-8] fails is answered all the same", async () => {
    const door = front(tenant);
    const callId = unique("call");
    await delayOpening(await door.sessionOf(tenant.id, callId), () => Promise.reject(new Error("the object is broken")));
    const answer = await door.ask("/v1/calls", emergency({ callId }));
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({ plan: { action: "route", destinations: [{ id: "psap" }, { id: "static" }] } });
    expect(answer.text).not.toContain("broken");
  });

  it("[GATE-8] fails several times is opened behind the answer, once, with the reports that came meanwhile, and noticed then", async () => {
    const door = front(tenant);
    const callId = unique("call");
    const id = await door.sessionOf(tenant.id, callId);
    let refusals = 0;
    await delayOpening(id, () => (refusals++ < 2 ? Promise.reject(new Error("overloaded")) : Promise.resolve()));
    const answer = await door.ask("/v1/calls", emergency({ callId }));
    expect([answer.status, answer.body["id"]]).toEqual([201, id]);
    const report = { key: tenant.key("operator"), body: { id: "r1", type: "answered" } };
    expect((await door.ask(`/v1/sessions/${id}/events`, report)).body).toMatchObject({ id, applied: true });
    const types = await until(async () => {
      const { body } = await door.ask(`/v1/sessions/${id}/events`, { key: tenant.key("viewer") });
      const found = ((body["items"] as { type: string }[] | undefined) ?? []).map(({ type }) => type);
      return found.includes("dev.trunkline.call.emergency.v1") ? found : null;
    }, "the session");
    expect(types.filter((type) => type === "dev.trunkline.call.received.v1")).toHaveLength(1);
    expect(types.filter((type) => type === "dev.trunkline.call.answered.v1")).toHaveLength(1);
    expect((await door.ask(`/v1/sessions/${id}`, { key: tenant.key("viewer") })).body).toMatchObject({
      callId,
      state: "active",
    });
  });

  it("[SESS-3] is not there, and cannot be on its way, takes no report", async () => {
    const door = front(tenant);
    const old = freshSessionId(Date.now() - HOUR_MS, crypto.getRandomValues(new Uint8Array(16)), "emergency");
    const report = { key: tenant.key("operator"), body: { type: "answered" } };
    expect((await door.ask(`/v1/sessions/${old}/events`, report)).status).toBe(404);
  });

  it("[SESS-3] has been reported on by another tenant is opened as a call of its own", async () => {
    const door = front(tenant);
    const other = await publishedTenant();
    const callId = unique("call");
    const id = await door.sessionOf(tenant.id, callId);
    await front(other).ask(`/v1/sessions/${id}/events`, { key: other.key("operator"), body: { type: "ringing" } });
    const answer = await door.ask("/v1/calls", emergency({ callId }));
    expect(answer.status).toBe(201);
    expect(answer.body["id"]).not.toBe(id);
    const seen = await door.ask(`/v1/sessions/${String(answer.body["id"])}`, { key: tenant.key("viewer") });
    expect(seen.body).toMatchObject({ callId, to: "112" });
    expect((await door.ask(`/v1/sessions/${id}`, { key: tenant.key("viewer") })).status).toBe(404);
  });
});

describe("[QRY-12] questions about the emergency lane's events, while the standard lane is away", () => {
  it("are answered by the gate, by id, by lane and by session; others are the standard lane's", async () => {
    const door = front(tenant, { standard: brokenLane() });
    const key = tenant.key("operator");
    const call = await door.ask("/v1/calls", {
      key,
      body: { from: "+15551230001", to: "112", channel: "mobile", callId: unique("q") },
    });
    const session = String(call.body["id"]);
    const list = await until(async () => {
      const answer = await door.ask(`/v1/events?lane=emergency&callId=${session}`, { key });
      return (answer.body["items"] as { id: string }[]).length > 0 ? answer : null;
    }, "the events of the call");
    const [event] = list.body["items"] as { id: string; subject: string }[];
    expect(event!.subject).toBe(session);
    expect((await door.ask(`/v1/events/${event!.id}`, { key })).body).toEqual(event);
    expect((await door.ask(`/v1/calls/${session}/timeline`, { key })).status).toBe(200);
    expect((await door.ask("/v1/events/holds?lane=emergency", { key: tenant.key("admin") })).status).toBe(200);
    for (const path of ["/v1/events", "/v1/cdrs", "/v1/events/holds", "/v1/events/policy"])
      expect([path, (await door.ask(path, { key })).status]).toEqual([path, 503]);
  });
});

describe("an emergency call without configuration", () => {
  it("[GATE-9] goes the static routes when the bucket fails, and its session is there", async () => {
    const door = front(tenant, { config: brokenBucket(), standard: brokenLane() });
    const answer = await door.ask("/v1/calls", emergency({ callId: unique("call") }));
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({
      lane: "emergency",
      plan: { snapshotVersion: null, destinations: [{ id: "static", uri: "sip:112@static.example" }] },
    });
    const seen = await front(tenant).ask(`/v1/sessions/${String(answer.body["id"])}`, { key: tenant.key("viewer") });
    expect(seen.body).toMatchObject({ lane: "emergency", to: "112" });
  });

  it.each(["9911", "0112", "9 1-1-2"])("[GATE-9] is recognised behind a usual outside prefix too: %s", async (to) => {
    const door = front(tenant, { config: brokenBucket(), standard: brokenLane() });
    const answer = await door.ask("/v1/calls", emergency({ to, callId: unique("call") }));
    expect(answer.body).toMatchObject({ lane: "emergency", plan: { destinations: [{ id: "static" }] } });
  });

  it("[GATE-9] goes the static routes when the bucket hangs, before a caller gives up", async () => {
    const door = front(tenant, { config: hungBucket() });
    const startedMs = Date.now();
    const answer = await door.ask("/v1/calls", emergency());
    expect(Date.now() - startedMs).toBeLessThan(3_000);
    expect(answer.body).toMatchObject({ plan: { destinations: [{ id: "static" }] } });
  });

  it("[GATE-9] goes by the last configuration that was read, when there is one", async () => {
    let broken = false;
    const config = bucketWith((key) => (broken ? Promise.reject(new Error("R2 is away")) : env.CONFIG.get(key)));
    const door = front(tenant, { config });
    await door.ask("/v1/calls", emergency());
    broken = true;
    const answer = await door.ask("/v1/calls", emergency());
    expect(answer.body).toMatchObject({ plan: { destinations: [{ id: "psap" }, { id: "static" }] } });
  });

  it("[GATE-6] opens no door to who brings no credentials", async () => {
    const door = front(tenant, { config: brokenBucket() });
    expect((await door.ask("/v1/calls", { body: emergency().body })).status).toBe(401);
  });

  it("[GATE-9] is the only one that is served: an ordinary call is not", async () => {
    const door = front(tenant, { config: brokenBucket(), standard: brokenLane() });
    expect((await door.ask("/v1/calls", emergency({ to: "+15551230002" }))).status).toBe(503);
  });
});
