import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { numberOfUri } from "../../../adapters/carriers/kamailio/number.ts";
import {
  callBody,
  parseKamailioEvent,
  parseRouteRequest,
  readEmergencyRequest,
} from "../../../adapters/carriers/kamailio/wire.ts";
import { classifyEmergency } from "../../../domain/numbers/emergency.ts";

const NOW_MS = Date.parse("2026-03-01T12:00:00.000Z");
const REQUEST = {
  callId: "a84b4c76e66710@pc33.example",
  from: "sip:+15551230001@pbx.example",
  to: "sip:+15551230002@pbx.example",
  ruri: "sip:+15551230003@pbx.example",
  srcIp: "192.0.2.1",
};

describe("[KAM-5] the number in a proxy's URI", () => {
  it.each([
    ["sip:+15551230001@host", "+15551230001"],
    ["sips:+15551230001@host:5061;transport=tls", "+15551230001"],
    ["SIP:911@host", "911"],
    ["sip:0049-30-123456@host", "0049-30-123456"],
    ["sip:(555)123.0001@host", "(555)123.0001"],
    ["sip:100:secret@host", "100"],
  ])("%s is %s", (uri, number) => {
    expect(numberOfUri(uri)).toBe(number);
  });

  it.each([
    "sip:bob@example.com",
    "sip:1800flowers@example.com",
    "sip:10.0.0.1",
    "sip:10.0.0.1:5060",
    "tel:+15551230001",
    "urn:service:sos",
    "anonymous",
    "",
    `sip:${"1".repeat(40)}@host`,
  ])("%j is left as it stands", (uri) => {
    expect(numberOfUri(uri)).toBe(uri);
  });

  it("never hides an emergency call, and never makes one", () => {
    const user = fc.oneof(
      fc.constantFrom("112", "911", "999", "933", "1-1-2", "9112", "+112", "112:pw", "112;ext=1", "bob"),
      fc.string({ unit: fc.constantFrom(..."0129+-.():;=@%a"), maxLength: 8 }),
    );
    const uri = fc
      .tuple(fc.constantFrom("sip:", "sips:", "SIP:"), user, fc.constantFrom("@host", "@10.0.0.1:5060;lr"))
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(uri, (raw) => {
        expect(classifyEmergency(numberOfUri(raw))).toEqual(classifyEmergency(raw));
      }),
      { numRuns: 3_000 },
    );
  });
});

describe("[KAM-6] a route request", () => {
  it("is a call from its From to its Request-URI, whatever the To header shows", () => {
    const parsed = parseRouteRequest(REQUEST);
    expect(parsed.ok && callBody(parsed.value)).toEqual({
      from: "+15551230001",
      to: "+15551230003",
      channel: "pbx",
      callId: REQUEST.callId,
    });
  });

  it("is told everything that is wrong with it at once", () => {
    const parsed = parseRouteRequest({ callId: "a b", from: 1, srcIp: "x".repeat(65) });
    expect(parsed.ok ? [] : parsed.error.map(({ pointer }) => pointer).sort()).toEqual(["/callId", "/from", "/ruri", "/srcIp"]);
  });

  it("may bring fields that nobody knows, and leave out what is optional", () => {
    const { to: _to, srcIp: _srcIp, ...needed } = REQUEST;
    expect(parseRouteRequest({ ...needed, userAgent: "x" }).ok).toBe(true);
  });
});

describe("[KAM-7] a route request for an emergency call", () => {
  it("is read as far as it can be: only where to has to be there", () => {
    expect(readEmergencyRequest({ ruri: "sip:911@pbx.example", callId: 5, from: null, trunk: {}, srcIp: [] })).toEqual({
      dialled: "911",
      callId: null,
      hints: { requested: undefined, source: undefined },
      body: { from: "anonymous", to: "911", channel: "pbx" },
      geolocation: null,
    });
    expect(readEmergencyRequest({ to: "sip:112@pbx.example" })).toMatchObject({ dialled: "112" });
    expect(readEmergencyRequest({ from: "sip:bob@pbx.example" })).toBeNull();
    expect(readEmergencyRequest({ ...REQUEST, trunk: "main" })).toMatchObject({
      callId: REQUEST.callId,
      hints: { requested: "main", source: "192.0.2.1" },
    });
  });
});

const PIDF = `<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10"
  xmlns:gml="http://www.opengis.net/gml" entity="pres:bob@pbx.example"><tuple id="a"><status><gp:geopriv><gp:location-info>
  <gml:Point srsName="urn:ogc:def:crs:EPSG::4326"><gml:pos>52.52 13.405</gml:pos></gml:Point>
  </gp:location-info><gp:usage-rules/></gp:geopriv></status></tuple></presence>`;

