/** Where an emergency call goes: always somewhere, whatever rules, limits and trunks' bounds say. */
import type { Location } from "../call/call.ts";
import type { Settings, Trunk } from "../configuration/model.ts";
import type { Address } from "../numbers/address.ts";
import type { EmergencyCall } from "../numbers/emergency.ts";
import { EMERGENCY_TEST_NUMBER } from "../numbers/emergency-number.ts";
import type { TrunkId } from "../shared/ids.ts";
import { emergencyRoutesFor } from "./emergency-routes.ts";
import { addExecution } from "./execution.ts";
import { numberBehind } from "./number-behind.ts";
import { EMERGENCY_REROUTE_CAUSES, type Plan, type PlannedDestination } from "./plan.ts";
import type { RouterSource } from "./router.ts";
import { type Writable, fillIn, planned, targetOf } from "./targets.ts";

export type StaticDestination = { readonly id: string; readonly uri: string; readonly ringTimeoutMs: number };

/** Emergency destinations that stand in the environment, for when no configuration can be had. */
export type StaticEmergency = { readonly destinations: readonly StaticDestination[]; readonly numberForUrn: string };

export type EmergencySource = Pick<
  RouterSource,
  "version" | "settings" | "emergencyRoutes" | "calendarState" | "destination" | "trunk"
>;

/** What is known of the call. */
export type EmergencyAbout = {
  readonly trunk: TrunkId;
  readonly from: Address;
  readonly location: Location | null;
  /** Where the location says that the caller is (ISO 3166-1 alpha-2), several near a border; empty: the trunk's country counts. */
  readonly countries: readonly string[];
  readonly nowMs: number;
  /** Nobody has proven who calls. */
  readonly isUnproven?: boolean;
  /** Destinations that have failed lately: the last of their route ([CAP-7]). Absent: none. */
  readonly rests?: (destination: string) => boolean;
};

/**
 * More would not be reached while anybody waits; below what a session can dial, so that it can still be redirected. What stands in the
 * environment has at least half of the places, should it need them.
 */
export const MAX_EMERGENCY_DESTINATIONS = 24;

const DIGITS = /^\d+$/;

/** A test is dialled as the test number, whatever was dialled: never as one that answers. */
function dialledNumber(call: EmergencyCall, numberForUrn: string): string {
  if (call.test) return EMERGENCY_TEST_NUMBER;
  return DIGITS.test(call.dialled) ? call.dialled : numberForUrn;
}

/** Destinations as they are found, each once and only while there is room. */
class Destinations {
  readonly list: PlannedDestination[] = [];
  readonly #ids = new Set<string>();
  readonly #source: EmergencySource;
  readonly #room: number;
  readonly #rests: (id: string) => boolean;

  constructor(source: EmergencySource, room: number, rests: (id: string) => boolean = () => false) {
    this.#source = source;
    this.#room = room;
    this.#rests = rests;
  }

