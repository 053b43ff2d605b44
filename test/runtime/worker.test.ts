import { beforeAll, describe, expect, it } from "vitest";
import { HOUR_MS, until } from "./fixture/clock.ts";
import { type Answer, type Sent, ask, itemsOf } from "./fixture/http.ts";
import { SessionUnderTest } from "./fixture/session.ts";
import { type TestTenant, publishedTenant } from "./fixture/tenant.ts";
import { newSessionId, unique } from "./fixture/unique.ts";

let tenant: TestTenant;
let stranger: TestTenant;
beforeAll(async () => {
  [tenant, stranger] = await Promise.all([publishedTenant(), publishedTenant()]);
});

const CALL = { from: "+15551230001", to: "(555) 123-0002", channel: "api" };

const place = (body: unknown = CALL, headers: Sent["headers"] = {}): Promise<Answer> =>
  ask("/v1/calls", { key: tenant.key("operator"), body, headers });
const pathOf = (answer: Answer): string => answer.headers.get("Location")!;

describe("POST /v1/calls", () => {
  it("[CALL-14] answers 201 with where the session is, its state and its plan", async () => {
    const answer = await place();
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      lane: "standard",
      state: "initiating",
      plan: {
        action: "route",
        executor: "peer",
        decidedBy: "rule",
        ruleId: "world",
        candidates: ["world"],
        trail: expect.stringMatching(/^t1;/) as string,
        snapshotVersion: expect.any(String) as string,
        destinations: [
          {
            id: "gateway",
            type: "sip",
            chargeable: true,
            uri: "sip:+15551230002@gateway.example",
            ringTimeoutMs: 30_000,
            rerouteCauses: ["unreachable", 408, 500, 502, 503, 504],
          },
        ],
      },
    });
    expect(pathOf(answer)).toBe(`/v1/sessions/${String(answer.body["id"])}`);
    const session = await ask(pathOf(answer), { key: tenant.key("supervisor") });
    expect(session.body).toMatchObject({ status: "ongoing", from: "+15551230001", to: "+15551230002", channel: "api" });
  });

  it("[CALL-15] with a callId again gives the same session with 200, and says that it is a repetition", async () => {
    const callId = unique("call");
    const first = await place({ ...CALL, callId });
    const again = await place({ ...CALL, callId });
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(first.headers.get("Idempotent-Replayed")).toBeNull();
    expect(again.headers.get("Idempotent-Replayed")).toBe("true");
    expect(again.body).toEqual(first.body);
  });

  it("[CALL-15] with an Idempotency-Key repeats for the same body and refuses another", async () => {
    const headers = { "Idempotency-Key": unique("key") };
    const first = await place(CALL, headers);
    const again = await place(CALL, headers);
    expect([again.status, again.body["id"]]).toEqual([200, first.body["id"]]);
    const other = await place({ ...CALL, to: "+15551239999" }, headers);
    expect([other.status, other.body["code"]]).toEqual([422, "idempotency_key_reused"]);
    expect((await place(CALL)).body["id"]).not.toBe(first.body["id"]);
  });

  it("[CALL-15] many at once under one key open one session", async () => {
    const headers = { "Idempotency-Key": unique("key") };
    const answers = await Promise.all(Array.from({ length: 8 }, () => place(CALL, headers)));
    expect(new Set(answers.map(({ body }) => body["id"])).size).toBe(1);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  });

  it("[CALL-13] refuses by rule with the rule's SIP code, and the session has ended", async () => {
    const answer = await place({ ...CALL, to: "+19005551234" });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({
      state: "failed",
      plan: { action: "reject", ruleId: "premium", destinations: [], reject: { sipCode: 603, reason: "Declined here" } },
    });
  });

  it("[IN-2] names everything that is wrong at once, and warns of unknown fields", async () => {
    const answer = await place({ to: "abc", channel: "fax", from: 7 });
    expect(answer.status).toBe(422);
    expect(answer.headers.get("Content-Type")).toBe("application/problem+json");
    const pointers = (answer.body["errors"] as { pointer: string }[]).map(({ pointer }) => pointer).sort();
    expect(pointers).toEqual(["/channel", "/from", "/to"]);
    expect((await place({ ...CALL, colour: "red" })).body["warnings"]).toMatchObject([{ pointer: "/colour" }]);
  });
});

