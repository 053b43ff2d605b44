import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { EmergencyRoute } from "../../../domain/configuration/model.ts";
import { settingsOf } from "../../../domain/configuration/older.ts";
import { MAX_EMERGENCY_DESTINATIONS, decideEmergency } from "../../../domain/routing/emergency.ts";
import { EMERGENCY_REROUTE_CAUSES, type Plan } from "../../../domain/routing/plan.ts";
import {
  STATIC,
  STATIC_IDS,
  BRANCH,
  CALLER,
  route,
  routerWith,
  sourceOf,
  dialled,
  decided,
  urisOf,
  idsOf,
  ownIds,
} from "./emergency-fixture.ts";
import { MAIN, NOW_MS, VERSION, destination, number, routerOf, trunk as trunkOf } from "./fixtures.ts";

describe("[RTE-6] an emergency call", () => {
  it("goes to every destination of its route in order, goes on after any refusal, and has no bound and no trail", () => {
    const plan = decided(sourceOf(route("all", ["psap-1", "psap-2"])), "911");
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
        { id: "static-1", uri: "sip:911@198.51.100.1", ...common },
        { id: "static-2", uri: "sip:911@198.51.100.2", ...common },
      ],
      emergency: { service: "urn:service:sos", isTest: false, callback: CALLER, dialled: "911" },
    });
  });

  it("may be dialled as another number through a gateway, which no bound on cost counts", () => {
    const [control] = decided(sourceOf(route("all", ["control"])), "112").destinations;
    expect(control).toMatchObject({ type: "number", uri: "sip:+4930112112@psap-1.example" });
    expect(control).not.toHaveProperty("chargeable");
  });

  it("by service URN is dialled as the number of the route that leads there", () => {
    const source = sourceOf(
      route("all", ["psap-3"]),
      route("ambulance", ["psap-1"], { service: "urn:service:sos.ambulance", numberForUrn: "19222" }),
    );
    const uris = (text: string) => urisOf(decided(source, text)).slice(0, -STATIC_IDS.length);
    expect(uris("urn:service:sos.ambulance")).toEqual(["sip:19222@psap-1.example", "sip:112@psap-3.example"]);
    expect(uris("urn:service:sos.police")).toEqual(["sip:112@psap-3.example"]);
    expect(uris("112")).toEqual(["sip:112@psap-3.example"]);
  });
});

describe("[RTE-7] without a configuration", () => {
  it("an emergency call takes the static destinations, all of them in order", () => {
    const plan = decided(null, "urn:service:sos");
    expect(plan).toMatchObject({ action: "route", decidedBy: "static_emergency", snapshotVersion: null });
    expect(urisOf(plan)).toEqual(["sip:911@198.51.100.1", "sip:911@198.51.100.2"]);
  });

  it.each([[[]], [["gone"]], [["off", "sorry"]]])("and likewise when the configuration leads nowhere (%j)", (destinations) => {
    const plan = decided(sourceOf(route("all", destinations)), "112");
    expect(plan.decidedBy).toBe("static_emergency");
    expect(idsOf(plan)).toEqual(STATIC_IDS);
  });
});

const BERLIN = { type: "geodetic", latitude: 52.52, longitude: 13.4 } as const;
const square = (size: number): EmergencyRoute["area"] => ({
  type: "polygon",
  ring: [
    [13.4 - size, 52.52 - size],
    [13.4 + size, 52.52 - size],
    [13.4 + size, 52.52 + size],
    [13.4 - size, 52.52 + size],
  ],
});
const ALWAYS = {
  id: "always",
  name: "always",
  timeZone: "UTC",
  weekly: [{ days: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], from: "00:00", to: "24:00" }],
  holidays: [],
} as const;
const FIRE = "urn:service:sos.fire";

/** From the most specific to the least: each says one thing less, or something wider. */
const STEPS: readonly (readonly [string, Partial<EmergencyRoute>])[] = [
  ["the trunk", { trunk: BRANCH }],
  ["a small area", { area: square(0.1) }],
  ["a larger area", { area: square(1) }],
  ["the country", { countries: ["DE"] }],
  ["the service", { service: FIRE }],
  ["the time", { calendar: { id: "always", is: "open" } }],
  ["nothing at all", {}],
];

