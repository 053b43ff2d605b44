import "./silence.ts";

export { default } from "./open-directly.ts";
export { CallPlanner, EventLog, LiveFeed, Metrics, TollLedger } from "../../workers/index.ts";
export { CallSession } from "./mute-session.ts";
