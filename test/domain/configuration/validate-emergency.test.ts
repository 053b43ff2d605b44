import { describe, expect, it } from "vitest";
import { type File, SOUND, findingsIn, itemsOf, validate } from "./configurations.ts";

const CALLBACK = "+15551230000";
const settings = (emergency: File): File => ({
  settings: { defaultTrunk: "main", emergency: { callbackNumber: CALLBACK, ...emergency } },
});
const routes = (...more: readonly File[]): File => ({ emergencyRoutes: [{ id: "all", destinations: ["psap"] }, ...more] });
const trunks = (...all: readonly File[]): File => ({ trunks: all });
const ring = (...corners: readonly (readonly number[])[]): File => ({ type: "polygon", ring: corners });
const BERLIN = ring([13, 52], [14, 52], [14, 53], [13, 53]);
const off = { id: "off", enabled: false, target: { type: "sip", uri: "sip:off@off.example" } };
const withOff: File = { destinations: [...(SOUND["destinations"] as File[]), off] };
const detailsOf = (changes: File): readonly string[] =>
  validate(itemsOf({ ...SOUND, ...changes })).warnings.list.map(({ detail }) => detail);

describe("[CFG-14] [EMG-9] what refuses a publication", () => {
  it.each<[string, File, string]>([
    [
      "a last resort that is not there",
      settings({ lastResort: ["gone"] }),
      "dangling_reference settings/emergency/lastResort/0",
    ],
    [
      "a place for tests that is not there",
      settings({ testDestinations: ["psap", "gone"] }),
      "dangling_reference settings/emergency/testDestinations/1",
    ],
    [
      "places for tests none of which takes calls: tests would come to the answering points",
      { ...withOff, ...settings({ testDestinations: ["off"] }) },
      "leads_nowhere settings/emergency/testDestinations",
    ],
    [
      "a route's calendar",
      routes({ id: "x", calendar: { id: "gone", is: "open" }, destinations: ["psap"] }),
      "dangling_reference emergency-routes/x/calendar/id",
    ],
    [
      "a ring with nothing inside",
      routes({ id: "x", area: ring([13, 52], [14, 53], [15, 54]), destinations: ["psap"] }),
      "bad_area emergency-routes/x/area/ring",
    ],
    [
      "a ring round the world, which has nothing inside either",
      routes({ id: "x", area: ring([-180, -90], [180, -90], [180, 90], [-180, 90]), destinations: ["psap"] }),
      "bad_area emergency-routes/x/area/ring",
    ],
    [
      "a ring round a pole",
      routes({ id: "x", area: ring([0, 70], [90, 70], [180, 70], [-90, 70]), destinations: ["psap"] }),
      "bad_area emergency-routes/x/area/ring",
    ],
  ])("%s", (_, changes, expected) => {
    expect(findingsIn(changes).problems).toEqual([expected]);
  });
});

