/** Ways round the front door, and requests that would have it fall over. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EMERGENCY_CALL, ORDINARY_CALL, type World, startWorld } from "./harness.ts";
import { chunked, exchange, firstAnswer, written } from "./raw.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => {
  await world.end();
});
const key = () => `Authorization: Bearer ${world.system.apiKeys.demo}`;
const toGate = async (bytes: Buffer) => firstAnswer(await exchange(world.port.emergency, bytes));
const post = (path: string, body: unknown, host = "trunkline.test", headers: readonly string[] = []) =>
  toGate(written({ line: `POST ${path} HTTP/1.1`, host, headers: [key(), ...headers], body: JSON.stringify(body) }));

describe("the front door", () => {
  it.each([
    ["", "+15550100199"],
    ["\u0000\u00e9", "+15550100199"],
    ["x".repeat(300), "+15550100199"],
  ])(
    "[GATE-5] an emergency call whose malformed callId %j was dropped is not taken for another caller's call",
    async (callId, other) => {
      const first = await world.gate.post("/v1/calls", { ...EMERGENCY_CALL, callId });
      const second = await world.gate.post("/v1/calls", { ...EMERGENCY_CALL, from: other, to: "911", callId });
      expect([first.status, second.status]).toEqual([201, 201]);
      expect(second.json["id"]).not.toBe(first.json["id"]);
    },
  );

  it.each(["/v1/sessions/%2e%2e/calls", "/v1/x/../calls", "/v1\\calls"])(
    "[GATE-13] an emergency call to %s is not handed to the standard lane's call set-up",
    async (path) => {
      const answer = await post(path, EMERGENCY_CALL);
      // Either the front door serves it itself, or there is nothing at that path.
      expect(answer.json["lane"] ?? answer.json["code"]).not.toBe("standard");
    },
  );

  it.each(["a b", "[::", "h:99999", "x, y"])("[GATE-14] the Host %j is a 4xx, not a 500", async (host) => {
    for (const call of [ORDINARY_CALL, EMERGENCY_CALL]) expect((await post("/v1/calls", call, host)).status).toBeLessThan(500);
  });

  it("[GATE-14] OPTIONS * is not a 503", async () => {
    expect((await toGate(written({ line: "OPTIONS * HTTP/1.1" }))).status).toBeLessThan(500);
  });

  it("[GATE-14] a body in broken chunks is a 4xx, not a 500", async () => {
    const answer = await toGate(
      written({
        line: "POST /v1/calls HTTP/1.1",
        headers: [key(), "Transfer-Encoding: chunked"],
        body: "zz\r\nabc\r\n0\r\n\r\n",
      }),
    );
    expect(answer.status).toBeLessThan(500);
  });

  it("[GATE-14] a large body where nobody reads one is not called an outage of the standard lane", async () => {
    const body = chunked("x".repeat(3_000_000));
    const id = String((await world.gate.post("/v1/calls", ORDINARY_CALL)).json["id"]);
    for (const [path, status] of [
      ["/v1/unknown", 413],
      [`/v1/sessions/${id}/events`, 413],
    ] as const) {
      const headers = [key(), "Transfer-Encoding: chunked"];
      const statuses = [];
      for (let time = 0; time < 10; time++)
        statuses.push((await toGate(written({ line: `POST ${path} HTTP/1.1`, headers, body }))).status);
      expect([path, new Set(statuses)]).toEqual([path, new Set([status])]);
    }
  });

  it.each([
    ["a caller that is a number", { ...EMERGENCY_CALL, from: 15550100100 }],
    ["a caller that is null", { ...EMERGENCY_CALL, from: null }],
    ["no caller, by a key that belongs to a trunk", { to: "112", channel: "pbx" }],
  ])("[IN-5] an emergency call with %s is routed", async (_, body) => {
    const pbx = world.gate.as(`Bearer ${world.system.apiKeys.pbx}`);
    expect((await pbx.post("/v1/calls", body)).json["lane"]).toBe("emergency");
  });

  it("[OBS-9] a telephone number in a path is not in the logs in full", async () => {
    await world.gate.get("/v1/sessions/+15557654321");
    await sleep(500);
    expect([...world.logLines("emergency"), ...world.logLines("standard")].join("\n")).not.toContain("5557654321");
  });

  it("[OBS-9] a path of 20 kB is neither logged nor answered in full", async () => {
    const path = `/v1/sessions/${"a".repeat(20_000)}`;
    expect((await world.gate.get(path)).text.length).toBeLessThan(4_000);
    await sleep(500);
    expect(Math.max(...world.logLines("standard").map((line) => line.length))).toBeLessThan(4_000);
  });
});
