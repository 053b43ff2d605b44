import { gate } from "./gate.ts";
import { standard } from "./standard.ts";

export { CallSession } from "../durable-objects/call-session/call-session.ts";
export { EventLog } from "../durable-objects/event-log/event-log.ts";
export { Metrics } from "../durable-objects/metrics/metrics.ts";
export { TollLedger } from "../durable-objects/toll-ledger/toll-ledger.ts";

const lanes = { standard: standard(), emergency: gate() };

export default {
  fetch: (request, env, ctx) => (env.LANE === "emergency" ? lanes.emergency : lanes.standard).fetch(request, env, ctx),
} satisfies ExportedHandler<Env>;
