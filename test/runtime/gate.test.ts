import { beforeAll, describe, expect, it } from "vitest";
import { type Front, brokenLane, front, hungLane } from "./fixture/front.ts";
import { type Answer, itemsOf } from "./fixture/http.ts";
import { typesOf } from "./fixture/session.ts";
import { type TestTenant, publishedTenant } from "./fixture/tenant.ts";
import { newSessionId, unique } from "./fixture/unique.ts";

let tenant: TestTenant;
beforeAll(async () => {
  tenant = await publishedTenant();
});

const EMERGENCY = { from: "+15551230001", to: "112", channel: "mobile" };
const emergencyCall = (door: Front, body: unknown = EMERGENCY, headers = {}): Promise<Answer> =>
  door.ask("/v1/calls", { key: tenant.key("operator"), body, headers });

describe("an ordinary request at the front door", () => {
  it("[GATE-1] is handed on as it came: bytes, method, headers; and its answer comes back as it is", async () => {
    const door = front(tenant);
    const body = '{ "from":"+15551230001",\n\t"to" : "+15551230002", "metadata":{"name":"Zoë ☎"} }';
    const headers = { "Idempotency-Key": "k1", "Content-Type": "application/json", "X-Extra": "1" };
    const answer = await door.ask("/v1/calls?debug=1", { key: tenant.key("operator"), body, headers });
    expect([answer.status, answer.body]).toEqual([201, { from: "standard" }]);
    const [received] = door.standard.received;
    expect(received).toMatchObject({ method: "POST", path: "/v1/calls?debug=1" });
    expect(received!.body).toEqual(new TextEncoder().encode(body));
    for (const [name, value] of Object.entries(headers)) expect(received!.headers.get(name)).toBe(value);
    expect(received!.headers.get("Authorization")).toBe(`Bearer ${tenant.key("operator")}`);
  });

  it("[GATE-1] is not judged at the door: credentials, bodies and paths are the standard lane's to refuse", async () => {
    const door = front(tenant);
    await door.ask("/v1/calls", { body: "{" });
    await door.ask("/v1/calls", { body: { to: "not a number" } });
    await door.ask("/v1/other?x=1", { method: "DELETE" });
    expect(door.standard.received.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "POST /v1/calls",
      "POST /v1/calls",
      "DELETE /v1/other?x=1",
    ]);
  });

  it("[GATE-1] that only looks like an emergency is handed on after all", async () => {
    const door = front(tenant);
    for (const to of ["+1125550100", "1911555", "+91112345678", "alice@911.example"])
      await emergencyCall(door, { ...EMERGENCY, to });
    await emergencyCall(door, { ...EMERGENCY, to: "0911" });
    expect(door.standard.received).toHaveLength(5);
  });

  it("[GATE-2] carries the caller's trace on", async () => {
    const door = front(tenant);
    const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
    await door.ask("/v1/calls", { body: {}, headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01` } });
    expect(door.standard.received[0]!.headers.get("traceparent")).toContain(traceId);
  });

  it("[GATE-3] is answered 503 with Retry-After when the standard lane is away", async () => {
    const door = front(tenant, { standard: brokenLane() });
    const answer = await emergencyCall(door, { ...EMERGENCY, to: "+15551230002" });
    expect([answer.status, answer.body["code"]]).toEqual([503, "unavailable"]);
    expect(Number(answer.headers.get("Retry-After"))).toBeGreaterThan(0);
    expect(answer.text).not.toContain("is away");
  });

  it("[GATE-3] is answered 503 with Retry-After when the standard lane hangs", async () => {
    const door = front(tenant, { standard: hungLane() });
    const answer = await door.ask("/v1/sessions/x", {});
    expect([answer.status, answer.headers.has("Retry-After")]).toEqual([503, true]);
  });
});

describe("an emergency call", () => {
  it.each([
    ["112", "112"],
    ["911", "911"],
    ["999", "999"],
    ["933", "933"],
    ["urn:service:sos", "112"],
    ["urn:service:sos.fire", "112"],
    ["tel:911", "911"],
    ["sip:112@pbx.example;user=phone", "112"],
    [" 9-1-1 ", "911"],
  ])("[GATE-4] %j is served here, whatever the standard lane does", async (to, number) => {
    for (const standard of [brokenLane(), hungLane()]) {
      const door = front(tenant, { standard });
      const startedMs = Date.now();
      const answer = await emergencyCall(door, { ...EMERGENCY, to });
      expect(Date.now() - startedMs).toBeLessThan(1_000);
      expect(answer.status).toBe(201);
      expect(answer.body).toMatchObject({
        lane: "emergency",
        state: "initiating",
        plan: { action: "route", destinations: [{ id: "psap", uri: `sip:${number}@psap.example` }, { id: "static" }] },
      });
      expect(standard.received).toEqual([]);
    }
  });

  it("[GATE-4] is known behind a trunk's outside prefix", async () => {
    const answer = await emergencyCall(front(tenant), { ...EMERGENCY, to: "0112", trunk: "pbx" });
    expect(answer.body).toMatchObject({
      lane: "emergency",
      plan: { destinations: [{ uri: "sip:112@psap.example" }, { id: "static" }] },
    });
  });

  it("[GATE-5] is not refused for a malformed field: it is dropped, and noted", async () => {
    const answer = await emergencyCall(front(tenant), {
      from: "\u0000 no number",
      to: "112",
      channel: "fax",
      location: { type: "geodetic", latitude: 999 },
      metadata: "text",
      callId: 7,
    });
    expect(answer.status).toBe(201);
    const noted = (answer.body["warnings"] as { pointer: string; code: string }[]).filter(({ code }) => code === "dropped");
    expect(noted.map(({ pointer }) => pointer).sort()).toEqual(["/callId", "/channel", "/from", "/location", "/metadata"]);
  });

  it("[GATE-5] notes a trunk and a priority that it could not use", async () => {
    const answer = await emergencyCall(front(tenant), { ...EMERGENCY, trunk: "no-such-trunk", priority: "utmost" });
    expect(answer.status).toBe(201);
    const noted = ((answer.body["warnings"] ?? []) as { pointer: string }[]).map(({ pointer }) => pointer).sort();
    expect(noted).toEqual(["/priority", "/trunk"]);
  });

  it("[GATE-5] is not refused for metadata that nobody can use", async () => {
    const metadata = `${'{"a":'.repeat(30)}1${"}".repeat(30)}`;
    const door = front(tenant);
    const answer = await emergencyCall(door, `{"from":"+15551230001","to":"112","metadata":${metadata}}`);
    expect([answer.status, answer.body["lane"]]).toEqual([201, "emergency"]);
  });

  it("[GATE-5] is not refused for a used or malformed Idempotency-Key", async () => {
    const door = front(tenant);
    const headers = { "Idempotency-Key": unique("key") };
    const first = await emergencyCall(door, EMERGENCY, headers);
    const again = await emergencyCall(door, EMERGENCY, headers);
    const other = await emergencyCall(door, { ...EMERGENCY, to: "911" }, headers);
    const malformed = await emergencyCall(door, EMERGENCY, { "Idempotency-Key": "two words" });
    expect([first, again, other, malformed].map(({ status }) => status)).toEqual([201, 200, 201, 201]);
    expect(again.body["id"]).toBe(first.body["id"]);
    expect(new Set([first, other, malformed].map(({ body }) => body["id"])).size).toBe(3);
  });

  it("[GATE-6] from nobody is 401", async () => {
    const door = front(tenant);
    const nobody = await door.ask("/v1/calls", { body: EMERGENCY });
    expect([nobody.status, nobody.headers.has("WWW-Authenticate")]).toEqual([401, true]);
    expect(door.standard.received).toEqual([]);
  });
});

describe("a session's lane", () => {
  it("[GATE-7] stands in its id: emergency sessions are read and reported on here, all others are handed on", async () => {
    const door = front(tenant);
    const key = tenant.key("operator");
    const id = String((await emergencyCall(door)).body["id"]);
    const path = `/v1/sessions/${id}`;
    const report = await door.ask(`${path}/events`, { key, body: { type: "answered" } });
    expect(report.body).toMatchObject({ applied: true, state: "active" });
    expect((await door.ask(path, { key })).body).toMatchObject({ id, lane: "emergency", state: "active", to: "112" });
    expect(typesOf(itemsOf(await door.ask(`${path}/events`, { key })))).toContain("call.answered");
    expect(door.standard.received).toEqual([]);

    const other = `/v1/sessions/${newSessionId()}`;
    await door.ask(other, { key });
    await door.ask(`${other}/events`, { key, body: { type: "ended" } });
    expect(door.standard.received.map(({ method, path: at }) => `${method} ${at}`)).toEqual([
      `GET ${other}`,
      `POST ${other}/events`,
    ]);
    expect(new TextDecoder().decode(door.standard.received[1]!.body)).toBe('{"type":"ended"}');
  });
});
