/** Which emergency routes are for a call, and in which order they are tried. */
import type { Location } from "../call/call.ts";
import type { EmergencyRoute } from "../configuration/model.ts";
import { type PreparedArea, isIn, placeOf, prepareArea } from "../location/area.ts";
import type { TrunkId } from "../shared/ids.ts";
import type { RouterSource } from "./router.ts";

/** What a route is chosen by. */
export type EmergencySituation = {
  readonly trunk: TrunkId;
  /** `urn:service:sos` or a sub-service. */
  readonly service: string;
  /** ISO 3166-1 alpha-2 of where the caller is: several near a border. */
  readonly countries: readonly string[];
  readonly location: Location | null;
  readonly nowMs: number;
};

type Prepared = { readonly route: EmergencyRoute; readonly area: PreparedArea | null };

/** The order does not depend on the call: it is worked out at the first look at a version's routes. */
const prepared = new WeakMap<readonly EmergencyRoute[], readonly Prepared[]>();

/** In this order until one differs: trunk, area (the smaller first), country, service (a sub-service before its parent), calendar, id. */
function compare(a: Prepared, b: Prepared): number {
  return (
    Number(b.route.trunk !== null) - Number(a.route.trunk !== null) ||
    Number(b.area !== null) - Number(a.area !== null) ||
    (a.area?.size ?? 0) - (b.area?.size ?? 0) ||
    Number(b.route.countries.length > 0) - Number(a.route.countries.length > 0) ||
    (b.route.service?.length ?? 0) - (a.route.service?.length ?? 0) ||
    Number(b.route.calendar !== null) - Number(a.route.calendar !== null) ||
    (a.route.id < b.route.id ? -1 : 1)
  );
}

function prepare(routes: readonly EmergencyRoute[]): readonly Prepared[] {
  const inOrder = routes.map((route) => ({ route, area: route.area === null ? null : prepareArea(route.area) })).sort(compare);
  prepared.set(routes, inOrder);
  return inOrder;
}

/** A route for a service takes its sub-services too (RFC 5031 §4.1). */
function isFor({ trunk, service, countries }: EmergencyRoute, situation: EmergencySituation): boolean {
  if (trunk !== null && trunk !== situation.trunk) return false;
  if (service !== null && service !== situation.service && !situation.service.startsWith(`${service}.`)) return false;
  return countries.length === 0 || countries.some((country) => situation.countries.includes(country));
}

/** A calendar that is not there stands in nobody's way: no call for help is lost to a lost calendar. */
function isTime(source: Pick<RouterSource, "calendarState">, { calendar }: EmergencyRoute, nowMs: number): boolean {
  if (calendar === null) return true;
  const state = source.calendarState(calendar.id, nowMs);
  return state === null || state === calendar.is;
}

/** All routes for the call, the most specific one first. */
export function emergencyRoutesFor(
  source: Pick<RouterSource, "emergencyRoutes" | "calendarState">,
  situation: EmergencySituation,
): readonly EmergencyRoute[] {
  const place = situation.location === null ? null : placeOf(situation.location);
  return (prepared.get(source.emergencyRoutes) ?? prepare(source.emergencyRoutes))
    .filter(({ route, area }) => isFor(route, situation) && (area === null || (place !== null && isIn(area, place))))
    .filter(({ route }) => isTime(source, route, situation.nowMs))
    .map(({ route }) => route);
}