describe("[CFG-14] [EMG-9] what deserves a second look", () => {
  it.each<[string, File, string]>([
    [
      "a last resort that takes no calls",
      { ...withOff, ...settings({ lastResort: ["off"] }) },
      "leads_nowhere settings/emergency/lastResort",
    ],
    [
      "an edge that goes round the other way",
      routes({ id: "x", area: ring([-100, 0], [100, 0], [100, 10], [-100, 10]), destinations: ["psap"] }),
      "wide_edge emergency-routes/x/area/ring",
    ],
    [
      "two routes for the same calls",
      routes(
        { id: "x", countries: ["DE", "AT"], area: BERLIN, destinations: ["psap"] },
        { id: "y", countries: ["AT", "DE"], area: BERLIN, destinations: ["psap"] },
      ),
      "same_scope emergency-routes/y",
    ],
    [
      "routes for some places only",
      { emergencyRoutes: [{ id: "x", countries: ["US"], destinations: ["psap"] }] },
      "no_general_emergency_route emergency-routes",
    ],
  ])("%s", (_, changes, expected) => {
    expect(findingsIn(changes)).toEqual({ problems: [], warnings: [expected] });
  });

  it("routes that differ in anything are for different calls", () => {
    const calendars = [{ id: "day", name: "Day", timeZone: "UTC", weekly: [{ days: ["mon"], from: "08:00", to: "16:00" }] }];
    const different = routes(
      { id: "b", trunk: "main", destinations: ["psap"] },
      { id: "c", service: "urn:service:sos.fire", destinations: ["psap"] },
      { id: "d", countries: ["US"], destinations: ["psap"] },
      { id: "e", area: BERLIN, destinations: ["psap"] },
      { id: "f", calendar: { id: "day", is: "open" }, destinations: ["psap"] },
      { id: "g", calendar: { id: "day", is: "closed" }, destinations: ["psap"] },
    );
    expect(findingsIn({ calendars, ...different })).toEqual({ problems: [], warnings: [] });
  });

  it("what the settings and routes name is used", () => {
    const extra = { id: "extra", target: { type: "sip", uri: "sip:extra@extra.example" } };
    const more: File = { destinations: [...(SOUND["destinations"] as File[]), extra] };
    expect(findingsIn(more).warnings).toEqual(["unused destinations/extra"]);
    expect(findingsIn({ ...more, ...settings({ lastResort: ["extra"] }) }).warnings).toEqual([]);
    expect(findingsIn({ ...more, ...settings({ testDestinations: ["extra"] }) }).warnings).toEqual([]);
  });
});

describe("[EMG-12] who could not be called back", () => {
  const NOBODY = settings({ callbackNumber: null });

  it("is told, once for all trunks", () => {
    expect(findingsIn(NOBODY)).toEqual({
      problems: [],
      warnings: ["no_callback_number settings/emergency/callbackNumber"],
    });
    const three = trunks(...["main", "b", "c"].map((id) => ({ id, dialProfile: { country: "US" } })));
    expect(detailsOf({ ...NOBODY, ...three })[0]).toMatch(/on trunk "b" and 2 more$/);
  });

  it("is nobody where the tenant, or each trunk, has a number, or a carrier's callers have their own", () => {
    const own = { id: "main", dialProfile: { country: "US" }, emergency: { callbackNumber: CALLBACK } };
    const carrier = { id: "carrier", kind: "carrier", dialProfile: { country: "US" } };
    expect(findingsIn(settings({})).warnings).toEqual([]);
    expect(findingsIn({ ...NOBODY, ...trunks(own, carrier) }).warnings).toEqual([]);
  });
});

describe("[EMG-7] desks whose numbers are also for emergencies", () => {
  const profile = (changes: File): File => trunks({ id: "main", dialProfile: { country: "DE", ...changes } });
  const BEHIND_0 = { outsidePrefix: "0" };

  it("are told where they stand", () => {
    expect(findingsIn(profile({ ...BEHIND_0, extensions: ["112", "117"] })).warnings).toEqual([
      "shadows_emergency_number trunks/main/dialProfile/extensions/0",
    ]);
    expect(detailsOf(profile({ ...BEHIND_0, extensions: ["112"] }))).toEqual([
      "112 reaches a desk here; only 0112 is an emergency call",
    ]);
  });

  it.each([{ extensions: ["112"] }, { extensions: ["200"] }])(
    "refuse a publication where nothing can be dialled before an emergency number: %o",
    (changes) => {
      expect(findingsIn(profile(changes))).toEqual({
        problems: ["extensions_without_prefix trunks/main/dialProfile/extensions"],
        warnings: [],
      });
    },
  );

  it("are told where extensions are as long as emergency numbers", () => {
    expect(findingsIn(profile({ extensionLength: { min: 3, max: 4 } })).warnings).toEqual([
      "overlaps_emergency_numbers trunks/main/dialProfile/extensionLength",
    ]);
    expect(findingsIn(profile({ extensionLength: { min: 4, max: 5 } })).warnings).toEqual([]);
  });
});
