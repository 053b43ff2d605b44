import "./silence.ts";

export { default } from "./open-directly.ts";
export * from "../../workers/index.ts";
export { CallSession } from "./mute-session.ts";
