/** Where a call goes. Pure functions of the published configuration and the call. */
import { type Address, routingKey } from "../numbers/address.ts";
import type { EmergencyCall } from "../numbers/emergency.ts";
import { EMERGENCY_TEST_NUMBER } from "../numbers/emergency-number.ts";
import type { TrunkId } from "../shared/ids.ts";
import { EMERGENCY_REROUTE_CAUSES, type Plan, type PlannedDestination, type RerouteCause } from "./plan.ts";
import type { Destination } from "./snapshot.ts";
import { type RoutingTable, matchingRules } from "./table.ts";

/** SIP 404: the number is well formed, and nothing here knows where it leads. */
const NO_ROUTE = { sipCode: 404, reason: "No route" };

const NUMBER = "{number}";

/** Emergency destinations that stand in the environment, for when no configuration can be had. */
export type StaticEmergency = { readonly destinations: readonly Destination[]; readonly numberForUrn: string };

/** What `{number}` in a destination becomes; null when the address has nothing that could be dialled. */
function dialledNumber(to: Address): string | null {
  switch (to.kind) {
    case "e164":
      return to.e164;
    case "short":
      return to.digits;
    case "sip":
      return to.user;
    default:
      return null;
  }
}

function planned(destination: Destination, number: string, rerouteCauses: readonly RerouteCause[]): PlannedDestination {
  const { id, uri, ringTimeoutMs } = destination;
  return { id, uri: uri.replace(NUMBER, () => number), ringTimeoutMs, rerouteCauses };
}

/** Decides an ordinary call: the best matching rule wins; with none, the call is refused with 404. */
export function decide(table: RoutingTable, trunk: TrunkId, to: Address): Plan {
  const rules = matchingRules(table, trunk, routingKey(to));
  const winner = rules[0];
  const decided = {
    executor: "peer" as const,
    ruleId: winner?.id ?? null,
    candidates: rules.map(({ id }) => id),
    snapshotVersion: table.snapshot.version,
  };
  if (winner === undefined) return { action: "reject", ...decided, destinations: [], reject: NO_ROUTE };
  const { action } = winner;
  if (action.type === "reject") {
    return { action: "reject", ...decided, destinations: [], reject: { sipCode: action.sipCode, reason: action.reason } };
  }
  const number = dialledNumber(to);
  const destinations = action.destinations
    .map((id) => table.destinations.get(id))
    .filter((destination) => destination !== undefined)
    // A destination that dials the number is of no use for an address without one.
    .filter(({ uri }) => number !== null || !uri.includes(NUMBER))
    .map((destination) => planned(destination, number ?? "", action.rerouteCauses));
  if (destinations.length === 0) return { action: "reject", ...decided, destinations: [], reject: NO_ROUTE };
  return { action: "route", ...decided, destinations };
}

/** Decides an emergency call. It always routes: by the configuration, or by the static destinations when there is none. */
export function decideEmergency(table: RoutingTable | null, fallback: StaticEmergency, call: EmergencyCall): Plan {
  const configured = (table?.snapshot.emergency.destinations ?? [])
    .map((id) => table?.destinations.get(id))
    .filter((destination) => destination !== undefined);
  const source = configured.length > 0 ? configured : fallback.destinations;
  const numberForUrn = table?.snapshot.emergency.numberForUrn ?? fallback.numberForUrn;
  const urnNumber = call.test ? EMERGENCY_TEST_NUMBER : numberForUrn;
  const number = /^\d+$/.test(call.dialled) ? call.dialled : urnNumber;
  return {
    action: "route",
    executor: "peer",
    ruleId: null,
    candidates: [],
    snapshotVersion: configured.length > 0 ? (table?.snapshot.version ?? null) : null,
    destinations: source.map((destination) => planned(destination, number, EMERGENCY_REROUTE_CAUSES)),
  };
}
