import { describe, expect, it } from "vitest";
import type { Client, Json } from "../client.ts";
import { EMERGENCY_CALL, ORDINARY_CALL, type World } from "../harness.ts";

const MALFORMED = [
  "x",
  "0",
  "null",
  "%00",
  "%2e%2e%2f",
  "..%2fcalls",
  "%zz",
  "%c0%af",
  "a".repeat(5_000),
  "00000000-0000-0000-0000-000000000000",
  "01900000-0000-4000-8000-000000000000",
  "{id}",
  "*",
  "01900000_0000_7000_8000_000000000000",
  "%E2%98%8E",
];

export function tenants(world: () => World): void {
  const acmeAt = (client: Client) => client.as(`Bearer ${world().system.apiKeys.acme}`);
  const anonymous = ({ instance: _instance, requestId: _requestId, ...rest }: Json) => rest;

  describe("another tenant's sessions", () => {
    it.each([
      ["standard", ORDINARY_CALL, 3],
      ["emergency", EMERGENCY_CALL, 4],
    ] as const)(
      "[SESS-17] on the %s lane are not there: neither session, events nor report, and nothing of it is changed",
      async (lane, call, lastSequence) => {
        const { gate, standard } = world();
        const id = String((await gate.post("/v1/calls", { ...call, callId: `secret-${lane}` })).json["id"]);
        const direct = lane === "standard" ? [gate, standard] : [gate];
        for (const client of direct) {
          const acme = acmeAt(client);
          const missing = await acme.get("/v1/sessions/01900000-0000-7000-8000-000000000000");
          for (const written of [id, id.toUpperCase()]) {
            for (const answer of [
              await acme.get(`/v1/sessions/${written}`),
              await acme.get(`/v1/sessions/${written}/events`),
              await acme.post(`/v1/sessions/${written}/events`, { type: "ended" }),
            ]) {
              expect(answer.status).toBe(404);
              // Nobody can tell a session of somebody else from one that does not exist.
              expect(anonymous(answer.json)).toEqual(anonymous(missing.json));
              expect(answer.headers.get("etag") ?? answer.headers.get("trunkline-sources")).toBeNull();
            }
          }
        }
        expect((await gate.get(`/v1/sessions/${id}`)).json).toMatchObject({ id, state: "initiating", lastSequence });
      },
    );

    it("[SESS-17] are not reached by naming their call id or idempotency key", async () => {
      const { gate } = world();
      const acme = acmeAt(gate);
      const callId = "shared@pbx.example";
      for (const call of [ORDINARY_CALL, EMERGENCY_CALL]) {
        const own = await gate.post("/v1/calls", { ...call, callId });
        const theirs = await acme.post("/v1/calls", { ...call, callId });
        expect([own.status, theirs.status, own.json["id"] === theirs.json["id"]]).toEqual([201, 201, false]);
      }
      const headers = { "idempotency-key": "shared-key" };
      const [own, theirs] = [
        await gate.post("/v1/calls", ORDINARY_CALL, { headers }),
        await acme.post("/v1/calls", ORDINARY_CALL, { headers }),
      ];
      expect([own.status, theirs.status, own.json["id"] === theirs.json["id"]]).toEqual([201, 201, false]);
      const report = await acme.post("/pbx/kamailio/events", { callId, type: "call.ended", id: "e-1" });
      expect(report.json["session"]).not.toBe(own.json["id"]);
      expect((await gate.get(`/v1/sessions/${String(own.json["id"])}`)).json["state"]).toBe("initiating");
    });

    it("[GATE-7] of the other lane are refused by the lane that does not hold them, without a word about them", async () => {
      const { gate, standard } = world();
      const id = String((await gate.post("/v1/calls", EMERGENCY_CALL)).json["id"]);
      for (const client of [standard, acmeAt(standard)]) {
        for (const answer of [
          await client.get(`/v1/sessions/${id}`),
          await client.post(`/v1/sessions/${id}/events`, { type: "ended" }),
        ]) {
          expect([answer.status, answer.json["code"]]).toEqual([421, "wrong_lane"]);
        }
      }
      expect((await gate.get(`/v1/sessions/${id}`)).json["state"]).toBe("initiating");
    });
  });

  describe("ids in paths", () => {
    it.each(MALFORMED)("[SESS-17] %j is no session on either lane", async (id) => {
      for (const client of [world().gate, world().standard]) {
        for (const suffix of ["", "/events"]) expect((await client.get(`/v1/sessions/${id}${suffix}`)).status).toBe(404);
        expect((await client.post(`/v1/sessions/${id}/events`, { type: "ended" })).status).toBe(404);
      }
    });
  });
}
