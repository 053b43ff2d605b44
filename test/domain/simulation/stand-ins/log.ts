/** What objects log is no finding, and nobody reads it. */
import type { Log } from "../../../../adapters/telemetry/log.ts";

export const createLog = (): Log => () => {};
export const errorFields = (): object => ({});
