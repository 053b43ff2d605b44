/** What can be said of how emergency calls go: of routes while they pass by, of what the settings name at the end. */
import { goesRoundPole, hasWideEdge, isFlat, prepareRing } from "../location/polygon.ts";
import { emergencyNumber } from "../numbers/emergency-number.ts";
import { UNIVERSAL_NUMBERS, nationalNumbers } from "../numbers/emergency-numbers.ts";
import { type FindingList, pointerOf } from "./findings.ts";
import type { Destination, EmergencyArea, EmergencyRoute, EmergencySettings, Settings, Trunk } from "./model.ts";
import type { References } from "./references.ts";
import { checkTestNumbers, mustBeDialledDirectly } from "./validate-emergency-numbers.ts";

const ROUTES = "emergency-routes";
/** Emergency numbers that are named in a warning. */
const MAX_NAMED_NUMBERS = 3;

export type EmergencyContext = {
  readonly problems: FindingList;
  readonly warnings: FindingList;
  readonly references: References;
  readonly trunks: ReadonlyMap<string, Trunk>;
  readonly destinations: ReadonlyMap<string, Destination>;
};

export function takesCalls({ enabled, target }: Destination): boolean {
  return enabled && target.type !== "reject";
}

/** Calls for which a route is; routes with the same are for the same calls. */
function scopeOf({ trunk, service, countries, area, calendar }: EmergencyRoute): string {
  return JSON.stringify([trunk, service, countries.toSorted(), area, calendar]);
}

export class EmergencyFindings {
  readonly #context: EmergencyContext;
  /** Scope → the first route that has it. */
  readonly #scopes = new Map<string, string>();
  #hasGeneralRoute = false;

  constructor(context: EmergencyContext) {
    this.#context = context;
  }

  /** Routes come after everything that they name. */
  addRoute(route: EmergencyRoute): void {
    const { references } = this.#context;
    const { id, trunk, service, countries, area, calendar, destinations } = route;
    if (trunk === null && service === null && countries.length === 0 && area === null && calendar === null)
      this.#hasGeneralRoute = true;
    if (trunk !== null) references.use("trunks", trunk, () => pointerOf(ROUTES, id, "trunk"));
    if (calendar !== null) references.use("calendars", calendar.id, () => pointerOf(ROUTES, id, "calendar", "id"));
    if (area !== null) this.#checkArea(id, area);
    this.#checkScope(route);
    references.useAll("destinations", destinations, ROUTES, id, "destinations");
    if (this.#leadNowhere(destinations)) {
      const pointer = pointerOf(ROUTES, id, "destinations");
      this.#context.problems.add(pointer, "leads_nowhere", "no destination is there that is switched on and takes calls");
    }
  }

  /** Whether all of them are there and none can be used. */
  #leadNowhere(ids: readonly string[]): boolean {
    const known = ids.flatMap((id) => this.#context.destinations.get(id) ?? []);
    return ids.length > 0 && known.length === ids.length && !known.some(takesCalls);
  }

