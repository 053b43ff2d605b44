export { default } from "./open-directly.ts";
export {
  CallSession,
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
