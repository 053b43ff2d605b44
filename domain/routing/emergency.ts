/** Where an emergency call goes: always somewhere, whatever rules, limits and trunks' bounds say. */
import type { EmergencyRoute, Trunk } from "../configuration/model.ts";
import type { EmergencyCall } from "../numbers/emergency.ts";
import { EMERGENCY_TEST_NUMBER } from "../numbers/emergency-number.ts";
import type { TrunkId } from "../shared/ids.ts";
import { addExecution } from "./execution.ts";
import { EMERGENCY_REROUTE_CAUSES, type Plan, type PlannedDestination } from "./plan.ts";
import type { RouterSource } from "./router.ts";
import { type Writable, fillIn, planned, targetOf } from "./targets.ts";

export type StaticDestination = { readonly id: string; readonly uri: string; readonly ringTimeoutMs: number };

/** Emergency destinations that stand in the environment, for when no configuration can be had. */
export type StaticEmergency = { readonly destinations: readonly StaticDestination[]; readonly numberForUrn: string };

export type EmergencySource = Pick<RouterSource, "version" | "emergencyRoutes" | "destination" | "trunk">;

const DIGITS = /^\d+$/;
const TRUNK_WEIGHT = 1_000;

/** The higher, the more specific; -1: the route is for other calls. A route for a service takes its sub-services too (RFC 5031 §4.1). */
function specificity(route: EmergencyRoute, trunk: TrunkId, service: string): number {
  if (route.trunk !== null && route.trunk !== trunk) return -1;
  if (route.service !== null && route.service !== service && !service.startsWith(`${route.service}.`)) return -1;
  return (route.trunk === null ? 0 : TRUNK_WEIGHT) + (route.service?.length ?? 0);
}

function routesFor(routes: readonly EmergencyRoute[], trunk: TrunkId, service: string): readonly EmergencyRoute[] {
  return routes
    .map((route) => ({ route, score: specificity(route, trunk, service) }))
    .filter(({ score }) => score >= 0)
    .toSorted((a, b) => b.score - a.score || (a.route.id < b.route.id ? -1 : 1))
    .map(({ route }) => route);
}

function dialledNumber(call: EmergencyCall, numberForUrn: string): string {
  if (DIGITS.test(call.dialled)) return call.dialled;
  return call.test ? EMERGENCY_TEST_NUMBER : numberForUrn;
}

function destinationsOf(source: EmergencySource, route: EmergencyRoute, call: EmergencyCall): readonly PlannedDestination[] {
  const to = { kind: "short", digits: dialledNumber(call, route.numberForUrn) } as const;
  const called = { to, behind: null, profile: undefined };
  return route.destinations.flatMap((id) => {
    const target = targetOf({ destination: source.destination, rate: () => null }, { id, weight: 0 }, called);
    if (typeof target === "string" || target.tag === "reject") return [];
    // No bound on calls or cost concerns it either, so that it counts as a call to nowhere outside.
    const free = planned({ ...target, e164: null, rate: null }, EMERGENCY_REROUTE_CAUSES);
    return [{ ...free, rerouteCauses: EMERGENCY_REROUTE_CAUSES }];
  });
}

/**
 * Decides an emergency call: by the most specific route that leads anywhere, or by the static destinations when there is none. Disabled
 * destinations and refusals are passed over. A test call is dialled as the test number where it was asked for by URN.
 * @param source null when no configuration can be had.
 */
export function decideEmergency(
  source: EmergencySource | null,
  fallback: StaticEmergency,
  call: EmergencyCall,
  trunk: TrunkId,
): Plan {
  const executing = source?.trunk(trunk) ?? null;
  for (const route of source === null ? [] : routesFor(source.emergencyRoutes, trunk, call.service)) {
    const destinations = source === null ? [] : destinationsOf(source, route, call);
    if (destinations.length > 0) return plan(executing, "emergency", source?.version ?? null, destinations);
  }
  const number = dialledNumber(call, fallback.numberForUrn);
  const destinations = fallback.destinations.map(({ id, uri, ringTimeoutMs }) => ({
    id,
    type: "sip" as const,
    uri: fillIn(uri, number),
    ringTimeoutMs,
    rerouteCauses: EMERGENCY_REROUTE_CAUSES,
  }));
  return plan(executing, "static_emergency", null, destinations);
}

function plan(
  trunk: Trunk | null,
  decidedBy: "emergency" | "static_emergency",
  snapshotVersion: string | null,
  destinations: readonly PlannedDestination[],
): Plan {
  const decided: Writable<Plan> = {
    action: "route",
    executor: "peer",
    decidedBy,
    ruleId: null,
    candidates: [],
    snapshotVersion,
    destinations,
  };
  addExecution(decided, trunk);
  return decided;
}
