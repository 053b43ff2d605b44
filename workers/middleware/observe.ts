/** One request id, one trace, one log line, one set of metrics per request. */
import { createMiddleware } from "hono/factory";
import { routePath } from "hono/route";
import { continueTrace } from "../../adapters/telemetry/trace.ts";
import { METRICS_OBJECT } from "../../durable-objects/metrics/metrics.ts";
import { inJurisdiction } from "../../durable-objects/namespaces.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { depsOf } from "../deps.ts";

export const REQUEST_ID_HEADER = "X-Request-Id";
const USABLE_REQUEST_ID = /^[\w.-]{8,64}$/;

const READABLE_SEGMENT = /^(?!\+?\d{5,}$)[\w.-]{0,64}$/;
const MAX_SEGMENTS = 8;

/** A path may be anything that somebody sends: numbers and what is no word of ours is masked. */
function loggedPath(path: string): string {
  const segments = path.split("/", MAX_SEGMENTS);
  return segments.map((segment) => (READABLE_SEGMENT.test(segment) ? segment : "***")).join("/");
}

/** Hands over what this isolate has counted, when it is time. */
export function shipMetrics(c: AppContext, force = false): Promise<unknown> | null {
  const deps = c.get("deps");
  const deltas = deps.meter.take(deps.clock.nowMs(), force);
  if (deltas === null) return null;
  deps.analytics.flush();
  const metrics = inJurisdiction(c.env.METRICS, deps.environment.JURISDICTION).getByName(METRICS_OBJECT);
  return metrics.add(deltas).then(
    () => {},
    () => deps.log("warn", "metrics could not be handed over; this burst is lost"),
  );
}

export const observe = createMiddleware<AppEnv>(async (c, next) => {
  const deps = depsOf(c.env);
  const startedMs = deps.clock.nowMs();
  const trace = continueTrace(c.req.header("traceparent") ?? null, deps.randomness.bytes(24));
  const given = c.req.header(REQUEST_ID_HEADER);
  // The gate passes its own on, and a client may bring one: what is quoted in a ticket is then found in every log.
  const requestId = given !== undefined && USABLE_REQUEST_ID.test(given) ? given : trace.traceparent.slice(36, 52);
  c.set("deps", deps);
  c.set("trace", trace);
  c.set("requestId", requestId);
  c.set("startedMs", startedMs);
  await next();
  c.res.headers.set(REQUEST_ID_HEADER, requestId);
  const route = routePath(c);
  const { method } = c.req;
  const { status } = c.res;
  const durationMs = deps.clock.nowMs() - startedMs;
  const tenant = c.get("principal")?.tenant ?? "";
  deps.meter.count("trunkline_http_requests_total", { route, method, status: String(status) });
  deps.meter.observe("trunkline_http_request_duration_seconds", { route, method }, durationMs / 1000);
  deps.log(status >= 500 ? "error" : "info", "request", {
    requestId,
    traceId: trace.traceId,
    method,
    route,
    path: loggedPath(c.req.path),
    status,
    durationMs,
    tenant,
    sessionId: c.get("sessionId"),
    failure: c.get("failure"),
    sourceIp: c.req.header("cf-connecting-ip"),
    bytes: c.get("body")?.length,
    ...c.get("notes"),
  });
  // What was handed on is a point of the lane that served it.
  if (!c.get("handedOn"))
    deps.analytics.write({ kind: "request", tenant, labels: [route, method, String(status)], values: [durationMs] });
  deps.beginDeferred();
  const shipping = shipMetrics(c);
  if (shipping !== null) deps.defer(shipping);
});
