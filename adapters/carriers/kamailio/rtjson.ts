/** A plan as an rtjson document. */
import { groupsOf } from "../../../domain/routing/groups.ts";
import type { Plan, PlannedDestination, PlannedEmergency } from "../../../domain/routing/plan.ts";
import type { Lane, SessionId } from "../../../domain/shared/ids.ts";
import { type EmergencyWords, type RoutePlan, headerFields } from "./header-fields.ts";

/** Without any response at all a destination is given up after this long, well before its ring timeout. */
const NO_RESPONSE_MS = 2_000;
/** What Kamailio itself generates when a destination cannot be reached: no response, or no way to send (tm, §"failure codes"). */
const UNREACHABLE_CODES = [408, 477, 478];

/** Where the request is sent: host, port and transport of the URI, without its user. */
function nextHop(uri: string): string {
  return uri.replace(/^(sips?:)[^@]*@/, "$1");
}

/** Alternatives of a regular expression over the response codes after which the next route is tried. */
function rerouteCodes(destinations: readonly PlannedDestination[]): string {
  const causes = destinations.flatMap((destination) => destination.rerouteCauses);
  const codes = causes.flatMap((cause) => (cause === "unreachable" ? UNREACHABLE_CODES : [cause]));
  return [...new Set(codes)].sort((a, b) => a - b).join("|");
}

const SECOND_MS = 1_000;

/** From as the callee is to see it (RFC 3323 §4.1.1.3 for withheld ones); absent: as the call came in. */
function from(plan: RoutePlan, nextHopUri: string): Record<string, unknown> {
  if (plan.caller === undefined) return {};
  const { number, isPrivate } = plan.caller;
  if (isPrivate)
    return plan.emergency !== undefined ? {} : { from: { display: "Anonymous", uri: "sip:anonymous@anonymous.invalid" } };
  if (number === null) return {};
  return { from: { display: "", uri: nextHopUri.replace(/^(sips?):([^;]*).*$/, `$1:${number}@$2;user=phone`) } };
}

/** What a proxy has to know that sends the call to an answering point of its own after all. Who calls is in header fields. */
function emergency({ service, isTest, dialled }: PlannedEmergency): Record<string, unknown> {
  return { service, isTest, ...(dialled === undefined ? {} : { dialled }) };
}

/** Which routes ring together, and what is special about the call. */
function together(plan: RoutePlan): Record<string, unknown> {
  const groups = groupsOf(plan.destinations);
  const hasGroups = groups.some((group, index) => group === groups[index - 1]);
  return {
    ...(hasGroups ? { groups: groups.join(";") } : {}),
    ...(plan.emergency === undefined ? {} : { emergency: emergency(plan.emergency) }),
  };
}

/** Of each destination those of all with which it rings together: together they fail. */
function codesOf({ destinations }: RoutePlan): string {
  const groups = groupsOf(destinations);
  return groups.map((group) => rerouteCodes(destinations.filter((_, index) => groups[index] === group))).join(";");
}

/**
 * Members beyond rtjson's own are ignored by the module and read by our configuration: session, lane, rerouteCodes (one entry per
 * route, separated by semicolons: within an entry the codes are alternatives), groups (the number of each route's group, likewise; those of
 * a group ring together; absent: each rings alone), emergency, maxDurationS, otherwise, reject. Who knows nothing of groups tries the routes
 * one after another.
 * @param about what the plan does not say of an emergency call.
 */
export function rtjson(plan: Plan, session: SessionId, lane: Lane, about: EmergencyWords = {}): Record<string, unknown> {
  if (plan.action === "reject") {
    const { sipCode, reason } = plan.reject;
    return { version: "1.0", reject: { code: sipCode, reason }, routes: [], session, lane };
  }
  return {
    version: "1.0",
    routing: "serial",
    routes: plan.destinations.map((destination) => ({
      uri: destination.uri,
      dst_uri: nextHop(destination.uri),
      headers: {
        ...from(plan, nextHop(destination.uri)),
        extra: headerFields(plan, destination, session, lane, about),
      },
      fr_timer: NO_RESPONSE_MS,
      fr_inv_timer: destination.ringTimeoutMs,
    })),
    session,
    lane,
    rerouteCodes: codesOf(plan),
    ...together(plan),
    ...(plan.otherwise === undefined ? {} : { otherwise: { code: plan.otherwise.sipCode, reason: plan.otherwise.reason } }),
    ...(plan.maxDurationMs === undefined ? {} : { maxDurationS: Math.ceil(plan.maxDurationMs / SECOND_MS) }),
  };
}
