/** What a request carries through the middleware to its handler. */
import type { Context } from "hono";
import type { AuditDetail } from "../domain/audit/entry.ts";
import type { Principal } from "../domain/identity/principal.ts";
import type { LogFields } from "../adapters/telemetry/log.ts";
import type { Trace } from "../adapters/telemetry/trace.ts";
import type { TenantEntry } from "../adapters/r2/snapshot-tenant.ts";
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
    /** Whose credentials were good and were refused all the same. */
    refused?: Principal;
    /** What is in force for the principal's tenant, once the principal is known; null: there is no such tenant. */
    entry?: TenantEntry | null;
    /** The origin of the page that asks, where the tenant lets it. */
    allowedOrigin?: string;
    /** Set by a handler for the request's log line and metrics. */
    sessionId?: string;
    failure?: string;
    /** True when the other lane served the request. */
    handedOn?: boolean;
    /** What the handler adds to the request's log line. */
    notes?: LogFields;
    /** The answer shows no personal data any more: nobody has to mask it. */
    personalDataMasked?: boolean;
    /** What changed, for the entry of the audit trail. Never secrets, never personal data. */
    auditDetail?: AuditDetail;
  };
};

export type AppContext = Context<AppEnv>;
