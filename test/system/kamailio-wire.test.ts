/** The dialect of Kamailio over the wire, as its configuration speaks it: questions, answers, reports, signatures. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Answer, Client, Json } from "./client.ts";
import { type World, startWorld } from "./harness.ts";
import { BEGAN_MS, EVENTS, REPORTS, ROUTE, type Report, newCallId, question } from "./kamailio/requests.ts";
import { signatures } from "./kamailio/signatures.ts";

let world: World;
let pbx: Client;
beforeAll(async () => {
  world = await startWorld();
  pbx = world.gate.as(`Bearer ${world.system.apiKeys.pbx}`);
});
afterAll(async () => {
  await world.end();
});

const send = (callId: string, report: Report, extra: Json = {}): Promise<Answer> =>
  pbx.post(EVENTS, { ...report, callId, ...extra });

async function timelineOf(id: unknown): Promise<readonly string[]> {
  const { json } = await world.gate.get(`/v1/sessions/${String(id)}/events`);
  return (json["items"] as readonly Json[]).map((event) => String(event["type"]).replace(/^dev\.trunkline\.(.*)\.v1$/, "$1"));
}
/** What the carrier side said, in the order of the record. */
const reported = (timeline: readonly string[]) => timeline.filter((type) => /^call\.(?!received|routed|emergency)/.test(type));
const CONVERGED = {
  state: "completed",
  disposition: "answered",
  announced: true,
  talkMs: 6_000,
  failovers: [{ routeIndex: 0, sipCode: 503 }],
};
const ONCE_EACH = ["call.started", "call.failover", "call.ringing", "call.answered", "call.ended"];

describe("POST /pbx/kamailio/route", () => {
  it("[KAM-1] answers an rtjson document: serial routes with next hops, timers and the session as a header", async () => {
    const answer = await pbx.post(ROUTE, question(newCallId(), "+4930555000"));
    const trail = "X-Trunkline-Trail: t1;[0-9a-f]{8}\r\n";
    const extra = expect.stringMatching(new RegExp(`^X-Trunkline-Session: ${String(answer.json["session"])}\r\n${trail}$`));
    const route = (port: number, ringTimeoutMs: number) => ({
      uri: `sip:+4930555000@127.0.0.1:${port}`,
      dst_uri: `sip:127.0.0.1:${port}`,
      headers: { extra },
      fr_timer: expect.any(Number),
      fr_inv_timer: ringTimeoutMs,
    });
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({
      version: "1.0",
      routing: "serial",
      routes: [route(5071, 15_000), route(5072, 20_000)],
      session: expect.stringMatching(/^[0-9a-f-]{36}$/),
      lane: "standard",
      rerouteCodes: expect.stringMatching(/^\d{3}(?:\|\d{3})*;\d{3}(?:\|\d{3})*$/),
    });
    for (const own of String(answer.json["rerouteCodes"]).split(";")) {
      const codes = own.split("|").map(Number);
      expect(codes).toEqual(expect.arrayContaining([408, 500, 502, 503, 504]));
      expect(codes.filter((code) => [403, 404, 486, 600, 603].includes(code))).toEqual([]);
    }
  });

  it("[KAM-4] answers a refusal as a document without routes", async () => {
    const { status, json } = await pbx.post(ROUTE, question(newCallId(), "+19005550100"));
    expect(status).toBe(200);
    expect(json).toMatchObject({ version: "1.0", reject: { code: 403, reason: "Premium numbers are blocked" }, routes: [] });
    expect((await world.gate.get(`/v1/sessions/${String(json["session"])}`)).json).toMatchObject({
      state: "failed",
      disposition: "rejected",
      endCode: 403,
    });
  });

  it("[KAM-9] answers the same session and plan when it is asked again, and another one for another call", async () => {
    const callId = newCallId();
    const [first, again] = [
      await pbx.post(ROUTE, question(callId, "+4930555000")),
      await pbx.post(ROUTE, question(callId, "+4930555000")),
    ];
    expect(again.json).toEqual(first.json);
    expect((await pbx.post(ROUTE, question(newCallId(), "+4930555000"))).json["session"]).not.toBe(first.json["session"]);
    const atOnce = await Promise.all(
      Array.from({ length: 10 }, () => pbx.post(ROUTE, question("at-once@pbx.example", "+4930555000"))),
    );
    expect(new Set(atOnce.map(({ json }) => json["session"])).size).toBe(1);
    expect(await timelineOf(atOnce[0]!.json["session"])).toEqual(["call.received", "call.routed", "session.opened"]);
  });

  it("[KAM-6] names what is malformed as the proxy named it", async () => {
    const answer = await pbx.post(ROUTE, { callId: "white space", from: 5, ruri: "sip:" });
    expect(answer.status).toBe(422);
    expect((answer.json["errors"] as readonly Json[]).map(({ pointer }) => pointer)).toEqual(["/callId", "/from"]);
    const number = await pbx.post(ROUTE, { ...question(newCallId(), "1"), ruri: "sip:@" });
    expect((number.json["errors"] as readonly Json[]).map(({ pointer }) => pointer)).toEqual(["/ruri"]);
  });
});

