export { default, CallPlanner, EventLog, Limiter, LiveFeed, Metrics, TollLedger } from "../../workers/index.ts";
export { CallSession } from "./mute-session.ts";
