import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseEmergencyCall } from "../../contracts/calls.ts";
import type { Address } from "../../domain/numbers/address.ts";
import { TENANT } from "../domain/call/fixtures.ts";
import type { TrunkId } from "../../domain/shared/ids.ts";

const TRUNK = { id: "main" as TrunkId, dialProfile: { country: "US", areaCode: "555" } };
const TO: Address = { kind: "short", digits: "112" };
const parse = (body: Record<string, unknown>) => parseEmergencyCall(body, TENANT, TRUNK, TO);
const droppedFrom = (body: Record<string, unknown>): string[] =>
  parse(body)
    .warnings.filter(({ code }) => code === "dropped")
    .map(({ pointer }) => pointer);

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
      from: { kind: "anonymous" },
      to: TO,
      channel: "api",
      priority: "high",
      location: null,
      metadata: {},
      externalId: null,
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
      from: { kind: "e164", e164: "+15551230001" },
      channel: "mobile",
      priority: "high",
      location,
      externalId: "c-1",
      metadata: { a: 1 },
      warnings: [],
    });
  });

  it("is nobody's in particular when its caller is not named, or cannot be read", () => {
    for (const body of [{ channel: "api" }, { trunk: "main" }, { from: "" }, { from: null }])
      expect(parse(body)).toMatchObject({ from: { kind: "anonymous" }, trunk: "main" });
    expect(parse({ from: 15550100100 })).toMatchObject({ from: { kind: "e164", e164: "+15550100100" } });
  });

  it("is taken whatever else the body holds", () => {
    const name = fc.oneof(fc.constantFrom("channel", "trunk", "priority", "location", "metadata", "callId"), fc.string());
    fc.assert(
      fc.property(fc.dictionary(name, fc.jsonValue({ maxDepth: 4 })), fc.string({ unit: "binary" }), (rest, from) => {
        expect(parse({ ...rest, from })).toMatchObject({ tenant: TENANT, to: TO, priority: "high" });
      }),
      { numRuns: 500 },
    );
  });

  it("still says which fields nobody knows", () => {
    const parsed = parse({ from: "+15551230001", locaton: {} });
    expect(parsed.warnings).toEqual([expect.objectContaining({ pointer: "/locaton", code: "unknown_field" })]);
  });
});