describe("POST /pbx/kamailio/events", () => {
  it("[KAM-10] in order: the session follows, and its record is complete", async () => {
    const callId = newCallId();
    const session = (await pbx.post(ROUTE, question(callId, "+4930555000"))).json["session"];
    const states = [];
    for (const report of REPORTS) states.push((await send(callId, report)).json);
    expect(states).toEqual(
      ["initiating", "initiating", "ringing", "active", "completed"].map((state) => ({ applied: true, session, state })),
    );
    expect((await world.gate.get(`/v1/sessions/${String(session)}`)).json).toMatchObject(CONVERGED);
    expect(reported(await timelineOf(session))).toEqual(ONCE_EACH);
  });

  it.each([
    ["backwards", [4, 3, 2, 1, 0]],
    ["the end first", [4, 0, 1, 2, 3]],
    ["the answer before the ringing", [0, 3, 1, 4, 2]],
  ])("[KAM-11] %s, and each one three times: the same end", async (_, order) => {
    const callId = newCallId();
    const session = (await pbx.post(ROUTE, question(callId, "+4930555000"))).json["session"];
    for (const index of order)
      for (let time = 0; time < 3; time++) expect((await send(callId, REPORTS[index]!)).status).toBe(200);
    expect((await world.gate.get(`/v1/sessions/${String(session)}`)).json).toMatchObject(CONVERGED);
    expect(reported(await timelineOf(session))).toEqual(ONCE_EACH);
  });

  it("[KAM-11] all at once, twice over: the same end", async () => {
    const callId = newCallId();
    const session = (await pbx.post(ROUTE, question(callId, "+4930555000"))).json["session"];
    await Promise.all([...REPORTS, ...REPORTS].map((report) => send(callId, report)));
    expect((await world.gate.get(`/v1/sessions/${String(session)}`)).json).toMatchObject(CONVERGED);
    expect(reported(await timelineOf(session))).toEqual(ONCE_EACH);
  });

  it("[KAM-12] before the question: it finds them, and the session converges", async () => {
    const callId = newCallId();
    const early = await send(callId, REPORTS[0]!);
    await send(callId, REPORTS[2]!);
    expect((await world.gate.get(`/v1/sessions/${String(early.json["session"])}`)).json).toMatchObject({
      announced: false,
      plan: null,
      state: "ringing",
    });
    const asked = await pbx.post(ROUTE, question(callId, "+4930555000"));
    expect(asked.json["session"]).toBe(early.json["session"]);
    for (const index of [1, 3, 4]) await send(callId, REPORTS[index]!);
    expect((await world.gate.get(`/v1/sessions/${String(asked.json["session"])}`)).json).toMatchObject(CONVERGED);
    const timeline = await timelineOf(asked.json["session"]);
    expect([reported(timeline), timeline.filter((type) => type === "call.received")]).toEqual([ONCE_EACH, ["call.received"]]);
  });

  it("[KAM-12] all of them before the question: it still gets its plan, and the end stands", async () => {
    const callId = newCallId();
    for (const report of REPORTS) await send(callId, report);
    const asked = await pbx.post(ROUTE, question(callId, "+4930555000"));
    expect(asked.json["routes"]).toHaveLength(2);
    expect((await world.gate.get(`/v1/sessions/${String(asked.json["session"])}`)).json).toMatchObject(CONVERGED);
  });

  it("[KAM-13] that contradict the end or come after it are taken, and change nothing", async () => {
    const callId = newCallId();
    const session = (await pbx.post(ROUTE, question(callId, "+4930555000"))).json["session"];
    for (const report of REPORTS) await send(callId, report);
    for (const type of ["call.failed", "call.cancelled"])
      expect((await send(callId, { id: type, type, ts: BEGAN_MS + 10_000, sipCode: 487 })).json).toMatchObject({
        applied: false,
        state: "completed",
      });
    expect((await world.gate.get(`/v1/sessions/${String(session)}`)).json).toMatchObject(CONVERGED);
  });
});

