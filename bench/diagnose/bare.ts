import "./silence.ts";

export { default, EventLog, Metrics } from "../../workers/index.ts";
export { CallSession } from "./mute-session.ts";
