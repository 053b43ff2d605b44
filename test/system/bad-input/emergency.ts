import { describe, expect, it } from "vitest";
import { pointersOf } from "../client.ts";
import { EMERGENCY_CALL, type World } from "../harness.ts";

/** Optional fields, each broken in some way, and what the answer has to note. */
const BROKEN: readonly (readonly [string, Readonly<Record<string, unknown>>, string])[] = [
  ["a location that is text", { location: "at home" }, "/location"],
  ["a location off the globe", { location: { type: "geodetic", latitude: 999, longitude: "x" } }, "/location"],
  ["a location of an unknown kind", { location: { type: "what3words", words: "a.b.c" } }, "/location"],
  ["metadata that is text", { metadata: "none" }, "/metadata"],
  ["metadata that is a list", { metadata: [1, 2] }, "/metadata"],
  ["metadata that is too large", { metadata: { text: "x".repeat(9_000) } }, "/metadata"],
  ["an unknown channel", { channel: "pigeon" }, "/channel"],
  ["a channel that is null", { channel: null }, "/channel"],
  ["a call id that is a number", { callId: 7 }, "/callId"],
  ["a call id that is too long", { callId: `long-${"x".repeat(300)}` }, "/callId"],
  ["an unreadable caller", { from: "☎️" }, "/from"],
  ["a caller of 10 kB", { from: "9".repeat(10_000) }, "/from"],
  ["an empty caller", { from: "" }, "/from"],
  ["a trunk that is a number", { trunk: 9 }, "/trunk"],
  ["a trunk that cannot be one", { trunk: "NOT OK" }, "/trunk"],
  ["a trunk that does not exist", { trunk: "no-such-trunk" }, "/trunk"],
  ["an unknown priority", { priority: "urgent" }, "/priority"],
  ["a field that nobody knows", { siren: true }, "/siren"],
];

export function emergency(world: () => World): void {
  const toPsap = {
    lane: "emergency",
    state: "initiating",
    plan: { action: "route", destinations: [{ id: "psap" }, { id: "psap-backup" }, { id: "site-security" }] },
  };

  describe("malformed emergency calls", () => {
    it.each(BROKEN)("[IN-5] with %s are routed, and what was dropped is noted", async (_, extra, pointer) => {
      const answer = await world().gate.post("/v1/calls", { ...EMERGENCY_CALL, ...extra });
      expect(answer.status).toBe(201);
      expect(answer.json).toMatchObject(toPsap);
      expect(pointersOf(answer, "warnings")).toEqual([pointer]);
      const session = await world().gate.get(`/v1/sessions/${String(answer.json["id"])}`);
      expect(session.json).toMatchObject({ lane: "emergency", to: "112", priority: "high" });
    });

    it("[IN-5] with everything optional broken at once are routed", async () => {
      const answer = await world().gate.post("/v1/calls", {
        from: "?",
        to: "tel:112",
        channel: 1,
        trunk: "no such trunk",
        priority: {},
        location: [],
        metadata: 5,
        callId: null,
        other: 0,
      });
      expect([answer.status, answer.json]).toMatchObject([201, toPsap]);
    });

    it("[IN-5] to a number that came as a JSON number are routed", async () => {
      const answer = await world().gate.post("/v1/calls", { ...EMERGENCY_CALL, to: 112 });
      expect([answer.status, answer.json]).toMatchObject([201, toPsap]);
    });

    it("[IN-5] with no channel, no location, no trunk and no metadata are routed without a warning", async () => {
      const answer = await world().gate.post("/v1/calls", { from: "+15550100100", to: "911" });
      expect([answer.status, answer.json, pointersOf(answer, "warnings")]).toMatchObject([201, toPsap, []]);
    });

    it.each(["a b", 'a"b', "k".repeat(256), '""'])("[IN-5] are never refused for their idempotency key %j", async (key) => {
      const answer = await world().gate.post("/v1/calls", EMERGENCY_CALL, { headers: { "idempotency-key": key } });
      expect([answer.status, answer.json]).toMatchObject([201, toPsap]);
    });

    it("[IN-5] under an idempotency key that another call has used are calls of their own", async () => {
      const headers = { "idempotency-key": "used-before" };
      const first = await world().gate.post("/v1/calls", EMERGENCY_CALL, { headers });
      const second = await world().gate.post("/v1/calls", { ...EMERGENCY_CALL, from: "+15550100199" }, { headers });
      expect([second.status, second.json["id"] === first.json["id"]]).toEqual([201, false]);
    });

    it("[IN-5] by Kamailio are routed whatever else it says", async () => {
      const request = {
        callId: "broken-1@pbx",
        from: "sip:+15550100100@pbx.example",
        to: "sip:112@pbx.example",
        ruri: "sip:112@pbx.example",
        srcIp: "127.0.0.1",
      };
      for (const extra of [
        { trunk: 5 },
        { trunk: "nope" },
        { srcIp: {} },
        { srcIp: "x".repeat(500) },
        { to: 7 },
        { callId: "with space" },
        { callId: null },
        { from: null },
        { other: [] },
      ]) {
        const answer = await world().gate.post("/pbx/kamailio/route", { ...request, ...extra });
        expect(answer.status, JSON.stringify(extra)).toBe(200);
        expect(answer.json).toMatchObject({
          lane: "emergency",
          routes: [
            { uri: "sip:112@127.0.0.1:5073" },
            { uri: "sip:112@127.0.0.1:5074" },
            { uri: "sip:security@127.0.0.1:5072" },
          ],
        });
      }
    });
  });
}
