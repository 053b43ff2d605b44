/** What a request carries through the middleware to its handler. */
import type { Context } from "hono";
import type { Principal } from "../domain/identity/principal.ts";
import type { LogFields } from "../adapters/telemetry/log.ts";
import type { Trace } from "../adapters/telemetry/trace.ts";
import type { Deps } from "./deps.ts";

export type AppEnv = {
  Bindings: Env;
  Variables: {
    deps: Deps;
    requestId: string;
    /** When the request came in, Unix milliseconds. */
    startedMs: number;
    trace: Trace;
    /** The raw body, read once and bounded. */
    body: Uint8Array;
    principal: Principal;
    /** Set by a handler for the request's log line and metrics. */
    sessionId?: string;
    failure?: string;
    /** True when the other lane served the request. */
    handedOn?: boolean;
    /** What the handler adds to the request's log line. */
    notes?: LogFields;
  };
};

export type AppContext = Context<AppEnv>;
