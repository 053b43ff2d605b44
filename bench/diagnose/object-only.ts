export { default } from "./open-directly.ts";
export { CallSession, EventLog, Metrics } from "../../workers/index.ts";
