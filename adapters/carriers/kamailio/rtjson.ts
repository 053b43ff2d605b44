/** A plan as an rtjson document. */
import type { Plan, PlannedDestination } from "../../../domain/routing/plan.ts";
import type { Lane, SessionId } from "../../../domain/shared/ids.ts";

/** Without any response at all a destination is given up after this long, well before its ring timeout. */
const NO_RESPONSE_MS = 2_000;
/** What Kamailio itself generates when a destination cannot be reached: no response, or no way to send (tm, §"failure codes"). */
const UNREACHABLE_CODES = [408, 477, 478];

type RoutePlan = Extract<Plan, { action: "route" }>;

/** Where the request is sent: host, port and transport of the URI, without its user. */
function nextHop(uri: string): string {
  return uri.replace(/^(sips?:)[^@]*@/, "$1");
}

/** Alternatives of a regular expression over the response codes after which the next route is tried. */
function rerouteCodes(destination: PlannedDestination): string {
  const codes = destination.rerouteCauses.flatMap((cause) => (cause === "unreachable" ? UNREACHABLE_CODES : [cause]));
  return [...new Set(codes)].sort((a, b) => a - b).join("|");
}

const SECOND_MS = 1_000;

/** Header fields that go along with every request to a destination, each ended as SIP wants it (RFC 3261 §7.3). */
function headers(plan: RoutePlan, destination: PlannedDestination, session: SessionId, lane: Lane): string {
  const fields = [
    ["X-Trunkline-Session", session],
    ["X-Trunkline-Trail", plan.trail],
    // What the destination is asked to do with the call, where it is more than an address.
    [destination.type === "queue" ? "X-Trunkline-Queue" : "X-Trunkline-Flow", destination.target],
    ["Resource-Priority", lane === "emergency" ? "esnet.1" : undefined],
    ["Privacy", plan.caller?.isPrivate === true ? "id" : undefined],
  ] as const;
  return fields.map(([name, value]) => (value === undefined ? "" : `${name}: ${value}\r\n`)).join("");
}

/** From as the callee is to see it (RFC 3323 §4.1.1.3 for withheld ones); absent: as the call came in. */
function from(plan: RoutePlan, nextHopUri: string): Record<string, unknown> {
  if (plan.caller === undefined) return {};
  const { number, isPrivate } = plan.caller;
  if (isPrivate) return { from: { display: "Anonymous", uri: "sip:anonymous@anonymous.invalid" } };
  if (number === null) return {};
  return { from: { display: "", uri: nextHopUri.replace(/^(sips?):([^;]*).*$/, `$1:${number}@$2;user=phone`) } };
}

/**
 * Members beyond rtjson's own are ignored by the module and read by our configuration: session, lane, rerouteCodes (one entry per
 * route, separated by semicolons: within an entry the codes are alternatives), maxDurationS, otherwise, reject.
 */
export function rtjson(plan: Plan, session: SessionId, lane: Lane): Record<string, unknown> {
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
      headers: { ...from(plan, nextHop(destination.uri)), extra: headers(plan, destination, session, lane) },
      fr_timer: NO_RESPONSE_MS,
      fr_inv_timer: destination.ringTimeoutMs,
    })),
    session,
    lane,
    rerouteCodes: plan.destinations.map(rerouteCodes).join(";"),
    ...(plan.otherwise === undefined ? {} : { otherwise: { code: plan.otherwise.sipCode, reason: plan.otherwise.reason } }),
    ...(plan.maxDurationMs === undefined ? {} : { maxDurationS: Math.ceil(plan.maxDurationMs / SECOND_MS) }),
  };
}
