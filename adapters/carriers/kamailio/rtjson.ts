/** A plan as an rtjson document. */
import type { Plan, PlannedDestination } from "../../../domain/routing/plan.ts";
import type { Lane, SessionId } from "../../../domain/shared/ids.ts";

/** Without any response at all a destination is given up after this long, well before its ring timeout. */
const NO_RESPONSE_MS = 2_000;
/** What Kamailio itself generates when a destination cannot be reached: no response, or no way to send (tm, §"failure codes"). */
const UNREACHABLE_CODES = [408, 477, 478];

/** Where the request is sent: host, port and transport of the URI, without its user. */
function nextHop(uri: string): string {
  return uri.replace(/^(sips?:)[^@]*@/, "$1");
}

/** Alternatives of a regular expression over the response codes after which the next route is tried. */
function rerouteCodes(destination: PlannedDestination | undefined): string {
  const codes = (destination?.rerouteCauses ?? []).flatMap((cause) => (cause === "unreachable" ? UNREACHABLE_CODES : [cause]));
  return [...new Set(codes)].sort((a, b) => a - b).join("|");
}

function headers(session: SessionId, lane: Lane): string {
  const priority = lane === "emergency" ? "Resource-Priority: esnet.1\r\n" : "";
  return `X-Trunkline-Session: ${session}\r\n${priority}`;
}

/** Members beyond rtjson's own are ignored by the module and read by our configuration: session, lane, rerouteCodes, reject. */
export function rtjson(plan: Plan, session: SessionId, lane: Lane): Record<string, unknown> {
  if (plan.action === "reject") {
    const { sipCode, reason } = plan.reject;
    return { version: "1.0", reject: { code: sipCode, reason }, routes: [], session, lane };
  }
  return {
    version: "1.0",
    routing: "serial",
    routes: plan.destinations.map(({ uri, ringTimeoutMs }) => ({
      uri,
      dst_uri: nextHop(uri),
      headers: { extra: headers(session, lane) },
      fr_timer: NO_RESPONSE_MS,
      fr_inv_timer: ringTimeoutMs,
    })),
    session,
    lane,
    rerouteCodes: rerouteCodes(plan.destinations[0]),
  };
}
