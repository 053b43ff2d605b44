import { describe, expect, it } from "vitest";
import { settingsOf } from "../../../domain/configuration/older.ts";
import type { Address } from "../../../domain/numbers/address.ts";
import { type EmergencySource, decideEmergency } from "../../../domain/routing/emergency.ts";
import { STATIC, STATIC_IDS, CALLER, route, routerWith, dialled, decided, urisOf, idsOf } from "./emergency-fixture.ts";
import { MAIN, NOW_MS, number, routerOf, short, trunk as trunkOf } from "./fixtures.ts";

describe("[EMG-6] a test", () => {
  const settings = settingsOf({ defaultTrunk: MAIN });
  const testsTo = (...testDestinations: readonly string[]) =>
    routerWith({
      settings: { ...settings, emergency: { ...settings.emergency, testNumbers: ["555"], testDestinations } },
      emergencyRoutes: [route("all", ["psap-1", "psap-2"])],
    });
  const testCall = (source: EmergencySource, text: string) =>
    decideEmergency(source, STATIC, dialled(text, ["555"]), {
      trunk: MAIN,
      from: number(CALLER),
      location: null,
      countries: [],
      nowMs: NOW_MS,
    });

  it.each(["555", "933", "urn:service:test.sos"])("%s goes where tests go, and near no answering point", (text) => {
    const plan = testCall(testsTo("psap-3"), text);
    expect(urisOf(plan)).toEqual(["sip:933@psap-3.example"]);
    expect(plan).toMatchObject({ decidedBy: "emergency", emergency: { service: "urn:service:sos", isTest: true } });
  });

  it("without such a place is dialled as the test number, never as one that answers", () => {
    const uris = ["sip:933@psap-1.example", "sip:desk@psap-2.example", "sip:933@198.51.100.1", "sip:933@198.51.100.2"];
    expect(urisOf(testCall(testsTo(), "urn:service:test.sos"))).toEqual(uris);
    expect(urisOf(testCall(testsTo("off"), "555"))).toEqual(uris);
    expect(urisOf(decided(null, "urn:service:test.sos.fire"))[0]).toBe("sip:933@198.51.100.1");
  });

  it("does not take an emergency there", () => {
    expect(idsOf(decided(testsTo("psap-3"), "112"))).toEqual(["psap-1", "psap-2", ...STATIC_IDS]);
  });
});

describe("[EMG-12] the answering point calls back", () => {
  const settings = settingsOf({ defaultTrunk: MAIN });
  const OWN = "+4930555001";
  const OFFICE = "+4930555000";
  const source = (ofTrunk: string | null, ofTenant: string | null) =>
    routerOf({
      settings: { ...settings, emergency: { ...settings.emergency, callbackNumber: ofTenant } },
      trunks: [trunkOf(MAIN, { emergency: { unauthenticated: "serve", callbackNumber: ofTrunk } })],
    });
  const sip = (user: string): Address => ({ kind: "sip", uri: `sip:${user}@pbx.example`, user, host: "pbx.example" });
  const shown = (from: Address, ...numbers: readonly [string | null, string | null]) => {
    const { caller, emergency } = decided(source(...numbers), "112", { from });
    return [emergency?.callback, caller];
  };
  const as = (callback: string) => [callback, { number: callback, isPrivate: false }];

  it("the caller's own number, which is shown as it is", () => {
    expect(shown(number(CALLER), OWN, OFFICE)).toEqual([CALLER, undefined]);
    expect(shown(sip("+493098765432"), OWN, OFFICE)).toEqual([CALLER, undefined]);
  });

  it.each<[string, Address]>([
    ["who withholds its number", { kind: "anonymous" }],
    ["an extension", short("117")],
    ["a name", sip("bob")],
    ["what looks like a number and is none", sip("+49")],
  ])("the trunk's number for %s, else the tenant's, and it is shown", (_, from) => {
    expect(shown(from, OWN, OFFICE)).toEqual(as(OWN));
    expect(shown(from, null, OFFICE)).toEqual(as(OFFICE));
    expect(shown(from, null, null)).toEqual([null, undefined]);
  });

  it("nobody, where nothing is known", () => {
    expect(decided(null, "112", { from: { kind: "anonymous" } }).emergency).toMatchObject({ callback: null });
  });
});

describe("[LEG-1] an emergency call on a trunk with a carrier", () => {
  const trunks = [trunkOf(MAIN, { carrier: "loopback", silence: { setupMs: 600_000, activeMs: null } })];
  const execution = { executor: "self", carrier: "loopback", silence: { setupMs: 600_000 } };

  it("is placed by Trunkline, by its route as by the static destinations", () => {
    const source = routerWith({ trunks, emergencyRoutes: [route("all", ["psap-1"])] });
    expect(decided(source, "112")).toMatchObject({ decidedBy: "emergency", ...execution });
    expect(decided(routerOf({ trunks, emergencyRoutes: [] }), "112")).toMatchObject({
      decidedBy: "static_emergency",
      ...execution,
    });
  });

  it("is placed by the peer that asks when no configuration can be had", () => {
    expect(decided(null, "112").executor).toBe("peer");
  });
});
