/** Header fields that go along with a call to a destination, in the order in which they are written. */
import type { Plan, PlannedDestination } from "../../../domain/routing/plan.ts";
import type { Lane, SessionId } from "../../../domain/shared/ids.ts";

export type RoutePlan = Extract<Plan, { action: "route" }>;

/** What a plan does not say of an emergency call; what is no such value is left out. */
export type EmergencyWords = {
  /** URI at which the caller's location is to be had (RFC 6442 §4.1). */
  readonly geolocation?: string | undefined;
  /** E.164; takes the place of the plan's callback number. */
  readonly assertedIdentity?: string | undefined;
};

/** Nothing that could end the field or the angle brackets: RFC 6442 takes any absoluteURI, answering points ask by these. */
const LOCATION_URI = /^(?:https?|sips?|pres):[!#-;=?-~]+$/i;
export const MAX_LOCATION_URI = 1_024;
const E164 = /^\+[1-9]\d{1,14}$/;

/** The same text where it may stand in a `Geolocation` field; otherwise null. */
export function locationUri(text: string): string | null {
  return text.length <= MAX_LOCATION_URI && LOCATION_URI.test(text) ? text : null;
}

type Field = readonly [name: string, value: string | undefined];

/** RFC 4412 and RFC 7135; RFC 6442; RFC 3325. */
function emergencyFields(plan: RoutePlan, { geolocation, assertedIdentity }: EmergencyWords): readonly Field[] {
  const location = geolocation === undefined ? null : locationUri(geolocation);
  const identity = assertedIdentity ?? plan.emergency?.callback ?? "";
  const isTest = plan.emergency?.isTest === true;
  return [
    // A test must not take the place of somebody who is in need.
    ["Resource-Priority", isTest ? undefined : "esnet.1"],
    ["Geolocation", location === null ? undefined : `<${location}>`],
    ["Geolocation-Routing", location === null ? undefined : "yes"],
    ["P-Asserted-Identity", E164.test(identity) ? `<tel:${identity}>` : undefined],
    // Whoever answers can tell, also where the number that was dialled says nothing.
    ["X-Trunkline-Test", isTest ? "yes" : undefined],
  ];
}

/** Each ended as SIP wants it (RFC 3261 §7.3). A caller in need is never hidden from those who are to help. */
export function headerFields(
  plan: RoutePlan,
  destination: PlannedDestination,
  session: SessionId,
  lane: Lane,
  words: EmergencyWords,
): string {
  const isEmergency = lane === "emergency" || plan.emergency !== undefined;
  const fields: readonly Field[] = [
    ["X-Trunkline-Session", session],
    ["X-Trunkline-Trail", plan.trail],
    // What the destination is asked to do with the call, where it is more than an address.
    [destination.type === "queue" ? "X-Trunkline-Queue" : "X-Trunkline-Flow", destination.target],
    ...(isEmergency ? emergencyFields(plan, words) : []),
    ["Privacy", !isEmergency && plan.caller?.isPrivate === true ? "id" : undefined],
  ];
  return fields.map(([name, value]) => (value === undefined ? "" : `${name}: ${value}\r\n`)).join("");
}
