import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Location } from "../../../domain/call/call.ts";
import { MAX_CIVIC_TEXT } from "../../../domain/location/civic-elements.ts";
import { MAX_PIDF_BYTES, pidfLo, readPidfLo } from "../../../domain/location/pidf-lo.ts";
import { readXml } from "../../../domain/location/xml.ts";

const NAMESPACES = `xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model"
  xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10" xmlns:gml="http://www.opengis.net/gml"
  xmlns:gs="http://www.opengis.net/pidflo/1.0" xmlns:ca="urn:ietf:params:xml:ns:pidf:geopriv10:civicAddr"`;
const document = (...info: readonly string[]) => `<?xml version="1.0" encoding="UTF-8"?>
<presence ${NAMESPACES} entity="pres:somebody@example.com">
  <dm:device id="one"><gp:geopriv><gp:location-info>${info.join("\n")}</gp:location-info><gp:usage-rules/>
    <gp:method>GPS</gp:method></gp:geopriv>
    <dm:deviceID>mac:1234567890ab</dm:deviceID><dm:timestamp>2026-06-22T20:57:29Z</dm:timestamp></dm:device>
</presence>`;
const WGS_84 = 'srsName="urn:ogc:def:crs:EPSG::4326"';
const WGS_84_3D = 'srsName="urn:ogc:def:crs:EPSG::4979"';
const metres = (name: string, value: string) => `<gs:${name} uom="urn:ogc:def:uom:EPSG::9001">${value}</gs:${name}>`;
const pos = (text: string) => `<gml:pos>${text}</gml:pos>`;
const point = `<gml:Point ${WGS_84}>${pos("-34.407 150.883")}</gml:Point>`;

