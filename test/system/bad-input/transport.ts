import { describe, expect, it } from "vitest";
import { EMERGENCY_CALL, ORDINARY_CALL, type World } from "../harness.ts";
import { chunked, exchange, firstAnswer, statusesIn, written } from "../raw.ts";

const CALL = JSON.stringify(ORDINARY_CALL);

export function transport(world: () => World): void {
  const key = () => `Authorization: Bearer ${world().system.apiKeys.demo}`;
  const toGate = (bytes: Buffer, deadlineMs?: number) => exchange(world().port.emergency, bytes, deadlineMs);
  /** What the HTTP server itself refuses never reaches us: it has to be a 4xx, in whatever form. */
  const refusedBelow = (text: string) => {
    expect(world().gate.check(firstAnswer(text), { byRuntime: true }).status).toBe(400);
    expect(statusesIn(text)).toHaveLength(1);
  };

  describe("paths and methods", () => {
    const PATHS = [
      "/",
      "/v1",
      "/v1/",
      "/v1/call",
      "/v1/calls/",
      "//v1/calls",
      "/v1//calls",
      "/V1/CALLS",
      "/v1/calls/x",
      "/v1%2fcalls",
      "/v1/calls%00",
      "/v2/calls",
      "/pbx/kamailio",
      "/.env",
      "/admin",
      "/metrics/../readyz/x",
    ];

    it.each(PATHS)("[IN-14] POST %s is 404 on both lanes, also for an emergency call", async (path) => {
      for (const client of [world().gate, world().standard])
        expect((await client.post(path, EMERGENCY_CALL)).json).toMatchObject({ status: 404, code: "not_found" });
    });

    it.each(["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"])(
      "[IN-14] %s on /v1/calls is 404, with and without credentials",
      async (method) => {
        for (const client of [world().gate, world().standard, world().gate.as(undefined)])
          expect((await client.send("/v1/calls", { method })).status).toBe(404);
      },
    );

    it("[IN-14] HEAD answers as GET does, without a body", async () => {
      const { gate, standard } = world();
      const id = String((await gate.post("/v1/calls", ORDINARY_CALL)).json["id"]);
      for (const client of [gate, standard]) {
        for (const [path, status] of [
          ["/healthz", 200],
          [`/v1/sessions/${id}`, 200],
          ["/v1/sessions/x", 404],
          ["/none", 404],
        ] as const) {
          const answer = await client.send(path, { method: "HEAD" });
          expect([answer.status, answer.text]).toEqual([status, ""]);
        }
        expect((await client.as(undefined).send(`/v1/sessions/${id}`, { method: "HEAD" })).status).toBe(401);
      }
    });

    it.each(["TRACE", "PROPFIND", "REPORT", "PURGE"])("[IN-14] %s is 404 and echoes nothing", async (method) => {
      const text = await toGate(written({ line: `${method} /v1/calls HTTP/1.1`, headers: ["X-Secret: do-not-echo"] }));
      expect(world().gate.check(firstAnswer(text)).status).toBe(404);
      expect(text).not.toContain("do-not-echo");
    });

    it("[IN-15] percent-encoded letters mean the same path, and the emergency lane sees through them", async () => {
      const answer = await world().gate.post("/v1/%63all%73", EMERGENCY_CALL);
      expect([answer.status, answer.json["lane"]]).toEqual([201, "emergency"]);
    });

    it("[IN-15] a target with scheme and host is served as its path", async () => {
      const answer = firstAnswer(
        await toGate(written({ line: "POST http://elsewhere.example/v1/calls HTTP/1.1", headers: [key()], body: CALL })),
      );
      expect(world().gate.check(answer).status).toBe(201);
      expect(answer.headers.get("location")).toMatch(/^\/v1\/sessions\//);
    });
  });

  describe("the gate hands on what it got, and nothing else", () => {
    const smuggled = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";

    it.each([
      ["a length shorter than the body", ["Content-Length: 5"], CALL + smuggled],
      [
        "a chunked body and a length",
        ["Transfer-Encoding: chunked", "Content-Length: 5"],
        Buffer.concat([chunked(CALL), Buffer.from(smuggled)]),
      ],
    ])("[IN-16] %s: a request behind the first is not answered as part of it", async (_, headers, body) => {
      const text = await toGate(written({ line: "POST /v1/calls HTTP/1.1", headers: [key(), ...headers], body }), 2_000);
      world().gate.check(firstAnswer(text));
      expect(statusesIn(text)).toHaveLength(1);
      expect(text).not.toContain("trunkline_http_requests_total");
    });

    it.each([
      ["two lengths", ["Content-Length: 5", "Content-Length: 95"]],
      ["a negative length", ["Content-Length: -1"]],
      ["a length that is a word", ["Content-Length: many"]],
      ["a folded header", ["X-Folded: a\r\n b"]],
      ["a zero byte in a header", ["X-Zero: a\u0000b"]],
      ["a space in a header's name", ["X Space: a"]],
    ])("[IN-16] %s is 400", async (_, headers) => {
      refusedBelow(await toGate(written({ line: "POST /v1/calls HTTP/1.1", headers: [key(), ...headers], body: CALL }), 2_000));
    });

    it("[IN-17] headers of a caller do not become the standard lane's idea of who calls", async () => {
      const forged = {
        "trunkline-early": "true",
        "x-forwarded-for": "1.2.3.4",
        "x-principal": "admin",
        "x-tenant": "acme",
        "cf-worker": "x",
        "trunkline-lane": "emergency",
        "x-http-method-override": "DELETE",
      };
      const answer = await world().gate.post("/v1/calls", ORDINARY_CALL, { headers: forged });
      expect([answer.status, answer.json["lane"], answer.headers.get("trunkline-early")]).toEqual([201, "standard", null]);
      expect((await world().gate.as(undefined).post("/v1/calls", ORDINARY_CALL, { headers: forged })).status).toBe(401);
    });

    it.each([
      "",
      "x",
      `00-${"0".repeat(32)}-${"1".repeat(16)}-01`,
      `00-${"A".repeat(32)}-${"1".repeat(16)}-01`,
      `01-${"a".repeat(32)}-${"1".repeat(16)}-01`,
      `00-${"a".repeat(5_000)}-1-01`,
      `00-${"a".repeat(32)}-${"1".repeat(16)}-01, 00-${"b".repeat(32)}-${"1".repeat(16)}-01`,
    ])("[OBS-5] the traceparent %j is passed over", async (traceparent) => {
      for (const call of [ORDINARY_CALL, EMERGENCY_CALL])
        expect((await world().gate.post("/v1/calls", call, { headers: { traceparent } })).status).toBe(201);
    });

    it("[IN-14] a WebSocket handshake where there is none is an ordinary 404", async () => {
      const headers = ["Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", key()];
      const answer = firstAnswer(await toGate(written({ line: "GET /v1/sessions/x HTTP/1.1", headers }), 2_000));
      expect(world().gate.check(answer).status).toBe(404);
    });

    it("[IN-18] callers that send half a body and wait do not keep others from being served", async () => {
      const head = `POST /v1/calls HTTP/1.1\r\nHost: x\r\n${key()}\r\nContent-Length: 500\r\n\r\n{"from`;
      const waiting = Array.from({ length: 50 }, () => toGate(Buffer.from(head), 1_500));
      expect((await world().gate.post("/v1/calls", EMERGENCY_CALL)).status).toBe(201);
      expect((await world().gate.post("/v1/calls", ORDINARY_CALL)).status).toBe(201);
      await Promise.all(waiting);
    });
  });
}
