import { everyMinute } from "./cron.ts";
import { depsOf } from "./deps.ts";
import { gate } from "./gate.ts";
import { consume } from "./queues/index.ts";
import { standard } from "./standard.ts";
import { SyntheticCall } from "./synthetic.ts";

export { AuditTrail } from "../durable-objects/audit-trail/audit-trail.ts";
export { CallPlanner } from "./call-planner.ts";
export { JobRunner } from "./job-runner.ts";
export { Breakers } from "../durable-objects/breakers/breakers.ts";
export { CallSession } from "../durable-objects/call-session/call-session.ts";
export { Capacity } from "../durable-objects/capacity/capacity.ts";
export { EmergencyCallers } from "../durable-objects/emergency-callers/emergency-callers.ts";
export { EventLog } from "../durable-objects/event-log/event-log.ts";
export { Job } from "../durable-objects/job/job.ts";
export { Limiter } from "../durable-objects/limiter/limiter.ts";
export { LiveFeed } from "../durable-objects/live-feed/live-feed.ts";
export { Metrics } from "../durable-objects/metrics/metrics.ts";
export { Repeats } from "../durable-objects/repeats/repeats.ts";
export { SnapshotKeeper } from "../durable-objects/snapshot-keeper/snapshot-keeper.ts";
export { TollLedger } from "../durable-objects/toll-ledger/toll-ledger.ts";
export { WebhookDesk } from "./webhook-desk.ts";
export { WebhookEndpoint } from "../durable-objects/webhook-endpoint/webhook-endpoint.ts";

const lanes = { standard: standard(), emergency: gate() };

export default {
  fetch: (request, env, ctx) => (env.LANE === "emergency" ? lanes.emergency : lanes.standard).fetch(request, env, ctx),
  queue: (batch, env) => consume(batch, depsOf(env).queues),
  scheduled: (_event, env) => {
    const deps = depsOf(env);
    const ask = async (request: Request) => lanes.emergency.fetch(request, env);
    const tryEmergency = env.LANE === "emergency" ? () => new SyntheticCall({ ...deps, ask }).run() : null;
    return everyMinute({ ...deps.queues, compaction: deps.compaction, tryEmergency });
  },
} satisfies ExportedHandler<Env>;