describe("[EMG-10] a location by value", () => {
  it.each<[string, string, Location]>([
    ["a point", point, { type: "geodetic", latitude: -34.407, longitude: 150.883 }],
    [
      "a point with an altitude",
      `<gml:Point ${WGS_84_3D}>${pos("42.5463 -73.2512 26.3")}</gml:Point>`,
      { type: "geodetic", latitude: 42.5463, longitude: -73.2512, altitudeM: 26.3 },
    ],
    [
      "a circle",
      `<gs:Circle ${WGS_84}>${pos("42.5463 -73.2512")}${metres("radius", "850.24")}</gs:Circle>`,
      { type: "geodetic", latitude: 42.5463, longitude: -73.2512, uncertaintyM: 850.24 },
    ],
    [
      "a sphere",
      `<gs:Sphere ${WGS_84_3D}>${pos("42.5463 -73.2512 26.3")}${metres("radius", "850.24")}</gs:Sphere>`,
      { type: "geodetic", latitude: 42.5463, longitude: -73.2512, altitudeM: 26.3, uncertaintyM: 850.24 },
    ],
    [
      "an ellipse, as the circle round it",
      `<gs:Ellipse ${WGS_84}>${pos("42.5463 -73.2512")}${metres("semiMajorAxis", "1275")}${metres("semiMinorAxis", "670")}
        <gs:orientation uom="urn:ogc:def:uom:EPSG::9102">43.2</gs:orientation></gs:Ellipse>`,
      { type: "geodetic", latitude: 42.5463, longitude: -73.2512, uncertaintyM: 1_275 },
    ],
    [
      "an arc band, as the circle round it",
      `<gs:ArcBand ${WGS_84}>${pos("-43.5723 153.21760")}${metres("innerRadius", "3594")}${metres("outerRadius", "4148")}</gs:ArcBand>`,
      { type: "geodetic", latitude: -43.5723, longitude: 153.2176, uncertaintyM: 4_148 },
    ],
    [
      "a polygon, as the circle round it",
      `<gml:Polygon ${WGS_84}><gml:exterior><gml:LinearRing>
        ${["43.311 -73.422", "43.111 -73.322", "43.111 -73.222", "43.311 -73.122", "43.411 -73.222", "43.311 -73.422"].map(pos).join("")}
      </gml:LinearRing></gml:exterior></gml:Polygon>`,
      { type: "geodetic", latitude: 43.261, longitude: -73.272, uncertaintyM: 17_165 },
    ],
    [
      "a polygon as one list, across the antimeridian",
      `<gml:Polygon ${WGS_84}><gml:exterior><gml:LinearRing><gml:posList>-17 179 -17 -179 -18 -179 -18 179 -17 179</gml:posList>
      </gml:LinearRing></gml:exterior></gml:Polygon>`,
      { type: "geodetic", latitude: -17.5, longitude: 180, uncertaintyM: 100_000 },
    ],
    [
      "a prism",
      `<gs:Prism ${WGS_84_3D}><gs:base><gml:Polygon><gml:exterior><gml:LinearRing>
        <gml:posList>42.5 -73.2 36 42.6 -73.2 36 42.6 -73.1 36 42.5 -73.1 36 42.5 -73.2 36</gml:posList>
      </gml:LinearRing></gml:exterior></gml:Polygon></gs:base>${metres("height", "2.4")}</gs:Prism>`,
      { type: "geodetic", latitude: 42.55, longitude: -73.15, uncertaintyM: 6_907 },
    ],
    [
      "an address",
      `<ca:civicAddress xml:lang="en-AU"><ca:country>au</ca:country><ca:A1>NSW</ca:A1><ca:A3>  Wollongong
        </ca:A3><ca:A4>North Wollongong</ca:A4><ca:PRD>North</ca:PRD><ca:RD>Main</ca:RD><ca:STS>Street</ca:STS><ca:HNO>1</ca:HNO>
        <ca:HNS>a</ca:HNS><ca:NAM>Gilligan's &amp; Co</ca:NAM><ca:PC>2500</ca:PC><ca:FLR>2</ca:FLR><ca:ROOM>17</ca:ROOM><ca:BLD/></ca:civicAddress>`,
      {
        type: "civic",
        country: "AU",
        region: "NSW",
        city: "Wollongong",
        district: "North Wollongong",
        street: "North Main Street",
        houseNumber: "1 a",
        place: "Gilligan's & Co",
        postalCode: "2500",
        floor: "2",
        room: "17",
      },
    ],
    [
      "an address as older devices write it",
      "<civicAddress><country>US</country><A1>NY</A1><A3>New York</A3><A6>Broadway</A6><HNO>123</HNO></civicAddress>",
      { type: "civic", country: "US", region: "NY", city: "New York", street: "Broadway", houseNumber: "123" },
    ],
  ])("%s", (_, info, location) => {
    expect(readPidfLo(document(info))).toEqual(location);
  });

  it("of several the first that can be read counts", () => {
    const strange = `<gml:Point srsName="urn:ogc:def:crs:EPSG::27700">${pos("530000 180000")}</gml:Point>`;
    expect(readPidfLo(document(strange, point))).toMatchObject({ latitude: -34.407 });
    const inTuple = `<presence ${NAMESPACES}><tuple id="a"><status><gp:geopriv><gp:location-info>${point}</gp:location-info></gp:geopriv></status></tuple></presence>`;
    expect(readPidfLo(inTuple)).toMatchObject({ latitude: -34.407 });
  });

  it("of a device goes before that of a service, and both before that of a person, wherever they stand", () => {
    const info = (latitude: number) =>
      `<gp:geopriv><gp:location-info><gml:Point>${pos(`${latitude} 0`)}</gml:Point></gp:location-info></gp:geopriv>`;
    const device = `<dm:device id="d">${info(1)}</dm:device>`;
    const tuple = `<tuple id="t"><status>${info(2)}</status></tuple>`;
    const person = `<dm:person id="p">${info(3)}</dm:person>`;
    const latitudeOf = (...parts: readonly string[]) => {
      const location = readPidfLo(`<presence ${NAMESPACES}>${parts.join("")}</presence>`);
      return location?.type === "geodetic" ? location.latitude : null;
    };
    expect(latitudeOf(person, tuple, device)).toBe(1);
    expect(latitudeOf(person, tuple)).toBe(2);
    expect(latitudeOf(person)).toBe(3);
    expect(latitudeOf(person, tuple, '<dm:device id="d"/>')).toBe(2);
    expect(latitudeOf(`<tuple id="s"><status>${info(4)}</status></tuple>`, tuple)).toBe(4);
  });

  it("with names of any script round it", () => {
    const extended = document(point, '<é:größe xmlns:é="urn:x" 長さ="1"/>').replace("<gp:usage-rules/>", "<ñ>x</ñ>");
    expect(readPidfLo(extended)).toMatchObject({ latitude: -34.407 });
    expect(readPidfLo(document(point, "<·a/>"))).toBeNull();
    expect(readPidfLo(document(point, "<1a/>"))).toBeNull();
  });

  it("whatever prefix its elements have", () => {
    const other = document(point).replaceAll("gml:", "x:").replace("<presence xmlns=", "<q:presence xmlns:q=");
    expect(readPidfLo(other.replace("</presence>", "</q:presence>"))).toMatchObject({ latitude: -34.407 });
  });

  it.each([
    ["no XML", "here"],
    ["another document", `<note>${point}</note>`],
    ["a presence of something else", `<presence xmlns="urn:x"><location-info>${point}</location-info></presence>`],
    ["no location", document("")],
    ["coordinates that are none", document(`<gml:Point>${pos("north east")}</gml:Point>`)],
    ["one coordinate", document(`<gml:Point>${pos("52.5")}</gml:Point>`)],
    ["four", document(`<gml:Point>${pos("1 2 3 4")}</gml:Point>`)],
    ["a latitude beyond the pole", document(`<gml:Point>${pos("91 0")}</gml:Point>`)],
    ["hexadecimal", document(`<gml:Point>${pos("0x10 0x10")}</gml:Point>`)],
    ["a circle without radius", document(`<gs:Circle ${WGS_84}>${pos("1 2")}</gs:Circle>`)],
    [
      "a radius in feet",
      document(`<gs:Circle>${pos("1 2")}<gs:radius uom="urn:ogc:def:uom:EPSG::9002">3</gs:radius></gs:Circle>`),
    ],
    ["a negative radius", document(`<gs:Circle>${pos("1 2")}${metres("radius", "-3")}</gs:Circle>`)],
    ["an address without a country", document("<ca:civicAddress><ca:A3>Bonn</ca:A3></ca:civicAddress>")],
    ["an entity that grows", `<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>${document(point)}`],
    ["what breaks off", document(point).slice(0, -20)],
  ])("is none: %s", (_, text) => {
    expect(readPidfLo(text)).toBeNull();
  });

  it("of an address that never ends so much as is taken", () => {
    const text = document(`<ca:civicAddress><ca:country>DE</ca:country><ca:A3>${"x".repeat(1_000)}</ca:A3></ca:civicAddress>`);
    expect(readPidfLo(text)).toMatchObject({ city: "x".repeat(MAX_CIVIC_TEXT) });
  });
});