describe("[EMG-9] of all routes that match", () => {
  const all = STEPS.map(([, changes], step) => route(`r${9 - step}`, [`d${step}`], changes));
  const router = (routes: readonly EmergencyRoute[]) =>
    routerOf({
      destinations: STEPS.map((_, step) => destination(`d${step}`)),
      trunks: [trunkOf(BRANCH)],
      calendars: [ALWAYS],
      emergencyRoutes: routes,
    });

  it.each(STEPS.slice(0, -1).map(([name], step) => [name, STEPS[step + 1]![0], step] as const))(
    "one for %s goes before one for %s",
    (_, __, step) => {
      const two = [all[step + 1]!, all[step]!];
      const plan = decided(router(two), FIRE, { trunk: BRANCH, location: BERLIN, countries: ["DE"] });
      expect(ownIds(plan)).toEqual([`d${step}`, `d${step + 1}`]);
    },
  );

  it("all are tried, and at last the static ones", () => {
    const about = { trunk: BRANCH, location: BERLIN, countries: ["DE"] };
    expect(idsOf(decided(router(all.toReversed()), FIRE, about))).toEqual([
      ...STEPS.map((_, step) => `d${step}`),
      ...STATIC_IDS,
    ]);
  });

  it("what is said first weighs more than all that is said after it", () => {
    const rest = { area: square(0.1), countries: ["DE"], service: FIRE, calendar: all[5]!.calendar };
    const source = router([route("a", ["d1"], rest), all[0]!]);
    expect(ownIds(decided(source, FIRE, { trunk: BRANCH, location: BERLIN, countries: ["DE"] }))).toEqual(["d0", "d1"]);
  });

  it("a sub-service goes before its parent, and equal ones by id", () => {
    const source = sourceOf(
      route("b", ["psap-2"]),
      route("a", ["psap-1"]),
      route("c", ["psap-3"], { service: FIRE }),
      route("d", ["control"], { service: `${FIRE}.wild` }),
    );
    const plan = decideEmergency(
      source,
      STATIC,
      { ...dialled(FIRE), service: `${FIRE}.wild` },
      {
        trunk: MAIN,
        from: number(CALLER),
        location: null,
        countries: [],
        nowMs: NOW_MS,
      },
    );
    expect(ownIds(plan)).toEqual(["control", "psap-3", "psap-1", "psap-2"]);
  });

  it("none is taken that is for another trunk, service, country, area or time", () => {
    const others: readonly Partial<EmergencyRoute>[] = [
      { trunk: BRANCH },
      { service: "urn:service:sos.police" },
      { countries: ["FR", "IT"] },
      { area: square(0.1) },
      { calendar: { id: "always", is: "closed" } },
    ];
    for (const changes of others) {
      const source = routerWith({ calendars: [ALWAYS], emergencyRoutes: [route("x", ["psap-1"], changes)] });
      const elsewhere = { ...BERLIN, latitude: 50 };
      const plan = decided(source, FIRE, { location: elsewhere, countries: ["DE"] });
      expect([changes, idsOf(plan)]).toEqual([changes, STATIC_IDS]);
    }
  });

  it("who says nothing of where it is is in its trunk's country, and in no area", () => {
    const source = routerWith({
      emergencyRoutes: [route("de", ["psap-1"], { countries: ["DE"] }), route("here", ["psap-2"], { area: square(90) })],
    });
    expect(ownIds(decided(source, "112"))).toEqual(["psap-1"]);
    expect(ownIds(decided(source, "112", { countries: ["AT", "CH"] }))).toEqual([]);
  });

  it("a calendar that is not there keeps nobody from help", () => {
    const missing = { calendar: { id: "gone", is: "open" } } as const;
    expect(ownIds(decided(sourceOf(route("x", ["psap-1"], missing)), "112"))).toEqual(["psap-1"]);
  });

  it("destinations of a parallel route ring together, those of others after one another", () => {
    const source = sourceOf(
      route("a", ["psap-1"], { service: FIRE }),
      route("b", ["psap-1", "psap-2", "off", "psap-3"], { parallel: true }),
    );
    const together = ({ destinations }: Plan) => destinations.map(({ id, together: rings = false }) => [id, rings]);
    expect(together(decided(source, "112")).slice(0, 3)).toEqual([
      ["psap-1", false],
      ["psap-2", true],
      ["psap-3", true],
    ]);
    expect(together(decided(source, FIRE)).slice(0, 3)).toEqual([
      ["psap-1", false],
      ["psap-2", false],
      ["psap-3", true],
    ]);
  });

  it("then the last resort, which is the tenant's own", () => {
    const settings = (lastResort: readonly string[]) =>
      settingsOf({ defaultTrunk: MAIN, emergency: { ...settingsOf({ defaultTrunk: MAIN }).emergency, lastResort } });
    const both = routerWith({ settings: settings(["psap-1", "psap-3"]), emergencyRoutes: [route("all", ["psap-1"])] });
    expect(idsOf(decided(both, "112"))).toEqual(["psap-1", "psap-3", ...STATIC_IDS]);
    const alone = decided(routerWith({ settings: settings(["psap-3"]) }), "urn:service:sos");
    expect(alone).toMatchObject({ decidedBy: "emergency", snapshotVersion: VERSION });
    expect(urisOf(alone)[0]).toBe("sip:911@psap-3.example");
  });

  it("a static destination that the tenant has too is not tried twice", () => {
    const same = destination("same", { target: { type: "sip", uri: "sip:{number}@198.51.100.1" } });
    const source = routerOf({ destinations: [same], emergencyRoutes: [route("all", ["same"])] });
    expect(idsOf(decided(source, "112"))).toEqual(["same", "static-2"]);
  });

  it("so many are tried as can be, the static ones among them", () => {
    const many = Array.from({ length: 40 }, (_, n) => destination(`d${n}`));
    const routes = [
      route(
        "a",
        many.map(({ id }) => id),
      ),
      route("b", ["d39"]),
    ];
    const ids = idsOf(decided(routerOf({ destinations: many, emergencyRoutes: routes }), "112"));
    expect(ids).toHaveLength(MAX_EMERGENCY_DESTINATIONS);
    expect(ids.slice(-2)).toEqual(STATIC_IDS);
    expect(ids[0]).toBe("d0");
  });

  it("whatever is configured: somewhere to go, nowhere twice, the static ones last", () => {
    const ids = fc.subarray(["psap-1", "psap-2", "psap-3", "off", "sorry", "gone"]);
    const given = fc.record({
      destinations: ids,
      trunk: fc.constantFrom(null, MAIN, BRANCH),
      service: fc.constantFrom(null, FIRE),
      countries: fc.subarray(["DE", "FR"]),
      area: fc.constantFrom(null, square(0.1), square(5)),
      calendar: fc.constantFrom(null, { id: "always", is: "closed" } as const, { id: "gone", is: "open" } as const),
      parallel: fc.boolean(),
    });
    const texts = fc.constantFrom("112", "911", "urn:service:sos", FIRE, "urn:service:test.sos");
    const about = fc.record({
      trunk: fc.constantFrom(MAIN, BRANCH),
      location: fc.constantFrom(null, BERLIN, { type: "civic", country: "DE" } as const),
      countries: fc.subarray(["DE", "FR"]),
    });
    fc.assert(
      fc.property(fc.array(given, { maxLength: 5 }), ids, texts, about, (routes, lastResort, text, known) => {
        const settings = settingsOf({ defaultTrunk: MAIN });
        const source = routerWith({
          calendars: [ALWAYS],
          settings: { ...settings, emergency: { ...settings.emergency, lastResort } },
          emergencyRoutes: routes.map(({ destinations, ...changes }, n) => route(`r${n}`, destinations, changes)),
        });
        const plan = decided(source, text, known);
        const tried = idsOf(plan);
        expect(tried.slice(-2)).toEqual(STATIC_IDS);
        expect(new Set(tried).size).toBe(tried.length);
        for (const id of ["off", "sorry", "gone"]) expect(tried).not.toContain(id);
        for (const id of lastResort.filter((one) => one.startsWith("psap"))) expect(tried).toContain(id);
        expect(plan.snapshotVersion === null).toBe(plan.decidedBy === "static_emergency");
        expect(plan.decidedBy === "static_emergency").toBe(tried.length === 2);
        expect(plan.destinations[0]).not.toHaveProperty("together");
      }),
    );
  });
});
