/** Answering points, and emergency calls that are decided. */
import type { EmergencyRoute } from "../../../domain/configuration/model.ts";
import { emergencyRouteOf } from "../../../domain/configuration/older.ts";
import { classifyEmergency } from "../../../domain/numbers/emergency.ts";
import { type EmergencyAbout, type EmergencySource, decideEmergency } from "../../../domain/routing/emergency.ts";
import type { PlainConfiguration } from "../../../domain/routing/plain-router.ts";
import type { Plan } from "../../../domain/routing/plan.ts";
import type { TrunkId } from "../../../domain/shared/ids.ts";
import { MAIN, NOW_MS, destination, number, routerOf } from "./fixtures.ts";

export const STATIC = {
  destinations: [
    { id: "static-1", uri: "sip:{number}@198.51.100.1", ringTimeoutMs: 20_000 },
    { id: "static-2", uri: "sip:{number}@198.51.100.2", ringTimeoutMs: 20_000 },
  ],
  numberForUrn: "911",
};
export const STATIC_IDS = ["static-1", "static-2"];
export const BRANCH = "branch" as TrunkId;
export const CALLER = "+493098765432";
export const DESTINATIONS = [
  destination("psap-1"),
  destination("psap-2", { target: { type: "sip", uri: "sip:desk@psap-2.example" }, rerouteCauses: ["unreachable"] }),
  destination("psap-3"),
  destination("off", { enabled: false }),
  destination("sorry", { target: { type: "reject", sipCode: 486, reason: "Busy" } }),
  destination("control", { target: { type: "number", number: "+4930112112", via: "psap-1" } }),
];

export const route = (id: string, destinations: readonly string[], changes: Partial<EmergencyRoute> = {}): EmergencyRoute =>
  emergencyRouteOf({ id, trunk: null, service: null, destinations, numberForUrn: "112", ...changes });
export const routerWith = (changes: Partial<PlainConfiguration>) => routerOf({ destinations: DESTINATIONS, ...changes });
export const sourceOf = (...emergencyRoutes: readonly EmergencyRoute[]) => routerWith({ emergencyRoutes });
export const dialled = (text: string, testNumbers: readonly string[] = []) => {
  const call = classifyEmergency(text, undefined, { testNumbers });
  if (call === null) throw new Error(`${text} is no emergency call`);
  return call;
};
type RoutePlan = Extract<Plan, { action: "route" }>;
export const decided = (source: EmergencySource | null, text: string, about: Partial<EmergencyAbout> = {}): RoutePlan => {
  const known = { trunk: MAIN, from: number(CALLER), location: null, countries: [], nowMs: NOW_MS, ...about };
  const plan = decideEmergency(source, STATIC, dialled(text), known);
  if (plan.action !== "route") throw new Error("an emergency call was rejected");
  return plan;
};
export const urisOf = ({ destinations }: Plan) => destinations.map(({ uri }) => uri);
export const idsOf = ({ destinations }: Plan) => destinations.map(({ id }) => id);
/** Those of the tenant. */
export const ownIds = (plan: Plan) => idsOf(plan).filter((id) => !STATIC_IDS.includes(id));