const TIMES = { atMs: Date.parse("2026-06-22T20:57:29Z"), untilMs: Date.parse("2026-06-23T08:57:29Z") };

const word = fc.string({ unit: "grapheme", minLength: 1, maxLength: 24 }).map((text) => text.replaceAll(/\s+/g, " ").trim());
const term = word.filter((text) => text !== "");
const locations: fc.Arbitrary<Location> = fc.oneof(
  fc.record(
    {
      type: fc.constant("geodetic" as const),
      latitude: fc.double({ min: -90, max: 90, noNaN: true }).map((value) => value + 0),
      longitude: fc.double({ min: -180, max: 180, noNaN: true }).map((value) => value + 0),
      uncertaintyM: fc.integer({ min: 1, max: 100_000 }),
      altitudeM: fc.integer({ min: -400, max: 9_000 }),
    },
    { requiredKeys: ["type", "latitude", "longitude"] },
  ),
  fc.record(
    {
      type: fc.constant("civic" as const),
      country: fc.constantFrom("DE", "US", "JP"),
      region: term,
      county: term,
      city: term,
      district: term,
      street: term,
      houseNumber: term,
      postalCode: term,
      place: term,
      building: term,
      unit: term,
      floor: term,
      room: term,
      details: term,
    },
    { requiredKeys: ["type", "country"] },
  ),
);

describe("[EMG-11] the document that a reference leads to", () => {
  it("says the location that the call had", () => {
    fc.assert(
      fc.property(locations, (location) => {
        const text = pidfLo(location, "pres:a@b.invalid", TIMES);
        expect(readPidfLo(text)).toEqual(location);
        expect(new TextEncoder().encode(text).length).toBeLessThan(MAX_PIDF_BYTES);
      }),
    );
  });

  it("is as the schemas want it: a device with its location, rules of use, id and time, in this order", () => {
    const text = pidfLo({ type: "civic", country: "DE", room: "17", city: 'A & "B"' }, "pres:<a>@b.invalid", TIMES);
    const root = readXml(text);
    expect(root?.attributes.get("entity")).toBe("pres:<a>@b.invalid");
    const [device] = root?.children ?? [];
    expect(device?.children.map(({ name }) => name)).toEqual(["gp:geopriv", "dm:deviceID", "dm:timestamp"]);
    const [info, rules] = device?.children[0]?.children ?? [];
    expect(info?.children[0]?.children.map(({ name, text: said }) => [name, said])).toEqual([
      ["ca:country", "DE"],
      ["ca:A3", 'A & "B"'],
      ["ca:ROOM", "17"],
    ]);
    expect(rules?.children.map(({ name, text: said }) => [name, said])).toEqual([
      ["gbp:retransmission-allowed", "true"],
      ["gbp:retention-expiry", "2026-06-23T08:57:29.000Z"],
    ]);
    expect(device?.children[2]?.text).toBe("2026-06-22T20:57:29.000Z");
  });

  it("declares every prefix that it uses", () => {
    const texts = [
      pidfLo({ type: "civic", country: "DE" }, "a", TIMES),
      pidfLo({ type: "geodetic", latitude: 1, longitude: 2, uncertaintyM: 3 }, "a", TIMES),
    ];
    for (const text of texts) {
      const used = [...text.matchAll(/<\/?(\w+):/g)].map(([, prefix]) => prefix);
      for (const prefix of new Set(used)) expect(text).toContain(` xmlns:${prefix}="`);
    }
  });
});
