import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countriesAt, countriesOf } from "../../../domain/location/countries-at.ts";
import { EMERGENCY_NUMBERS_BY_COUNTRY } from "../../../domain/numbers/emergency-numbers.data.ts";

describe("[EMG-5] countries at a place", () => {
  it.each([
    ["Paris", 48.857, 2.352, ["FR"]],
    ["New York", 40.713, -74.006, ["US"]],
    ["Delhi", 28.61, 77.21, ["IN"]],
    ["Brasília", -15.79, -47.88, ["BR"]],
    ["Nairobi", -1.29, 36.82, ["KE"]],
    ["Magadan", 59.56, 150.8, ["RU"]],
    ["Sydney", -33.87, 151.21, ["AU"]],
    ["Cayenne, which is drawn with France", 4.92, -52.31, ["GF"]],
    ["Saint-Denis, which is drawn with France", -20.88, 55.45, ["RE"]],
    ["Longyearbyen", 78.22, 15.64, ["SJ"]],
    ["Niue", -19.05, -169.86, ["NU"]],
    ["Funafuti", -8.52, 179.19, ["TV"]],
    ["Jamestown's neighbour Ascension", -7.93, -14.41, ["AC"]],
    ["Tristan da Cunha", -37.07, -12.31, ["TA"]],
    ["Christmas Island", -10.45, 105.67, ["CX"]],
    ["Tokelau", -9.2, -171.85, ["TK"]],
    ["the South Pole", -90, 180, ["AQ"]],
    ["the Atlantic, of which the nearest shore counts", 30, -45, ["PT"]],
  ])("%s", (_, latitude, longitude, countries) => {
    expect(countriesAt(latitude, longitude)).toEqual(countries);
  });

  it.each([
    ["Basel", 47.56, 7.59, ["CH", "DE", "FR"]],
    ["Strasbourg", 48.58, 7.75, ["DE", "FR"]],
    ["El Paso", 31.76, -106.49, ["MX", "US"]],
    ["Detroit", 42.33, -83.05, ["CA", "US"]],
    ["Gibraltar", 36.14, -5.35, ["ES", "GI"]],
    ["Vatican City", 41.902, 12.453, ["IT", "VA"]],
    ["Monaco", 43.73, 7.42, ["FR", "IT", "MC"]],
    ["Singapore", 1.35, 103.82, ["ID", "MY", "SG"]],
    ["Hong Kong", 22.3, 114.17, ["CN", "HK"]],
    ["Nicosia, in its north", 35.19, 33.36, ["CY", "TR"]],
    ["Prishtina", 42.66, 21.16, ["RS", "XK"]],
    ["Taveuni, where the date changes", -16.8, -179.97, ["FJ"]],
  ])("%s is near all of its countries", (_, latitude, longitude, countries) => {
    expect(countriesAt(latitude, longitude)).toEqual(expect.arrayContaining(countries));
  });

  it("says something of every place on earth, and at both ends of it", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -90, max: 90, noNaN: true }),
        fc.double({ min: -180, max: 180, noNaN: true }),
        (lat, lon) => {
          const countries = countriesAt(lat, lon);
          return (
            countries.length > 0 &&
            countries.every((country) => /^[A-Z]{2}$/.test(country)) &&
            new Set(countries).size === countries.length
          );
        },
      ),
      { numRuns: 2000 },
    );
    expect(countriesAt(-16.8, 180)).toEqual(countriesAt(-16.8, -180));
  });

  it("knows every country that has emergency numbers", () => {
    const met = new Set<string>();
    for (let lat = -89.9; lat < 90; lat += 0.5)
      for (let lon = -179.9; lon < 180; lon += 0.5) for (const country of countriesAt(lat, lon)) met.add(country);
    expect(Object.keys(EMERGENCY_NUMBERS_BY_COUNTRY).filter((country) => !met.has(country))).toEqual([]);
  });

  it.each([
    [NaN, 0],
    [0, 180.1],
    [91, 0],
  ])("nothing of what is no place: %d, %d", (latitude, longitude) => {
    expect(countriesAt(latitude, longitude)).toEqual([]);
  });

  it("of a location: what it names, or what is around it", () => {
    expect(countriesOf(null)).toEqual([]);
    expect(countriesOf({ type: "civic", country: "NZ" })).toEqual(["NZ"]);
    expect(countriesOf({ type: "geodetic", latitude: 48.857, longitude: 2.352 })).toEqual(["FR"]);
  });

  it("of a location that may be far off: what is around all of it", () => {
    const near = { type: "geodetic", latitude: 47.8, longitude: 5.4 } as const;
    expect(countriesOf({ ...near, uncertaintyM: 1_000 })).toEqual(["FR"]);
    expect(countriesOf({ ...near, uncertaintyM: 100_000 })).toEqual(expect.arrayContaining(["FR", "CH"]));
    expect(countriesOf({ type: "geodetic", latitude: 89.9, longitude: 179, uncertaintyM: 100_000 }).length).toBeGreaterThan(0);
  });
});
