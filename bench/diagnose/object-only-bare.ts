import "./silence.ts";

export { default } from "./open-directly.ts";
export { EventLog, Metrics } from "../../workers/index.ts";
export { CallSession } from "./mute-session.ts";
