/** What a carrier reports of a call whose first gateway is out of order: four reports, with pauses that keep them apart. */
import type { CallsJob } from "./messages.ts";

const FIRST_GATEWAY_FAILED = { type: "failover", sipCode: 503, routeIndex: 0 };

export const FAILOVER_REPORTS: CallsJob["reports"] = [
  { afterMs: 300, body: { type: "started" } },
  { afterMs: 500, body: FIRST_GATEWAY_FAILED },
  { afterMs: 700, body: { type: "answered", routeIndex: 1 } },
  { afterMs: 1_500, body: { type: "ended", sipCode: 200 } },
];
