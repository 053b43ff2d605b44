export { default } from "./open-directly.ts";
export * from "../../workers/index.ts";