describe("[KAM-18] what comes with a call beside who and where to", () => {
  const parsed = (besides: Record<string, unknown>) => {
    const request = parseRouteRequest({ ...REQUEST, ...besides });
    if (!request.ok) throw new Error("was refused");
    return callBody(request.value);
  };

  it("[KAM-18] becomes part of the call: location, callback and the privacy that was asked for", () => {
    expect(parsed({ location: PIDF, callback: true, privacy: "id;critical" })).toEqual({
      from: "+15551230001",
      to: "+15551230003",
      channel: "pbx",
      callId: REQUEST.callId,
      location: PIDF,
      callback: true,
      metadata: { privacy: "id;critical" },
    });
  });

  it.each([
    { location: "<presence/>" },
    { location: PIDF.padEnd(20_000) },
    { location: 7 },
    { callback: "yes" },
    { callback: false },
    { privacy: "id\r\nX: y" },
    { privacy: {} },
    { geolocation: null },
  ])("[KAM-18] costs an ordinary call nothing where it cannot be read: %j", (besides) => {
    expect(parsed(besides)).toEqual(parsed({}));
  });

  it("[KAM-18] goes with an emergency call as it came, for the reader of the call to note what cannot be read", () => {
    const read = readEmergencyRequest({ ...REQUEST, location: "<presence/>", privacy: 3, callback: "x" });
    expect(read?.body).toEqual({
      from: "+15551230001",
      to: "+15551230003",
      channel: "pbx",
      callId: REQUEST.callId,
      location: "<presence/>",
    });
    expect(readEmergencyRequest({ ...REQUEST, location: 5 })?.body).not.toHaveProperty("location");
  });

  it.each([
    "https://lis.example:8443/held/4f1c?x=1&y=%20;z",
    "http://[2001:db8::1]/a",
    "sips:loc-4f1c@lis.example;transport=tcp",
    "pres:bob@example.com",
  ])("[KAM-18] a location by reference is passed on as it came: %s", (geolocation) => {
    expect(readEmergencyRequest({ ...REQUEST, geolocation })?.geolocation).toBe(geolocation);
  });

  it.each([
    "https://lis.example/\r\nX-Evil: 1",
    "https://lis.example/a b",
    "https://lis.example/>,<cid:a",
    'https://lis.example/"',
    "cid:target123@pbx.example",
    "javascript:alert(1)",
    `https://lis.example/${"x".repeat(1_024)}`,
    "",
    4,
  ])("[KAM-18] and is none where it could be anything else: %j", (geolocation) => {
    expect(readEmergencyRequest({ ...REQUEST, geolocation })?.geolocation).toBeNull();
  });

  it("[EMG-12] [KAM-18] a caller who hides in From is known by what the network asserts, on an emergency call alone", () => {
    const hidden = { ...REQUEST, from: "sip:anonymous@anonymous.invalid", assertedIdentity: "sip:+15551230009@pbx.example" };
    expect(readEmergencyRequest(hidden)?.body["from"]).toBe("+15551230009");
    expect(readEmergencyRequest({ ...hidden, assertedIdentity: "tel:+15551230008" })?.body["from"]).toBe("tel:+15551230008");
    expect(readEmergencyRequest({ ...hidden, from: REQUEST.from })?.body["from"]).toBe("+15551230001");
    expect(readEmergencyRequest({ ...hidden, assertedIdentity: "sip:bob@pbx.example" })?.body["from"]).toBe(hidden.from);
    const request = parseRouteRequest(hidden);
    expect(request.ok && callBody(request.value)["from"]).toBe(hidden.from);
  });
});

describe("[KAM-8] an event", () => {
  const EVENT = {
    id: "e-1",
    type: "call.failover",
    callId: REQUEST.callId,
    ts: 1_772_366_390,
    sipCode: 503,
    q850: 38,
    routeIndex: 0,
  };

  it("is a report by its Call-ID, with the time by the proxy's clock", () => {
    expect(parseKamailioEvent(EVENT, NOW_MS)).toEqual({
      ok: true,
      value: {
        callId: REQUEST.callId,
        lane: null,
        report: {
          type: "failover",
          atMs: 1_772_366_390_000,
          sipCode: 503,
          q850: 38,
          routeIndex: 0,
          reportId: "e-1",
          contact: null,
          reason: null,
        },
      },
    });
    expect(parseKamailioEvent({ ...EVENT, lane: "emergency" }, NOW_MS)).toMatchObject({ value: { lane: "emergency" } });
  });

  it.each([
    [{ callId: undefined }, "/callId", "missing"],
    [{ callId: "" }, "/callId", "too_small"],
    [{ callId: "a\r\nb" }, "/callId", "bad_format"],
    [{ callId: "a".repeat(257) }, "/callId", "too_large"],
    [{ ts: "noon" }, "/ts", "not_allowed"],
    [{ lane: "fast" }, "/lane", "not_allowed"],
    [{ type: "call.held" }, "/type", "not_allowed"],
    [{ sipCode: 99 }, "/sipCode", "too_small"],
  ])("with %j is refused at %s", (changes, pointer, code) => {
    const parsed = parseKamailioEvent({ ...EVENT, ...changes }, NOW_MS);
    expect(parsed.ok ? [] : parsed.error).toContainEqual(expect.objectContaining({ pointer, code }));
    expect(new Set(parsed.ok ? [] : parsed.error.map((error) => error.pointer))).toEqual(new Set([pointer]));
  });
});
