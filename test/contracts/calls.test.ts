import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseCall } from "../../contracts/calls.ts";
import { parseJsonObject } from "../../contracts/json.ts";
import { MAX_METADATA_BYTES } from "../../domain/call/call.ts";
import { TENANT } from "../domain/call/fixtures.ts";
import type { TrunkId } from "../../domain/shared/ids.ts";

const TRUNK = { id: "main" as TrunkId, dialProfile: { country: "US", areaCode: "555" } };
const trunkOf = (requested: string | undefined) => (requested === undefined || requested === "main" ? TRUNK : null);
const BODY = { from: "+1 555 123 0001", to: "(555) 123-0002", channel: "mobile" };
const profile = { ...TRUNK, dialProfile: { country: "US" } };

const parse = (body: Record<string, unknown>) => parseCall(body, TENANT, trunkOf);
const pointersOf = (body: Record<string, unknown>): string[] => {
  const parsed = parse(body);
  return parsed.ok ? [] : [...new Set(parsed.error.map(({ pointer }) => pointer))].sort();
};

describe("[IN-1] a call", () => {
  it("needs who, where to and a channel, and is completed with defaults", () => {
    expect(parse({ ...BODY, to: "+15551230002" })).toEqual({
      ok: true,
      value: {
        tenant: "demo",
        trunk: profile.id,
        channel: "mobile",
        priority: "normal",
        from: { kind: "e164", e164: "+15551230001" },
        to: { kind: "e164", e164: "+15551230002" },
        externalId: null,
        location: null,
        metadata: {},
        trail: null,
        warnings: [],
      },
    });
  });

  it("carries everything else that may be said about it", () => {
    const extras = {
      trunk: "main",
      priority: "high",
      callId: "abc@host",
      location: { type: "geodetic", latitude: 52.5, longitude: 13.4 },
      metadata: { ticket: { id: 7 } },
    };
    expect(parse({ ...BODY, to: "+15551230002", ...extras })).toMatchObject({
      ok: true,
      value: { trunk: "main", priority: "high", externalId: "abc@host", location: extras.location, metadata: extras.metadata },
    });
  });
});

describe("[IN-2] a call with malformed fields", () => {
  it("is told all of them at once, each with its pointer", () => {
    const body = {
      from: "not a number",
      to: 5,
      channel: "fax",
      trunk: "NO SUCH",
      priority: "urgent",
      location: { type: "geodetic", latitude: 95, longitude: "x" },
      metadata: [],
      callId: "",
    };
    expect(pointersOf(body)).toEqual([
      "/callId",
      "/channel",
      "/from",
      "/location/latitude",
      "/location/longitude",
      "/metadata",
      "/priority",
      "/to",
      "/trunk",
    ]);
  });

  it("is told what is missing", () => {
    const parsed = parse({ location: { type: "civic" } });
    expect(parsed.ok ? [] : parsed.error).toEqual(
      expect.arrayContaining([
        { pointer: "/from", code: "missing", detail: "is required" },
        { pointer: "/to", code: "missing", detail: "is required" },
        { pointer: "/channel", code: "missing", detail: "is required" },
        { pointer: "/location/country", code: "missing", detail: "is required" },
      ]),
    );
    expect(pointersOf({})).toEqual(["/channel", "/from", "/to"]);
  });

  it.each([
    ["to", "anonymous", "anonymous_callee"],
    ["to", "", "empty"],
    ["to", "+1 555 CALL NOW", "not_a_number"],
    ["to", "9".repeat(10_000), "too_long"],
    ["from", "📞", "not_a_number"],
    ["from", "http://example.com", "bad_uri"],
    ["trunk", "elsewhere", "unknown_trunk"],
    ["from", 15551230001, "wrong_type"],
    ["location", { type: "geodetic", latitude: 0 }, "missing"],
    ["callId", "a\u0000b", "bad_format"],
    ["callId", "a".repeat(257), "too_large"],
  ])("%s: %j is %s", (field, value, code) => {
    const parsed = parse({ ...BODY, to: "+15551230002", [field]: value });
    expect(parsed.ok ? [] : parsed.error.map((error) => error.code)).toEqual([code]);
    expect(parsed.ok ? "" : parsed.error[0]!.pointer).toMatch(new RegExp(`^/${field}`));
  });

  it("never learns more than plain words: the value itself is not repeated", () => {
    const secret = "sip:secret-token-4711";
    const parsed = parse({ ...BODY, from: secret, channel: secret, callId: `${secret}\n` });
    expect(JSON.stringify(parsed)).not.toContain("4711");
  });

  it("is a value and not an exception, whatever the body", () => {
    const field = fc.constantFrom("from", "to", "channel", "trunk", "priority", "location", "metadata", "callId", "__proto__");
    const body = fc.dictionary(field, fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.string({ unit: "binary" })));
    fc.assert(
      fc.property(body, (raw) => {
        const parsed = parse(raw);
        const errors = parsed.ok ? [] : parsed.error.map(({ pointer, code }) => `${pointer} ${code}`);
        expect(errors.filter((error) => !/^\/\S* [a-z_]+$/.test(error))).toEqual([]);
      }),
    );
  });
});

describe("[IN-3] fields that nobody knows", () => {
  const warningsOf = (body: Record<string, unknown>) => {
    const parsed = parse({ ...BODY, to: "+15551230002", ...body });
    return parsed.ok ? parsed.value.warnings : null;
  };

  it("are ignored and said, with their pointers escaped as RFC 6901 asks", () => {
    expect(warningsOf({ chanel: "x", "a/b~c": 1 })).toEqual([
      expect.objectContaining({ pointer: "/chanel", code: "unknown_field" }),
      expect.objectContaining({ pointer: "/a~1b~0c", code: "unknown_field" }),
    ]);
  });

  it("are said within bounds, however many and however long they are", () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`${index}`.padEnd(300, "x"), 1]));
    const warnings = warningsOf(many);
    expect(warnings).toHaveLength(32);
    for (const { pointer } of warnings!) expect(pointer.length).toBeLessThanOrEqual(65);
  });
});

describe("[IN-4] metadata", () => {
  const withMetadata = (metadata: unknown) => pointersOf({ ...BODY, to: "+15551230002", metadata });
  const ofSize = (bytes: number) => ({ a: "x".repeat(bytes - '{"a":""}'.length) });

  it("may be 8 kB of JSON and not a byte more", () => {
    expect(withMetadata(ofSize(MAX_METADATA_BYTES))).toEqual([]);
    expect(withMetadata(ofSize(MAX_METADATA_BYTES + 1))).toEqual(["/metadata"]);
  });

  it.each([[null], ["text"], [7], [[1]]])("must be an object, not %j", (metadata) => {
    expect(withMetadata(metadata)).toEqual(["/metadata"]);
  });

  it("cannot change what objects are", () => {
    const body = parseJsonObject(
      new TextEncoder().encode('{"metadata":{"__proto__":{"admin":true}},"__proto__":{"channel":"api"}}'),
    );
    expect(body.ok).toBe(true);
    const parsed = parse({ ...(body.ok ? body.value : {}), ...BODY, to: "+15551230002" });
    expect(parsed.ok && (parsed.value.metadata as { admin?: boolean }).admin).not.toBe(true);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });
});
