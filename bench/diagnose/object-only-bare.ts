import "./silence.ts";

export { default } from "./open-directly.ts";
export {
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