  /**
   * Disabled destinations and refusals are passed over.
   * @param number what `{number}` stands for.
   * @param parallel whether they ring together.
   */
  add(ids: readonly string[], number: string, parallel: boolean): void {
    let isFirst = true;
    // Within its route alone: nobody's bad news puts the guard of the building before the answering point.
    for (const id of [...ids.filter((each) => !this.#rests(each)), ...ids.filter(this.#rests)]) {
      const destination = this.#list(id, number);
      if (destination === null) continue;
      this.list.push(parallel && !isFirst ? { ...destination, together: true } : destination);
      isFirst = false;
    }
  }

  #list(id: string, number: string): PlannedDestination | null {
    if (this.#ids.has(id) || this.list.length >= this.#room) return null;
    const called = { to: { kind: "short", digits: number }, behind: null, profile: undefined } as const;
    const target = targetOf({ destination: this.#source.destination, rate: () => null }, { id, weight: 0 }, called);
    if (typeof target === "string" || target.tag === "reject") return null;
    this.#ids.add(id);
    // No bound on calls or cost concerns it either, so that it counts as a call to nowhere outside.
    const free = planned({ ...target, e164: null, rate: null }, EMERGENCY_REROUTE_CAUSES);
    return { ...free, rerouteCauses: EMERGENCY_REROUTE_CAUSES };
  }
}

/** Those of the tenant: of all routes that match, then of its last resort. */
function ownDestinations(
  source: EmergencySource,
  call: EmergencyCall,
  about: EmergencyAbout,
  room: number,
  numberForUrn: string,
): readonly PlannedDestination[] {
  const own = new Destinations(source, room, about.rests);
  const { lastResort } = source.settings.emergency;
  const countries = about.countries.length > 0 ? about.countries : countriesOfTrunk(source.trunk(about.trunk));
  const routes = emergencyRoutesFor(source, { ...about, countries, service: call.service });
  for (const route of routes) own.add(route.destinations, dialledNumber(call, route.numberForUrn), route.parallel);
  own.add(lastResort, dialledNumber(call, routes[0]?.numberForUrn ?? numberForUrn), false);
  return own.list;
}

const countriesOfTrunk = (trunk: Trunk | null): readonly string[] => (trunk === null ? [] : [trunk.dialProfile.country]);

/** Where tests go that are not to come near an answering point; null: nothing is configured, or nothing of it can be used. */
function testDestinations(source: EmergencySource, call: EmergencyCall): readonly PlannedDestination[] | null {
  const { testDestinations: ids } = source.settings.emergency;
  if (!call.test || ids.length === 0) return null;
  const tests = new Destinations(source, MAX_EMERGENCY_DESTINATIONS);
  tests.add(ids, EMERGENCY_TEST_NUMBER, false);
  return tests.list.length === 0 ? null : tests.list;
}

function staticDestinations({ destinations, numberForUrn }: StaticEmergency, call: EmergencyCall): PlannedDestination[] {
  const number = dialledNumber(call, numberForUrn);
  return destinations.map(({ id, uri, ringTimeoutMs }) => ({
    id,
    type: "sip",
    uri: fillIn(uri, number),
    ringTimeoutMs,
    rerouteCauses: EMERGENCY_REROUTE_CAUSES,
  }));
}

/** The caller's own number, where it can be called back; null: a name, an extension, nobody. */
function ownNumber(from: Address): string | null {
  if (from.kind !== "e164" && !(from.kind === "sip" && from.user?.startsWith("+") === true)) return null;
  const behind = numberBehind(from, undefined, null);
  return behind === "unreadable" ? null : behind;
}

function callbackNumber(own: string | null, trunk: Trunk | null, settings: Settings | undefined): string | null {
  return own ?? trunk?.emergency.callbackNumber ?? settings?.emergency.callbackNumber ?? null;
}

/**
 * Decides an emergency call: all destinations of all routes that match, the most specific route first, then the tenant's last resort, then
 * the static destinations, none of them twice. A test goes to the tenant's test destinations alone, where there are any; otherwise the
 * same way, dialled as the test number.
 * @param source null when no configuration can be had.
 */
export function decideEmergency(
  source: EmergencySource | null,
  fallback: StaticEmergency,
  call: EmergencyCall,
  about: EmergencyAbout,
): Plan {
  const trunk = source?.trunk(about.trunk) ?? null;
  const tests = source === null ? null : testDestinations(source, call);
  const standing = tests === null ? staticDestinations(fallback, call) : [];
  const room = Math.max(MAX_EMERGENCY_DESTINATIONS / 2, MAX_EMERGENCY_DESTINATIONS - standing.length);
  const own = tests ?? (source === null ? [] : ownDestinations(source, call, about, room, fallback.numberForUrn));
  const uris = new Set(own.map(({ uri }) => uri));
  const decidedBy = own.length > 0 ? "emergency" : "static_emergency";
  const number = ownNumber(about.from);
  // What nobody has proven is shown, and asserted to nobody (RFC 3325 §5).
  const callback = callbackNumber(about.isUnproven === true ? null : number, trunk, source?.settings);
  const decided: Writable<Extract<Plan, { action: "route" }>> = {
    action: "route",
    executor: "peer",
    decidedBy,
    ruleId: null,
    candidates: [],
    snapshotVersion: decidedBy === "emergency" ? (source?.version ?? null) : null,
    destinations: [...own, ...standing.filter(({ uri }) => !uris.has(uri))].slice(0, MAX_EMERGENCY_DESTINATIONS),
    emergency: { service: call.service, isTest: call.test, callback, dialled: dialledNumber(call, fallback.numberForUrn) },
  };
  // Whoever withholds its number is not hidden from those who are to help; who has none that can be called is shown by one that has.
  if (number === null && callback !== null) decided.caller = { number: callback, isPrivate: false };
  addExecution(decided, trunk);
  return decided;
}
