import { describe, expect, it } from "vitest";
import { callSchema, parseEmergencyCall } from "../../contracts/calls.ts";
import { fieldErrors } from "../../contracts/issues.ts";
import { locationSchema, salvageLocation } from "../../contracts/location.ts";
import { MAX_PIDF_BYTES, pidfLo } from "../../domain/location/pidf-lo.ts";
import type { TrunkId } from "../../domain/shared/ids.ts";
import { TENANT } from "../domain/call/fixtures.ts";

const CIVIC = { type: "civic", country: "DE", city: "Berlin", street: "Unter den Linden", houseNumber: "1" } as const;
const POINT = { type: "geodetic", latitude: 52.52, longitude: 13.4, uncertaintyM: 12 } as const;
const documentOf = (place: typeof CIVIC | typeof POINT) => pidfLo(place, "pres:a@b.invalid", { atMs: 0, untilMs: 0 });
const errorsIn = (location: unknown) => {
  const body = { from: "+15550100100", to: "+15550100101", channel: "api", location };
  const parsed = callSchema.safeParse(body);
  return parsed.success ? [] : fieldErrors(parsed.error, body).map(({ pointer, code }) => `${code} ${pointer}`);
};

describe("[EMG-10] the location of a call", () => {
  it.each([CIVIC, POINT])("is taken as it is, and as PIDF-LO by value: %j", (place) => {
    expect(locationSchema.parse(place)).toEqual(place);
    expect(locationSchema.parse(documentOf(place))).toEqual(place);
    expect(locationSchema.parse({ type: "pidf-lo", xml: documentOf(place) })).toEqual(place);
  });

  it.each([
    ["a latitude beyond the pole", { ...POINT, latitude: 91 }, ["too_large /location/latitude"]],
    ["a country in small letters", { ...CIVIC, country: "de" }, ["bad_format /location/country"]],
    ["text that is no document", "Berlin", ["invalid /location"]],
    ["a document without a location", { type: "pidf-lo", xml: "<presence/>" }, ["invalid /location"]],
    ["a document without text", { type: "pidf-lo" }, ["not_allowed /location/type"]],
    ["a document whose address is none", documentOf({ ...CIVIC, country: "Germany" } as never), ["invalid /location"]],
    ["a type that nobody knows", { type: "w3w" }, ["not_allowed /location/type"]],
    ["a number", 5, ["wrong_type /location"]],
  ])("is refused on the standard lane: %s", (_, location, errors) => {
    expect(errorsIn(location)).toEqual(errors);
  });

  it("is bounded in bytes, and refused before it is looked at", () => {
    const padding = (bytes: number) => documentOf(CIVIC) + " ".repeat(bytes - documentOf(CIVIC).length);
    expect(errorsIn(padding(MAX_PIDF_BYTES))).toEqual([]);
    expect(errorsIn(padding(MAX_PIDF_BYTES + 1))).toEqual(["invalid /location"]);
    expect(errorsIn(documentOf(CIVIC).replace("</presence>", `<!--${"ü".repeat(8_000)}--></presence>`))).toEqual([
      "invalid /location",
    ]);
  });
});

describe("[EMG-10] of an emergency caller's location", () => {
  it("as much is kept as can be used: a bad floor does not cost the address", () => {
    expect(salvageLocation({ ...CIVIC, floor: 3, room: "" })).toEqual({ location: CIVIC, dropped: ["floor", "room"] });
    expect(salvageLocation({ ...POINT, uncertaintyM: -1 })).toMatchObject({
      location: { latitude: 52.52 },
      dropped: ["uncertaintyM"],
    });
    expect(salvageLocation({ ...POINT, latitude: "north" })).toEqual({ location: null, dropped: [] });
    expect(salvageLocation(documentOf(POINT))).toEqual({ location: POINT, dropped: [] });
    for (const nothing of [null, 5, [], {}, "Berlin"]) expect(salvageLocation(nothing).location).toBeNull();
  });

  it("what was left out is noted where it stood", () => {
    const notesOf = (location: unknown) => {
      const body = { from: "+15550100100", to: "112", location };
      const trunk = { id: "main" as TrunkId, dialProfile: { country: "US" } };
      const parsed = parseEmergencyCall(body, TENANT, trunk, { kind: "short", digits: "112" });
      return [parsed.location, parsed.warnings.map(({ pointer, code }) => `${code} ${pointer}`)];
    };
    expect(notesOf({ ...CIVIC, floor: 3 })).toEqual([CIVIC, ["dropped /location/floor"]]);
    expect(notesOf("<presence/>")).toEqual([null, ["dropped /location"]]);
    expect(notesOf(documentOf(POINT))).toEqual([POINT, []]);
    expect(notesOf(undefined)).toEqual([null, []]);
  });
});
