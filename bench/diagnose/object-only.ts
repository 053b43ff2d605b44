export { default } from "./open-directly.ts";
export { CallSession, CallPlanner, EventLog, Limiter, LiveFeed, Metrics, TollLedger } from "../../workers/index.ts";
