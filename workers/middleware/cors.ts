/**
 * Pages in a browser that ask across origins (the Fetch standard's CORS protocol). A preflight carries no credentials, so that it says
 * only what may be asked by a page that the tenant lets in; the request itself is refused before it does anything. Credentials are never
 * cookies: a page sends what it was given.
 */
import { createMiddleware } from "hono/factory";
import { isOriginAllowed } from "../../domain/identity/origin.ts";
import { NO_POLICY, type TenantPolicy } from "../../domain/identity/tenant-policy.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { answerProblem } from "../problem.ts";

/** How long a browser remembers a preflight; it takes no longer from any of them than two hours. */
const PREFLIGHT_S = 7_200;

const METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE";
const REQUEST_HEADERS = [
  "Authorization",
  "Cache-Control",
  "Content-Digest",
  "Content-Type",
  "Idempotency-Key",
  "If-Match",
  "If-None-Match",
  "Last-Event-ID",
  "Prefer",
  "Signature",
  "Signature-Input",
  "Traceparent",
  "Trunkline-Tenant",
  "Trunkline-Trunk",
  "X-Api-Key",
  "X-Request-Id",
].join(", ");
const EXPOSED_HEADERS = [
  "Content-Disposition",
  "Content-Location",
  "Deprecation",
  "ETag",
  "Idempotent-Replayed",
  "Link",
  "Location",
  "Preference-Applied",
  "RateLimit",
  "RateLimit-Policy",
  "Retry-After",
  "Sunset",
  "WWW-Authenticate",
  "X-Request-Id",
].join(", ");

/** What pages of other origins may ask, whichever they are: whose data they want is not known yet. */
function answerPreflight(c: AppContext, origin: string): Response {
  return c.body(null, 204, {
    "Access-Control-Allow-Origin": origin,
    "Access-Control-Allow-Methods": METHODS,
    "Access-Control-Allow-Headers": REQUEST_HEADERS,
    "Access-Control-Max-Age": String(PREFLIGHT_S),
    Vary: "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
  });
}

/**
 * Whether the tenant lets the page ask that the request is from, if it is from one. Where it does, the page may read the answer.
 * @param policy undefined: there is no such tenant.
 */
export function admitsOrigin(c: AppContext, policy: TenantPolicy | undefined): boolean {
  const origin = c.req.header("origin");
  if (origin === undefined) return true;
  const isAllowed = isOriginAllowed(origin, new URL(c.req.url).origin, policy ?? NO_POLICY);
  if (isAllowed) c.set("allowedOrigin", origin);
  return isAllowed;
}

/** The refusal of what `admitsOrigin` does not admit. Stands where tenant and policy are known, and before anything is done. */
export function refuseOrigin(c: AppContext, policy: TenantPolicy | undefined): Response | null {
  if (admitsOrigin(c, policy)) return null;
  c.get("deps").meter.count("trunkline_authentication_failures_total", { reason: "origin" });
  return answerProblem(c, { code: "origin_not_allowed", detail: "the tenant's policy does not name this origin" });
}

/** Stands before everything that asks who it is. */
export const cors = createMiddleware<AppEnv>(async (c, next) => {
  const origin = c.req.header("origin");
  if (origin === undefined) return next();
  if (c.req.method === "OPTIONS" && c.req.header("access-control-request-method") !== undefined)
    return answerPreflight(c, origin);
  await next();
  // What was handed on carries the headers of the lane that served it; an upgrade is no answer that a page reads.
  if (c.get("handedOn") === true || c.res.status === 101) return undefined;
  c.res.headers.append("Vary", "Origin");
  // Whoever could not be told apart learns nothing that is a tenant's, and a page can see that its token has ended.
  const readable = c.get("allowedOrigin") ?? (c.res.status === 401 ? origin : undefined);
  if (readable === undefined) return undefined;
  c.res.headers.set("Access-Control-Allow-Origin", readable);
  c.res.headers.set("Access-Control-Expose-Headers", EXPOSED_HEADERS);
  return undefined;
});
