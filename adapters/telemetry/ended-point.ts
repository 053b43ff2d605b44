/** The point of Analytics Engine that tells of an ended call, and where its parts stand in it. */
import type { SessionView } from "../../domain/call/session-view.ts";
import { destinationOf } from "../../domain/call/tried.ts";
import { formatAddress } from "../../domain/numbers/address.ts";
import { countryOf } from "../../domain/numbers/country.ts";
import type { AnalyticsPoint } from "./analytics.ts";

/** The tenant is the sampling key, and `blob1` the kind. Columns are never moved: points of before stay for three months. */
export const ENDED_COLUMNS = {
  tenant: "index1",
  kind: "blob1",
  lane: "blob2",
  phase: "blob3",
  disposition: "blob4",
  trunk: "blob5",
  destination: "blob6",
  rule: "blob7",
  country: "blob8",
  direction: "blob9",
  sipCode: "blob10",
  talkMs: "double1",
  /** 1 or 0. */
  answered: "double2",
  /** -1: neither ringing nor an answer was reported. */
  postDialDelayMs: "double3",
} as const;

export const ENDED_KIND = "call_ended";
export const NO_DELAY = -1;

type EndedCall = Pick<SessionView, "tenant" | "lane" | "direction" | "call" | "plan" | "tried" | "state" | "createdMs">;

export function endedPoint({ tenant, lane, direction, call, plan, tried, state, createdMs }: EndedCall): AnalyticsPoint {
  const { phase, disposition, ringingAtMs, answeredAtMs, endedAtMs, endCode } = state;
  const firstMs = ringingAtMs ?? answeredAtMs;
  const planned = plan?.destinations.map(({ id }) => id) ?? [];
  return {
    kind: ENDED_KIND,
    tenant,
    labels: [
      lane,
      phase,
      disposition ?? "",
      call?.trunk ?? "",
      destinationOf(tried, planned) ?? "",
      plan?.ruleId ?? "",
      (call === null ? null : countryOf(formatAddress(call.to))) ?? "",
      direction,
      endCode === null ? "" : String(endCode),
    ],
    values: [
      answeredAtMs === null || endedAtMs === null ? 0 : Math.max(0, endedAtMs - answeredAtMs),
      answeredAtMs === null ? 0 : 1,
      firstMs === null ? NO_DELAY : Math.max(0, firstMs - createdMs),
    ],
  };
}
