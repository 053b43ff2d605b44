export { default } from "./open-directly.ts";
export { CallSession, CallPlanner, EventLog, LiveFeed, Metrics, TollLedger } from "../../workers/index.ts";
