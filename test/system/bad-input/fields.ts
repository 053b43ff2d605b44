import { describe, expect, it } from "vitest";
import { pointersOf } from "../client.ts";
import { ORDINARY_CALL, type World } from "../harness.ts";

const WRONG: readonly unknown[] = [null, 5, true, [], {}, ["+15551230001"], { number: "+15551230001" }];
const NUMBERS: readonly (readonly [string, string])[] = [
  ["letters", "call me"],
  ["an emoji", "☎️📞"],
  ["emoji digits", "5️⃣5️⃣5️⃣"],
  ["10 kB of digits", "1".repeat(10_000)],
  ["10 kB of a SIP URI", `sip:${"a".repeat(10_000)}@example.com`],
  ["control characters", "+1555\u0000123\u00010001\u001b[2J"],
  ["line breaks", "sip:alice@example.com\r\nX-Injected: yes"],
  ["a script", "<script>alert(1)</script>"],
  ["SQL", "'; DROP TABLE tenants; --"],
  ["a format string", "%s%n%x"],
  ["right-to-left marks alone", "\u202e\u202d\u200f"],
  ["a lone surrogate", "\ud800"],
  ["spaces", "   "],
  ["nothing", ""],
  ["a scheme alone", "sip:"],
];

export function fields(world: () => World): void {
  describe("fields of POST /v1/calls", () => {
    it.each(["from", "to", "channel"])("[IN-2] %s of a wrong type or missing is 422 with its pointer", async (field) => {
      for (const wrong of [...WRONG, undefined]) {
        const answer = await world().gate.post("/v1/calls", { ...ORDINARY_CALL, [field]: wrong });
        expect([answer.status, pointersOf(answer, "errors")], JSON.stringify(wrong)).toEqual([422, [`/${field}`]]);
      }
    });

    it.each(["trunk", "priority", "location", "metadata", "callId"])(
      "[IN-2] %s of a wrong type is 422 with a pointer below it",
      async (field) => {
        const fits = (value: unknown) =>
          field === "metadata" && typeof value === "object" && value !== null && !Array.isArray(value);
        for (const wrong of WRONG.filter((value) => !fits(value))) {
          const answer = await world().gate.post("/v1/calls", { ...ORDINARY_CALL, [field]: wrong });
          const pointers = pointersOf(answer, "errors");
          expect(answer.status, JSON.stringify(wrong)).toBe(422);
          expect(
            pointers.every((pointer) => String(pointer).startsWith(`/${field}`)),
            String(pointers),
          ).toBe(true);
        }
      },
    );

    it("[IN-2] all that is wrong is told at once", async () => {
      const answer = await world().standard.post("/v1/calls", {
        from: "nobody",
        to: {},
        channel: "pigeon",
        trunk: "Ä",
        priority: "urgent",
        metadata: [],
        callId: "",
        location: { type: "geodetic", latitude: 91 },
      });
      expect(answer.status).toBe(422);
      expect(new Set(pointersOf(answer, "errors"))).toEqual(
        new Set([
          "/from",
          "/to",
          "/channel",
          "/trunk",
          "/priority",
          "/metadata",
          "/callId",
          "/location/latitude",
          "/location/longitude",
        ]),
      );
    });

    it.each(NUMBERS)("[NUM-4] %s as a number is 422, for the caller and the callee", async (_, text) => {
      for (const field of ["from", "to"]) {
        const answer = await world().gate.post("/v1/calls", { ...ORDINARY_CALL, [field]: text });
        expect([answer.status, pointersOf(answer, "errors")]).toEqual([422, [`/${field}`]]);
        // What is wrong is said without repeating what may be anything.
        expect(answer.text.length).toBeLessThan(1_000);
        if (text.trim().length > 3) expect(answer.text).not.toContain(text);
      }
    });

    it("[IN-4] metadata of a few kilobytes is kept as it is, more is 422", async () => {
      const { gate } = world();
      const metadata = { text: `"\\\u0007\u2028 📞 ${"x".repeat(6_000)}`, list: [1, null, { deep: [true] }], number: 1e21 };
      const kept = await gate.post("/v1/calls", { ...ORDINARY_CALL, metadata });
      expect((await gate.get(`/v1/sessions/${String(kept.json["id"])}`)).json["metadata"]).toEqual(metadata);
      const large = await gate.post("/v1/calls", { ...ORDINARY_CALL, metadata: { text: "x".repeat(9_000) } });
      expect([large.status, pointersOf(large, "errors")]).toEqual([422, ["/metadata"]]);
      const wide = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`k${index}`, index]));
      expect((await gate.post("/v1/calls", { ...ORDINARY_CALL, metadata: wide })).status).toBe(422);
    });
  });

  describe("idempotency keys", () => {
    const withKey = (key: string, body: unknown = ORDINARY_CALL) =>
      world().gate.post("/v1/calls", body, { headers: { "idempotency-key": key } });

    it.each([
      ["spaces", "a b"],
      ["a quote inside", 'a"b'],
      ["256 characters", "k".repeat(256)],
      ["an empty string", '""'],
      ["other letters", "schl\u00fcssel"],
    ])("[CALL-15] with %s are 400", async (_, key) => {
      expect((await withKey(key)).json).toMatchObject({ status: 400, code: "bad_header" });
    });

    it("[CALL-15] at their longest work, and with another body are refused", async () => {
      const key = "~".repeat(255);
      const first = await withKey(key);
      expect([first.status, (await withKey(`"${key}"`)).json["id"]]).toEqual([201, first.json["id"]]);
      expect((await withKey(key, { ...ORDINARY_CALL, from: "+15550100101" })).json["code"]).toBe("idempotency_key_reused");
    });
  });

  describe("fields of a report", () => {
    const FINE = [
      { sipCode: "180" },
      { sipCode: null },
      { at: "2026-01-01T00:00:00+01:00" },
      { at: 1 },
      { at: "9999-12-31T23:59:59Z" },
      { id: 7 },
      { contact: "\r\nX-Injected: 1" },
      { reason: "x".repeat(5_000) },
    ];
    const BAD: readonly (readonly [string, unknown])[] = [
      ["type", "hung-up"],
      ["type", "constructor"],
      ["type", null],
      ["sipCode", 99],
      ["sipCode", 700],
      ["sipCode", {}],
      ["sipCode", { valueOf: 1, toString: 2 }],
      ["routeIndex", -1],
      ["routeIndex", 1.5],
      ["at", "yesterday"],
      ["at", -1],
      ["at", {}],
      ["contact", 5],
      ["reason", 5],
      ["id", ""],
      ["id", []],
    ];

    it("[IN-8] that are malformed are 422 with a pointer; what can be read is taken", async () => {
      const { gate } = world();
      const path = `/v1/sessions/${String((await gate.post("/v1/calls", ORDINARY_CALL)).json["id"])}/events`;
      for (const extra of FINE)
        expect((await gate.post(path, { type: "ringing", ...extra })).status, JSON.stringify(extra)).toBe(200);
      for (const [field, value] of BAD) {
        const answer = await gate.post(path, { type: "ringing", [field]: value });
        expect([answer.status, pointersOf(answer, "errors")], JSON.stringify({ [field]: value })).toEqual([422, [`/${field}`]]);
      }
    });
  });
}
