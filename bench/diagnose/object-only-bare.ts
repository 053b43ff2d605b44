import "./silence.ts";

export { default } from "./open-directly.ts";
export { CallPlanner, EventLog, Limiter, LiveFeed, Metrics, TollLedger } from "../../workers/index.ts";
export { CallSession } from "./mute-session.ts";
