import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseEmergencyCall } from "../../contracts/calls.ts";
import type { Address } from "../../domain/numbers/address.ts";
import { TENANT } from "../domain/call/fixtures.ts";
import type { TrunkId } from "../../domain/shared/ids.ts";

const TRUNK = { id: "main" as TrunkId, dialProfile: { country: "US", areaCode: "555" } };
const TO: Address = { kind: "short", digits: "112" };
const parse = (body: Record<string, unknown>, isTrunkKnown = false) =>
  parseEmergencyCall(body, TENANT, TRUNK, TO, isTrunkKnown);
const droppedFrom = (body: Record<string, unknown>): string[] => {
  const parsed = parse(body);
  return parsed.ok ? parsed.value.warnings.filter(({ code }) => code === "dropped").map(({ pointer }) => pointer) : ["refused"];
};

describe("[IN-5] an emergency call", () => {
  it("drops what is malformed, notes it, and goes on", () => {
    const parsed = parse({
      from: "nobody knows",
      channel: "fax",
      location: { type: "geodetic", latitude: 999 },
      metadata: "x",
      callId: "",
    });
    expect(parsed).toMatchObject({
      ok: true,
      value: {
        from: { kind: "anonymous" },
        to: TO,
        channel: "api",
        priority: "high",
        location: null,
        metadata: {},
        externalId: null,
      },
    });
    expect(droppedFrom({ from: "nobody knows", channel: 1, location: 2, metadata: 3, callId: 4 }).sort()).toEqual([
      "/callId",
      "/channel",
      "/from",
      "/location",
      "/metadata",
    ]);
  });

  it("keeps what is well formed, always with high priority", () => {
    const location = { type: "civic", country: "DE", city: "Berlin" };
    const parsed = parse({
      from: "+15551230001",
      channel: "mobile",
      priority: "low",
      location,
      callId: "c-1",
      metadata: { a: 1 },
    });
    expect(parsed).toMatchObject({
      ok: true,
      value: {
        from: { kind: "e164", e164: "+15551230001" },
        channel: "mobile",
        priority: "high",
        location,
        externalId: "c-1",
        metadata: { a: 1 },
        warnings: [],
      },
    });
  });

  it("is refused only when neither a caller nor a trunk is named or known", () => {
    expect(parse({ channel: "api" })).toMatchObject({ ok: false, error: [{ pointer: "/from", code: "missing" }] });
    expect(parse({ trunk: "main" }).ok).toBe(true);
    expect(parse({ from: "" }).ok).toBe(true);
    expect(parse({ from: null }).ok).toBe(true);
    expect(parse({ channel: "api" }, true).ok).toBe(true);
    expect(parse({ from: 15550100100 })).toMatchObject({ value: { from: { kind: "e164", e164: "+15550100100" } } });
  });

  it("is taken whatever else the body holds", () => {
    const name = fc.oneof(fc.constantFrom("channel", "trunk", "priority", "location", "metadata", "callId"), fc.string());
    fc.assert(
      fc.property(fc.dictionary(name, fc.jsonValue({ maxDepth: 4 })), fc.string({ unit: "binary" }), (rest, from) => {
        expect(parse({ ...rest, from }).ok).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it("still says which fields nobody knows", () => {
    const parsed = parse({ from: "+15551230001", locaton: {} });
    expect(parsed.ok && parsed.value.warnings).toEqual([
      expect.objectContaining({ pointer: "/locaton", code: "unknown_field" }),
    ]);
  });
});
