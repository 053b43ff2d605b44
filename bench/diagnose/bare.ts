import "./silence.ts";

export {
  default,
  AuditTrail,
  CallPlanner,
  EventLog,
  Limiter,
  LiveFeed,
  Metrics,
  Repeats,
  TollLedger,
  WebhookEndpoint,
} from "../../workers/index.ts";
export { CallSession } from "./mute-session.ts";