describe("emergency calls of a proxy", () => {
  const emergencySession = async (callId: string): Promise<unknown> => {
    const { json } = await pbx.post(ROUTE, question(callId, "112"));
    // Which of the two answering points is first depends on how the calls before fared ([CAP-7]).
    const uris = (json["routes"] as readonly Json[]).map(({ uri }) => String(uri));
    expect([json["lane"], uris.slice(0, 2).sort(), uris.slice(2)]).toEqual([
      "emergency",
      ["sip:112@127.0.0.1:5073", "sip:112@127.0.0.1:5074"],
      ["sip:security@127.0.0.1:5072"],
    ]);
    expect((json["routes"] as readonly Json[])[0]!["headers"]).toEqual({
      extra: expect.stringContaining("Resource-Priority: esnet.1\r\n"),
    });
    return json["session"];
  };

  it.each([
    ["with their lane", { lane: "emergency" }],
    ["without a lane", {}],
  ])("[KAM-14] reported %s converge on the emergency lane", async (_, extra) => {
    const callId = newCallId();
    const session = await emergencySession(callId);
    for (const report of [...REPORTS].reverse()) expect((await send(callId, report, extra)).json["session"]).toBe(session);
    expect((await world.gate.get(`/v1/sessions/${String(session)}`)).json).toMatchObject({ ...CONVERGED, lane: "emergency" });
    expect(reported(await timelineOf(session))).toEqual(ONCE_EACH);
  });

  it("[KAM-14] reported without a lane before the question converge on the emergency lane", async () => {
    const callId = newCallId();
    await send(callId, REPORTS[0]!);
    await send(callId, REPORTS[1]!);
    const session = await emergencySession(callId);
    for (const index of [2, 3, 4]) await send(callId, REPORTS[index]!);
    await expect.poll(async () => reported(await timelineOf(session)), { timeout: 10_000 }).toEqual(ONCE_EACH);
    expect((await world.gate.get(`/v1/sessions/${String(session)}`)).json).toMatchObject(CONVERGED);
  });

  it("[KAM-15] are asked about, reported and read while the standard lane is away, with and without a lane", async () => {
    await world.system.stopLane("standard");
    try {
      for (const extra of [{ lane: "emergency" }, {}]) {
        const callId = newCallId();
        const session = await emergencySession(callId);
        for (const report of REPORTS)
          expect((await send(callId, report, extra)).json).toMatchObject({ applied: true, session });
        expect(reported(await timelineOf(session))).toEqual(ONCE_EACH);
      }
      expect((await pbx.post(ROUTE, question(newCallId(), "+4930555000"), { mayBeUnavailable: true })).status).toBe(503);
    } finally {
      await world.system.startLane("standard");
    }
  });
});

signatures(() => world);
