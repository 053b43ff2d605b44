import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EMERGENCY_CALL, ORDINARY_CALL, type World } from "../harness.ts";

/** `TRUNKLINE_FUZZ_SEED` repeats a run. */
const SEED = Number(process.env["TRUNKLINE_FUZZ_SEED"] ?? Date.now() % 2 ** 31);
const RUNS = 120;

const REPORT = { id: "r-1", type: "ringing", sipCode: 180, contact: "sip:a@b", routeIndex: 0, reason: "x", at: 1_700_000_000 };
const KAMAILIO_EVENT = {
  id: "e-1",
  type: "call.ringing",
  callId: "fuzz@pbx",
  ts: 1_700_000_000,
  sipCode: 180,
  contact: "sip:a@b",
  routeIndex: 0,
  lane: "standard",
};
const KAMAILIO_ROUTE = {
  callId: "fuzz@pbx",
  from: "sip:+15550100100@pbx",
  to: "sip:+15551230001@pbx",
  ruri: "sip:+15551230001@pbx",
  srcIp: "127.0.0.1",
  trunk: "pbx-main",
};
const CALL = {
  ...ORDINARY_CALL,
  trunk: "main",
  priority: "high",
  location: { type: "geodetic", latitude: 1, longitude: 1 },
  metadata: {},
  callId: "fuzz-1",
};

/** Text that means something to somebody: numbers, URIs, dates, ids, prototypes, terminal escapes. */
const telling = fc.constantFrom(
  "112",
  "+49112",
  "urn:service:sos",
  "urn:service:sos.\u0000",
  "sip:112@",
  "tel:;phone-context=",
  'sip:%00@[::1]:99999;x="',
  "anonymous",
  "<sip:a@b>;tag=",
  "__proto__",
  "constructor",
  "9".repeat(400),
  "1e999",
  "-0",
  "2026-02-30T25:61:61Z",
  "+275760-09-13T00:00:00Z",
  "geodetic",
  "civic",
  "call.",
  "call.ended",
  "\u001b[31m",
  "\ud83d\ude00",
  "${jndi:x}",
);
const value = fc.oneof(
  { weight: 3, arbitrary: fc.jsonValue({ maxDepth: 4 }) },
  { weight: 2, arbitrary: telling },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 300 }) },
  { weight: 1, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }) },
  { weight: 1, arbitrary: fc.constantFrom(null, 2 ** 53, -1, 1e308, 5e-324, "", [], {}, [[]], { toString: null, valueOf: 1 }) },
);

/** A good body of which some fields are anything, some are missing and some are not known. */
const mutated = (good: Readonly<Record<string, unknown>>): fc.Arbitrary<Record<string, unknown>> =>
  fc
    .tuple(
      fc.dictionary(fc.constantFrom(...Object.keys(good)), value, { minKeys: 1, maxKeys: 3, noNullPrototype: true }),
      fc.subarray(Object.keys(good), { maxLength: 1 }),
      fc.dictionary(fc.string({ maxLength: 8 }), value, { maxKeys: 1, noNullPrototype: true }),
    )
    .map(([changed, missing, unknown]) =>
      Object.fromEntries(Object.entries({ ...unknown, ...good, ...changed }).filter(([name]) => !missing.includes(name))),
    );

export function fuzz(world: () => World): void {
  describe(`any JSON value in any field (seed ${SEED})`, () => {
    const parameters = { seed: SEED, numRuns: RUNS, endOnFailure: false, interruptAfterTimeLimit: 60_000 };
    /** The client itself fails on a 5xx and on whatever tells of the inside. */
    const answersDecently = (path: () => string, good: Readonly<Record<string, unknown>>) =>
      fc.assert(
        fc.asyncProperty(mutated(good), async (body) => {
          const answer = await world().gate.post(path(), body);
          expect([200, 201, 400, 403, 422]).toContain(answer.status);
        }),
        parameters,
      );

    it("[IN-13] POST /v1/calls answers without a 5xx", () => answersDecently(() => "/v1/calls", CALL));
    it("[IN-13] POST /pbx/kamailio/route answers without a 5xx", () =>
      answersDecently(() => "/pbx/kamailio/route", KAMAILIO_ROUTE));
    it("[IN-13] POST /pbx/kamailio/events answers without a 5xx", () =>
      answersDecently(() => "/pbx/kamailio/events", KAMAILIO_EVENT));
    it("[IN-13] POST /v1/sessions/{id}/events answers without a 5xx", async () => {
      const id = String((await world().gate.post("/v1/calls", ORDINARY_CALL)).json["id"]);
      await answersDecently(() => `/v1/sessions/${id}/events`, REPORT);
      const session = await world().gate.get(`/v1/sessions/${id}`);
      const events = await world().gate.get(`/v1/sessions/${id}/events`);
      expect([session.status, (events.json["items"] as unknown[]).length]).toEqual([200, session.json["lastSequence"]]);
    });

    it("[IN-5] an emergency call is routed whatever its optional fields are", async () => {
      const { from, to, ...optional } = { ...CALL, ...EMERGENCY_CALL };
      await fc.assert(
        fc.asyncProperty(mutated(optional), async (extra) => {
          // A call id that repeats is the same call, by contract: here every call is another one.
          const { callId: _callId, ...rest } = extra;
          const answer = await world().gate.post("/v1/calls", { ...rest, from, to });
          expect([answer.status, answer.json["lane"]]).toEqual([201, "emergency"]);
        }),
        parameters,
      );
    });
  });
}
