import { emergencyRouteOf } from "../../../domain/configuration/older.ts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { EmergencyRoute } from "../../../domain/configuration/model.ts";
import { classifyEmergency } from "../../../domain/numbers/emergency.ts";
import { decideEmergency } from "../../../domain/routing/emergency.ts";
import { EMERGENCY_REROUTE_CAUSES } from "../../../domain/routing/plan.ts";
import type { TrunkId } from "../../../domain/shared/ids.ts";
import { MAIN, VERSION, destination, routerOf, trunk as trunkOf } from "./fixtures.ts";

const STATIC = {
  destinations: [
    { id: "static-1", uri: "sip:{number}@198.51.100.1", ringTimeoutMs: 20_000 },
    { id: "static-2", uri: "sip:{number}@198.51.100.2", ringTimeoutMs: 20_000 },
  ],
  numberForUrn: "911",
};
const BRANCH = "branch" as TrunkId;
const DESTINATIONS = [
  destination("psap-1"),
  destination("psap-2", { target: { type: "sip", uri: "sip:desk@psap-2.example" }, rerouteCauses: ["unreachable"] }),
  destination("off", { enabled: false }),
  destination("sorry", { target: { type: "reject", sipCode: 486, reason: "Busy" } }),
  destination("control", { target: { type: "number", number: "+4930112112", via: "psap-1" } }),
];

const route = (id: string, destinations: readonly string[], changes: Partial<EmergencyRoute> = {}): EmergencyRoute =>
  emergencyRouteOf({
    id,
    trunk: null,
    service: null,
    destinations,
    numberForUrn: "112",
    ...changes,
  });
const sourceOf = (...emergencyRoutes: readonly EmergencyRoute[]) => routerOf({ destinations: DESTINATIONS, emergencyRoutes });
const dialled = (text: string) => {
  const call = classifyEmergency(text);
  if (call === null) throw new Error(`${text} is no emergency call`);
  return call;
};
const urisOf = ({ destinations }: { readonly destinations: readonly { readonly uri: string }[] }) =>
  destinations.map(({ uri }) => uri);