describe("GET /v1/sessions/{id}", () => {
  it("[SESS-15] has an ETag that changes with the session, and 304 for who has it", async () => {
    const path = pathOf(await place());
    const key = tenant.key("viewer");
    const etag = (await ask(path, { key })).headers.get("ETag")!;
    const unchanged = await ask(path, { key, headers: { "If-None-Match": etag } });
    expect([unchanged.status, unchanged.text]).toEqual([304, ""]);
    await ask(`${path}/events`, { key: tenant.key("operator"), body: { type: "ringing" } });
    const changed = await ask(path, { key, headers: { "If-None-Match": etag } });
    expect([changed.status, changed.body["state"]]).toEqual([200, "ringing"]);
  });

  it("[SESS-15] has another ETag when the archive has changed what is read", async () => {
    const session = new SessionUnderTest(tenant.id);
    await session.open();
    await session.report("ended");
    await until(async () => (await session.alarmAt())! > Date.now() + HOUR_MS, "the log's confirmation");
    const path = `/v1/sessions/${session.id}`;
    const key = tenant.key("viewer");
    const etag = (await ask(path, { key })).headers.get("ETag")!;
    await session.fireAlarm();
    const archived = await ask(path, { key, headers: { "If-None-Match": etag } });
    expect([archived.status, archived.body["archived"]]).toEqual([200, true]);
  });

  it("[SESS-16] POST …/events takes what is reported, also twice and late", async () => {
    const path = `${pathOf(await place())}/events`;
    const key = tenant.key("operator");
    const send = async (body: object) => (await ask(path, { key, body })).body;
    expect(await send({ type: "call.answered", id: "r1" })).toMatchObject({ applied: true, state: "active" });
    expect(await send({ type: "call.answered", id: "r1" })).toMatchObject({ applied: false, state: "active" });
    expect(await send({ type: "ended", id: "r2" })).toMatchObject({ applied: true, state: "completed" });
    expect(await send({ type: "failed", id: "r3" })).toMatchObject({ applied: false, state: "completed" });
  });
});

describe("who may", () => {
  it("[SESS-17] another tenant's session is not there: not to see, not to read, not to report on", async () => {
    const path = pathOf(await place());
    const key = stranger.key("admin");
    const answers = await Promise.all([
      ask(path, { key }),
      ask(`${path}/events`, { key }),
      ask(`${path}/events`, { key, body: { type: "ended" } }),
    ]);
    const nowhere = await ask(`/v1/sessions/${newSessionId()}`, { key });
    for (const answer of answers) {
      expect([answer.status, answer.body["code"], answer.body["detail"]]).toEqual([404, "not_found", nowhere.body["detail"]]);
    }
    expect((await ask(path, { key: tenant.key("viewer") })).body["state"]).toBe("initiating");
  });

  it("[SESS-17] the same callId of two tenants is two calls", async () => {
    const callId = unique("call");
    const own = await place({ ...CALL, callId });
    const other = await ask("/v1/calls", { key: stranger.key("operator"), body: { ...CALL, callId } });
    expect([own.status, other.status]).toEqual([201, 201]);
    expect(other.body["id"]).not.toBe(own.body["id"]);
  });

  it("[AUTH-6] a role that does not grant it is 403, no credentials are 401 with a challenge", async () => {
    const refused = await ask("/v1/calls", { key: tenant.key("viewer"), body: CALL });
    expect([refused.status, refused.body["code"]]).toEqual([403, "forbidden"]);
    for (const sent of [{ body: CALL }, { body: CALL, key: "tlk_nobody" }, { body: CALL, key: "a.b.c" }]) {
      const answer = await ask("/v1/calls", sent);
      expect(answer.status).toBe(401);
      expect(answer.headers.get("WWW-Authenticate")).toMatch(/^Bearer/);
    }
  });

  it("[OBS-6] every answer carries a request id, and a problem names the same one", async () => {
    const answers = await Promise.all([
      place(),
      ask("/v1/calls", { body: CALL }),
      ask("/nowhere"),
      ask("/healthz"),
      place("{"),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([201, 401, 404, 200, 400]);
    const ids = answers.map(({ headers }) => headers.get("X-Request-Id"));
    expect(new Set(ids).size).toBe(5);
    for (const { headers, body } of answers.filter(({ status }) => status >= 400))
      expect(body["requestId"]).toBe(headers.get("X-Request-Id"));
  });
});

it("[OBS-6] what belongs to the other lane is not there for who cannot prove to be it", async () => {
  const path = `/internal/early-reports?tenant=${tenant.id}&callId=1`;
  const forged = `${Date.now()}.${"0".repeat(64)}`;
  for (const headers of [{}, { "trunkline-lane-token": forged }]) {
    expect((await ask(path, { method: "POST", key: tenant.key("admin"), headers })).status).toBe(404);
  }
});

it("[OBS-5] the caller's trace goes on into the call's events", async () => {
  const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
  const answer = await place(CALL, { traceparent: `00-${traceId}-00f067aa0ba902b7-01` });
  const items = itemsOf(await ask(`${pathOf(answer)}/events`, { key: tenant.key("viewer") }));
  expect(items).toHaveLength(3);
  for (const { traceparent } of items) {
    expect(traceparent).toContain(traceId);
    expect(traceparent).not.toContain("00f067aa0ba902b7");
  }
});