  #checkScope(route: EmergencyRoute): void {
    const scope = scopeOf(route);
    const first = this.#scopes.get(scope);
    if (first === undefined) this.#scopes.set(scope, route.id);
    else {
      const detail = `route "${first}" is for the same calls: its destinations are always tried before`;
      this.#context.warnings.add(pointerOf(ROUTES, route.id), "same_scope", detail);
    }
  }

  #checkArea(id: string, area: EmergencyArea): void {
    if (area.type !== "polygon") return;
    const { problems, warnings } = this.#context;
    const pointer = pointerOf(ROUTES, id, "area", "ring");
    const ring = prepareRing(area.ring);
    if (goesRoundPole(ring)) problems.add(pointer, "bad_area", "the ring goes round a pole: cut it along a meridian");
    else if (isFlat(ring)) problems.add(pointer, "bad_area", "the ring has nothing inside, or crosses itself");
    if (hasWideEdge(area.ring))
      warnings.add(pointer, "wide_edge", "an edge of more than 180° of longitude is read as going round the other way");
  }

  /** Once, after the last item. @param settings null: there are none. */
  finish(settings: Settings | null): void {
    this.#checkRoutes();
    if (settings !== null) this.#checkSettings(settings.emergency);
    for (const trunk of this.#context.trunks.values()) this.#checkExtensions(trunk);
  }

  #checkRoutes(): void {
    const { problems, warnings } = this.#context;
    if (this.#scopes.size === 0) problems.add(ROUTES, "no_emergency_route", "an emergency call would have nowhere to go");
    else if (!this.#hasGeneralRoute) {
      const detail = "no route is for all calls: others take the last resort, then the static routes";
      warnings.add(ROUTES, "no_general_emergency_route", detail);
    }
  }

  #checkSettings(settings: EmergencySettings): void {
    const { lastResort, testDestinations, callbackNumber } = settings;
    const { problems, warnings, references } = this.#context;
    references.useAll("destinations", lastResort, "settings", "emergency", "lastResort");
    references.useAll("destinations", testDestinations, "settings", "emergency", "testDestinations");
    if (this.#leadNowhere(lastResort))
      warnings.add(pointerOf("settings", "emergency", "lastResort"), "leads_nowhere", "none of them takes calls");
    if (this.#leadNowhere(testDestinations)) {
      const detail = "none of them takes calls: tests would come to the answering points";
      problems.add(pointerOf("settings", "emergency", "testDestinations"), "leads_nowhere", detail);
    }
    checkTestNumbers(this.#context, settings);
    if (callbackNumber === null) this.#checkCallbackNumbers();
  }

  /** A carrier's callers have numbers of their own; those of PBXs and apps may be extensions, accounts or nobody. */
  #checkCallbackNumbers(): void {
    const without = [...this.#context.trunks.values()].filter(
      ({ kind, emergency }) => kind !== "carrier" && emergency.callbackNumber === null,
    );
    const [first] = without;
    if (first === undefined) return;
    const others = without.length === 1 ? "" : ` and ${without.length - 1} more`;
    this.#context.warnings.add(
      pointerOf("settings", "emergency", "callbackNumber"),
      "no_callback_number",
      `an answering point could not call back who has no number of its own on trunk "${first.id}"${others}`,
    );
  }

  /** Desks whose numbers are also for emergencies. */
  #checkExtensions({ id, dialProfile }: Trunk): void {
    const { problems, warnings } = this.#context;
    const { extensions = [], extensionLength, outsidePrefix = "", country } = dialProfile;
    const { extensions: _desks, ...profile } = dialProfile;
    if (extensions.length > 0 && outsidePrefix === "") {
      const detail = "without an outsidePrefix there would be no way to dial the emergency numbers that stand here";
      problems.add(pointerOf("trunks", id, "dialProfile", "extensions"), "extensions_without_prefix", detail);
    }
    extensions.forEach((desk, index) => {
      if (outsidePrefix === "" || emergencyNumber(desk, profile) === null) return;
      const pointer = pointerOf("trunks", id, "dialProfile", "extensions", index);
      if (mustBeDialledDirectly(country, desk)) {
        const detail = `the law in ${country} wants ${desk} to be reached without a prefix (47 CFR §9.16): it can be no desk`;
        problems.add(pointer, "direct_dialling", detail);
        return;
      }
      const detail = `${desk} reaches a desk here; only ${outsidePrefix}${desk} is an emergency call`;
      warnings.add(pointer, "shadows_emergency_number", detail);
    });
    if (extensionLength === undefined) return;
    const { min, max } = extensionLength;
    const inRange = [...new Set([...nationalNumbers(country).keys(), ...UNIVERSAL_NUMBERS])].filter(
      (number) => number.length >= min && number.length <= max && !extensions.includes(number),
    );
    if (inRange.length === 0) return;
    const named = inRange.slice(0, MAX_NAMED_NUMBERS).join(", ");
    warnings.add(
      pointerOf("trunks", id, "dialProfile", "extensionLength"),
      "overlaps_emergency_numbers",
      `${named} are as long as extensions here, and are emergency calls unless they stand under extensions`,
    );
  }
}