describe("[RTE-6] an emergency call", () => {
  it("goes to every destination of its route in order, goes on after any refusal, and has no bound and no trail", () => {
    const plan = decideEmergency(sourceOf(route("all", ["psap-1", "psap-2"])), STATIC, dialled("911"), MAIN);
    const common = { type: "sip", ringTimeoutMs: 20_000, rerouteCauses: EMERGENCY_REROUTE_CAUSES };
    expect(plan).toEqual({
      action: "route",
      executor: "peer",
      decidedBy: "emergency",
      ruleId: null,
      candidates: [],
      snapshotVersion: VERSION,
      destinations: [
        { id: "psap-1", uri: "sip:911@psap-1.example", ...common },
        { id: "psap-2", uri: "sip:desk@psap-2.example", ...common },
      ],
    });
  });

  it("may be dialled as another number through a gateway, which no bound on cost counts", () => {
    const [control] = decideEmergency(sourceOf(route("all", ["control"])), STATIC, dialled("112"), MAIN).destinations;
    expect(control).toMatchObject({ type: "number", uri: "sip:+4930112112@psap-1.example" });
    expect(control).not.toHaveProperty("chargeable");
  });

  it("by service URN is dialled as the number of its own route", () => {
    const source = sourceOf(
      route("all", ["psap-1"]),
      route("ambulance", ["psap-1"], { service: "urn:service:sos.ambulance", numberForUrn: "19222" }),
    );
    const uris = (text: string) => urisOf(decideEmergency(source, STATIC, dialled(text), MAIN));
    expect(uris("urn:service:sos.ambulance")).toEqual(["sip:19222@psap-1.example"]);
    expect(uris("urn:service:sos.police")).toEqual(["sip:112@psap-1.example"]);
    expect(uris("112")).toEqual(["sip:112@psap-1.example"]);
  });

  it("that is a test never dials the number that answers", () => {
    const source = sourceOf(route("all", ["psap-1", "psap-2"]));
    expect(urisOf(decideEmergency(source, STATIC, dialled("urn:service:test.sos"), MAIN))).toEqual([
      "sip:933@psap-1.example",
      "sip:desk@psap-2.example",
    ]);
    expect(urisOf(decideEmergency(null, STATIC, dialled("urn:service:test.sos.fire"), MAIN))[0]).toBe("sip:933@198.51.100.1");
  });

  it("takes the most specific route: trunk and service, trunk, service, neither", () => {
    const service = "urn:service:sos.fire";
    const routes = [
      route("neither", ["psap-1"], { numberForUrn: "4" }),
      route("service", ["psap-1"], { service, numberForUrn: "3" }),
      route("trunk", ["psap-1"], { trunk: BRANCH, numberForUrn: "2" }),
      route("both", ["psap-1"], { trunk: BRANCH, service, numberForUrn: "1" }),
    ];
    for (let left = routes.length; left > 0; left--) {
      const plan = decideEmergency(sourceOf(...routes.slice(0, left)), STATIC, dialled(service), BRANCH);
      expect(urisOf(plan)).toEqual([`sip:${5 - left}@psap-1.example`]);
    }
  });

  it("has somewhere to go, whatever is configured", () => {
    const ids = fc.subarray(["psap-1", "psap-2", "off", "sorry", "gone"]);
    const routes = fc.array(fc.tuple(ids, fc.constantFrom(null, MAIN, BRANCH), fc.constantFrom(null, "urn:service:sos.fire")), {
      maxLength: 4,
    });
    const numbers = fc.constantFrom("112", "911", "urn:service:sos", "urn:service:sos.fire", "urn:service:test.sos");
    fc.assert(
      fc.property(routes, numbers, fc.constantFrom(MAIN, BRANCH), (given, text, trunk) => {
        const source = sourceOf(
          ...given.map(([destinations, on, service], index) => route(`r${index}`, destinations, { trunk: on, service })),
        );
        const plan = decideEmergency(source, STATIC, dialled(text), trunk);
        expect(plan.action).toBe("route");
        expect(plan.destinations.length).toBeGreaterThan(0);
        expect(plan.snapshotVersion === null).toBe(plan.decidedBy === "static_emergency");
        for (const { id } of plan.destinations) expect(["off", "sorry", "gone"]).not.toContain(id);
      }),
    );
  });
});

describe("[RTE-7] without a configuration", () => {
  it("an emergency call takes the static destinations, all of them in order", () => {
    const plan = decideEmergency(null, STATIC, dialled("urn:service:sos"), MAIN);
    expect(plan).toMatchObject({ action: "route", decidedBy: "static_emergency", snapshotVersion: null });
    expect(urisOf(plan)).toEqual(["sip:911@198.51.100.1", "sip:911@198.51.100.2"]);
  });

  it.each([[[]], [["gone"]], [["off", "sorry"]]])("and likewise when the configuration leads nowhere (%j)", (destinations) => {
    const plan = decideEmergency(sourceOf(route("all", destinations)), STATIC, dialled("112"), MAIN);
    expect(plan.decidedBy).toBe("static_emergency");
    expect(plan.destinations.map(({ id }) => id)).toEqual(["static-1", "static-2"]);
  });
});

describe("[LEG-1] an emergency call on a trunk with a carrier", () => {
  const trunks = [trunkOf(MAIN, { carrier: "loopback", silence: { setupMs: 600_000, activeMs: null } })];
  const execution = { executor: "self", carrier: "loopback", silence: { setupMs: 600_000 } };

  it("is placed by Trunkline, by its route as by the static destinations", () => {
    const source = routerOf({ trunks, destinations: DESTINATIONS, emergencyRoutes: [route("all", ["psap-1"])] });
    expect(decideEmergency(source, STATIC, dialled("112"), MAIN)).toMatchObject({ decidedBy: "emergency", ...execution });
    const noRoutes = routerOf({ trunks, emergencyRoutes: [] });
    expect(decideEmergency(noRoutes, STATIC, dialled("112"), MAIN)).toMatchObject({
      decidedBy: "static_emergency",
      ...execution,
    });
  });

  it("is placed by the peer that asks when no configuration can be had", () => {
    expect(decideEmergency(null, STATIC, dialled("112"), MAIN).executor).toBe("peer");
  });
});
