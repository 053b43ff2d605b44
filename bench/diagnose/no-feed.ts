export { default, CallPlanner, EventLog, LiveFeed, Metrics, TollLedger } from "../../workers/index.ts";
export { CallSession } from "./unfed-session.ts";
