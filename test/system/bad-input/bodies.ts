import { describe, expect, it } from "vitest";
import { type Answer, type Client, pointersOf } from "../client.ts";
import { EMERGENCY_CALL, ORDINARY_CALL, type World } from "../harness.ts";
import { chunked, exchange, firstAnswer, written } from "../raw.ts";

const LIMIT_BYTES = 64 * 1024;
const DEEP = 10_000;

const padded = (bytes: number): string => {
  const empty = JSON.stringify({ ...ORDINARY_CALL, padding: "" });
  return empty.replace('"padding":""', `"padding":"${"x".repeat(bytes - empty.length)}"`);
};

const NOT_A_BODY: readonly (readonly [string, unknown])[] = [
  ["empty", ""],
  ["no JSON", "from=1&to=2"],
  ["half of a document", '{"from":"+1555'],
  ["two documents", "{}{}"],
  ["an array", []],
  ["a string", '"112"'],
  ["a number", "112"],
  ["null", "null"],
  ["not UTF-8", new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
  ["an overlong UTF-8 sequence", new Uint8Array([0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d])],
  ["UTF-16", new Uint8Array(Buffer.from(JSON.stringify(ORDINARY_CALL), "utf16le"))],
  ["gzip", new Uint8Array([0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0])],
  ["nothing but zero bytes", new Uint8Array(100)],
  ["a number that JSON does not have", '{"from":NaN}'],
  ["10,000 arrays in each other", `{"metadata":${"[".repeat(DEEP)}${"]".repeat(DEEP)}}`],
  ["10,000 objects in each other", `{"metadata":${'{"a":'.repeat(DEEP)}1${"}".repeat(DEEP)}}`],
  ["10,000 brackets that never close", "[".repeat(DEEP)],
];

export function bodies(world: () => World): void {
  /** Routes that take a body, on both lanes; the session's id is made up. */
  const targets = (): readonly (readonly [Client, string])[] =>
    [world().gate, world().standard].flatMap((client) =>
      [
        "/v1/calls",
        "/v1/sessions/01900000-0000-7000-8000-000000000000/events",
        "/pbx/kamailio/route",
        "/pbx/kamailio/events",
      ].map((path) => [client, path] as const),
    );

  describe("a body that is not what it should be", () => {
    it.each(NOT_A_BODY)("[IN-9] %s is answered with 400 on every route and both lanes", async (_, body) => {
      for (const [client, path] of targets()) {
        const answer = await client.post(path, body);
        expect(`${path} ${answer.status} ${String(answer.json["code"])}`).toBe(`${path} 400 bad_json`);
      }
    });

    it("[IN-9] is taken up to 64 KiB and refused with 413 one byte later", async () => {
      for (const client of [world().gate, world().standard]) {
        expect((await client.post("/v1/calls", padded(LIMIT_BYTES))).status).toBe(201);
        expect((await client.post("/v1/calls", padded(LIMIT_BYTES + 1))).json["code"]).toBe("body_too_large");
      }
    });

    it("[IN-9] is refused with 413 also when its length is not declared, before anybody is authenticated", async () => {
      const { port, gate } = world();
      for (const [lane, path] of [
        [port.emergency, "/v1/calls"],
        [port.standard, "/v1/calls"],
        [port.emergency, "/pbx/kamailio/route"],
      ] as const) {
        const request = {
          line: `POST ${path} HTTP/1.1`,
          headers: ["Transfer-Encoding: chunked"],
          body: chunked(padded(LIMIT_BYTES + 1)),
        };
        expect(gate.check(firstAnswer(await exchange(lane, written(request)))).status).toBe(413);
      }
    });

    it("[IN-9] is not read to its end when it has no end", async () => {
      const { port, gate } = world();
      const head = "POST /v1/calls HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n";
      const endless = Buffer.concat([Buffer.from(head), chunked("x".repeat(8 * LIMIT_BYTES)).subarray(0, -"0\r\n\r\n".length)]);
      expect(gate.check(firstAnswer(await exchange(port.emergency, endless))).status).toBe(413);
    });
  });

  describe("fields that nobody asked for", () => {
    const warned = (answer: Answer) => [answer.status, pointersOf(answer, "warnings")];

    it("[IN-3] are ignored and named, on both lanes", async () => {
      const extra = { colour: "red", "a/b~c": 1, from_: null };
      for (const [client, call] of [
        [world().gate, ORDINARY_CALL],
        [world().standard, ORDINARY_CALL],
        [world().gate, EMERGENCY_CALL],
      ] as const) {
        expect(warned(await client.post("/v1/calls", { ...call, ...extra }))).toEqual([201, ["/colour", "/a~1b~0c", "/from_"]]);
      }
    });

    it("[IN-3] do not grow the answer without bound", async () => {
      const many = Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`field-${index}`, 0]));
      const long = { ["n".repeat(5_000)]: 1 };
      expect((await world().gate.post("/v1/calls", { ...ORDINARY_CALL, ...many })).text.length).toBeLessThan(8_000);
      expect((await world().gate.post("/v1/calls", { ...ORDINARY_CALL, ...long })).text.length).toBeLessThan(2_000);
    });

    it("[IN-3] named like the inside of an object do nothing but warn", async () => {
      const { gate } = world();
      const body =
        '{"from":"+15550100100","to":"+15551230001","channel":"api","__proto__":{"channel":"mobile","admin":true},"constructor":3,"toString":1}';
      const answer = await gate.post("/v1/calls", body);
      expect(warned(answer)).toEqual([201, ["/__proto__", "/constructor", "/toString"]]);
      expect((await gate.get(`/v1/sessions/${String(answer.json["id"])}`)).json["channel"]).toBe("api");
      const without = await gate.post("/v1/calls", '{"__proto__":{"from":"+15550100100","to":"+15551230001","channel":"api"}}');
      expect([without.status, pointersOf(without, "errors")]).toEqual([422, ["/from", "/to", "/channel"]]);
    });

    it("[IN-3] inside metadata stay in that call's metadata", async () => {
      const { gate } = world();
      const text = JSON.stringify({ ...ORDINARY_CALL, metadata: {} }).replace(
        '"metadata":{}',
        '"metadata":{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}},"toString":"x","kept":1}',
      );
      const first = await gate.post("/v1/calls", text);
      expect(first.status).toBe(201);
      const own = await gate.get(`/v1/sessions/${String(first.json["id"])}`);
      expect(own.json["metadata"]).toMatchObject({ constructor: { prototype: { polluted: "yes" } }, toString: "x", kept: 1 });
      const next = await gate.post("/v1/calls", ORDINARY_CALL);
      expect((await gate.get(`/v1/sessions/${String(next.json["id"])}`)).json["metadata"]).toEqual({});
    });

    it("[IN-12] twice in one object: the last counts, for the lane as for the plan", async () => {
      const { gate } = world();
      const twice = (first: string, last: string) => `{"from":"+15550100100","channel":"api","to":"${first}","to":"${last}"}`;
      expect((await gate.post("/v1/calls", twice("+15551230001", "112"))).json["lane"]).toBe("emergency");
      const ordinary = await gate.post("/v1/calls", twice("112", "+15551230001"));
      expect(ordinary.json).toMatchObject({ lane: "standard", plan: { ruleId: "support-line" } });
    });
  });
}
