import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Location } from "../../../domain/call/call.ts";
import type { EmergencyArea } from "../../../domain/configuration/model.ts";
import { isIn, placeOf, prepareArea } from "../../../domain/location/area.ts";
import { distanceM } from "../../../domain/location/distance.ts";
import { type Ring, areaKm2, goesRoundPole, hasWideEdge, isWithin, prepareRing } from "../../../domain/location/polygon.ts";

const box = (west: number, south: number, east: number, north: number): Ring => [
  [west, south],
  [east, south],
  [east, north],
  [west, north],
];
const has = (ring: Ring, longitude: number, latitude: number) => isWithin(prepareRing(ring), { longitude, latitude });

describe("[EMG-10] a caller within a ring", () => {
  it("is one whose point lies inside, of whatever shape it is and whichever way round it is written", () => {
    const ring: Ring = [
      [0, 0],
      [10, 0],
      [10, 10],
      [5, 2],
      [0, 10],
    ];
    for (const way of [ring, ring.toReversed(), [...ring, ring[0]!]]) {
      expect(has(way, 1, 5)).toBe(true);
      expect(has(way, 9, 5)).toBe(true);
      expect(has(way, 5, 5)).toBe(false);
      expect(has(way, 5, 1)).toBe(true);
      expect(has(way, -1, 1)).toBe(false);
      expect(has(way, 5, 11)).toBe(false);
    }
  });

  it("is found across the antimeridian, on both sides of it, whichever side the ring begins on", () => {
    for (const fiji of [box(177, -20, -178, -15), box(-183, -20, -178, -15), box(177, -20, 182, -15)]) {
      expect(has(fiji, 179, -17)).toBe(true);
      expect(has(fiji, -179, -17)).toBe(true);
      expect(has(fiji, 180, -17)).toBe(true);
      expect(has(fiji, -180, -17)).toBe(true);
      expect(has(fiji, 176, -17)).toBe(false);
      expect(has(fiji, 0, -17)).toBe(false);
    }
  });

  it("is in one of two areas with a common border, also on the border", () => {
    const latitudes = fc.integer({ min: 0, max: 9 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 19 }), latitudes, (longitude, latitude) => {
        const [west, east] = [box(0, 0, 10, 10), box(10, 0, 20, 10)];
        expect([has(west, longitude, latitude), has(east, longitude, latitude)].filter(Boolean)).toHaveLength(1);
      }),
    );
  });

  it("what the ring goes round twice is outside", () => {
    const bowTie: Ring = [
      [0, 0],
      [4, 4],
      [4, 0],
      [0, 4],
    ];
    expect(has(bowTie, 0.5, 2)).toBe(true);
    expect(has(bowTie, 2, 3.5)).toBe(false);
  });
});

describe("[EMG-9] the size of a ring", () => {
  it("is what it is on the earth", () => {
    // A degree by a degree at the equator, and half of a hemisphere.
    expect(areaKm2(prepareRing(box(0, 0, 1, 1)))).toBeCloseTo(12_364, 0);
    expect(areaKm2(prepareRing(box(0, 60, 1, 61)))).toBeLessThan(6_200);
    expect(areaKm2(prepareRing(box(179.5, 0, -179.5, 1)))).toBeCloseTo(12_364, 0);
  });

  it("tells rings that cannot be read as they were meant", () => {
    expect(areaKm2(prepareRing(box(-180, -90, 180, 90)))).toBe(0);
    expect(hasWideEdge(box(-100, 0, 100, 10))).toBe(true);
    expect(hasWideEdge(box(177, -20, -178, -15))).toBe(true);
    expect(hasWideEdge(box(0, 0, 170, 10))).toBe(false);
    const arctic: Ring = [
      [0, 70],
      [90, 70],
      [180, 70],
      [-90, 70],
    ];
    expect(goesRoundPole(prepareRing(arctic))).toBe(true);
    expect(goesRoundPole(prepareRing(box(177, -20, -178, -15)))).toBe(false);
  });
});

const civic = (changes: Partial<Extract<EmergencyArea, { type: "civic" }>>): EmergencyArea => ({
  type: "civic",
  country: "DE",
  region: null,
  city: null,
  postalCodes: [],
  ...changes,
});
const inside = (area: EmergencyArea, location: Location) => isIn(prepareArea(area), placeOf(location));

describe("[EMG-10] a caller with an address", () => {
  it.each<[string, Partial<Extract<Location, { type: "civic" }>>, Parameters<typeof civic>[0], boolean]>([
    ["the country alone", {}, {}, true],
    ["another country", { country: "AT" }, {}, false],
    ["the city, in other letters", { city: " MUNCHEN " }, { city: "München" }, true],
    ["the city, with accents of its own", { city: "Mu\u0308nchen" }, { city: "München" }, true],
    ["ß as ss", { city: "GROSSENKNETEN" }, { city: "Großenkneten" }, true],
    ["spaces within", { city: "Bad  Homburg" }, { city: "bad homburg" }, true],
    ["another city", { city: "Bonn" }, { city: "München" }, false],
    ["no city", {}, { city: "München" }, false],
    ["region and city", { region: "by", city: "hof" }, { region: "BY", city: "Hof" }, true],
    ["the city of another region", { region: "SN", city: "Hof" }, { region: "BY", city: "Hof" }, false],
    ["a postal code", { postalCode: "80331" }, { postalCodes: ["10115", "80331"] }, true],
    ["a code's beginning", { postalCode: "sw1a 1aa" }, { postalCodes: ["SW1A*"] }, true],
    ["a code in another spelling", { postalCode: "SW1A1AA" }, { postalCodes: ["SW1A 1AA"] }, true],
    ["a code that only begins so", { postalCode: "80331" }, { postalCodes: ["8033"] }, false],
    ["no postal code", {}, { postalCodes: ["8*"] }, false],
  ])("%s", (_, location, area, expected) => {
    expect(inside(civic(area), { type: "civic", country: "DE", ...location })).toBe(expected);
  });

  it("is in no ring, and a point in no area by address", () => {
    const ring: EmergencyArea = { type: "polygon", ring: box(-10, -10, 10, 10) };
    expect(inside(ring, { type: "civic", country: "DE" })).toBe(false);
    expect(inside(civic({}), { type: "geodetic", latitude: 52, longitude: 13 })).toBe(false);
  });

  it("the more an area says, the smaller it is", () => {
    const sizes = [civic({}), civic({ region: "BY" }), civic({ region: "BY", city: "Hof" })].map(
      (area) => prepareArea(area).size,
    );
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
    expect(new Set(sizes).size).toBe(3);
  });

  it("a circle counts by its centre", () => {
    const ring: EmergencyArea = { type: "polygon", ring: box(13, 52, 14, 53) };
    expect(inside(ring, { type: "geodetic", latitude: 52.5, longitude: 13.5, uncertaintyM: 90_000 })).toBe(true);
    expect(inside(ring, { type: "geodetic", latitude: 51.99, longitude: 13.5, uncertaintyM: 90_000 })).toBe(false);
  });
});

describe("distances", () => {
  it("are those on the earth, also across the antimeridian", () => {
    const berlin = { latitude: 52.52, longitude: 13.405 };
    expect(distanceM(berlin, { latitude: 48.1374, longitude: 11.5755 }) / 1000).toBeCloseTo(504, 0);
    expect(distanceM({ latitude: 0, longitude: 179.5 }, { latitude: 0, longitude: -179.5 }) / 1000).toBeCloseTo(111.2, 1);
    expect(distanceM(berlin, berlin)).toBe(0);
  });
});
