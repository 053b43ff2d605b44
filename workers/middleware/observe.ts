/** One request id, one trace, one log line, one set of metrics per request. */
import { createMiddleware } from "hono/factory";
import { routePath } from "hono/route";
import type { StatusCode } from "hono/utils/http-status";
import { continueTrace } from "../../adapters/telemetry/trace.ts";
import { addMetrics } from "../../durable-objects/metrics/hand-over.ts";
import { noteRefused } from "../audit/refusals.ts";
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

const encoder = new TextEncoder();

type ToldHeaders = Record<string, string | string[]>;
/** How Hono's makers of answers are told status and headers. */
type Told = readonly [arg?: StatusCode | ResponseInit, headers?: ToldHeaders];

/**
 * Has answers that are at hand as a whole say how long they are. The platform knows it too, but tells it to nobody before the answer has
 * left, and reading the answer for it would cost more than making it.
 */
function sized(c: AppContext): void {
  const whole = (text: string, type: ToldHeaders, [arg, headers]: Told): Response => {
    const bytes = encoder.encode(text) as Uint8Array<ArrayBuffer>;
    return c.newResponse(bytes, arg as StatusCode, { ...type, "Content-Length": String(bytes.length), ...headers });
  };
  Object.assign(c, {
    json: (object: unknown, ...told: Told) => whole(JSON.stringify(object), { "Content-Type": "application/json" }, told),
    text: (text: string, ...told: Told) => whole(text, { "Content-Type": "text/plain; charset=UTF-8" }, told),
    body: (data: Parameters<typeof c.newResponse>[0], ...told: Told) =>
      typeof data === "string" ? whole(data, {}, told) : c.newResponse(data, told[0] as StatusCode, told[1]),
  });
}

/** Bytes; null where it is not known before the answer has been sent. */
function responseBytes({ status, headers }: Response): number | null {
  const declared = headers.get("Content-Length");
  if (declared !== null) return Number(declared);
  return status === 101 || status === 204 || status === 304 ? 0 : null;
}

/** What was read, or, where nobody read it, what was announced. */
function requestBytes(c: AppContext): number {
  return c.get("body")?.length ?? Number(c.req.header("content-length") ?? 0);
}

/** Hands over what this isolate has counted, when it is time. */
export function shipMetrics(c: AppContext, force = false): Promise<void> | null {
  const deps = c.get("deps");
  const deltas = deps.meter.take(deps.clock.nowMs(), force);
  if (deltas === null) return null;
  deps.analytics.flush();
  return addMetrics(c.env.METRICS, deps.environment.JURISDICTION, deltas).then((added) => {
    if (!added) deps.log("warn", "metrics could not be handed over; this burst is lost");
  });
}

export const observe = createMiddleware<AppEnv>(async (c, next) => {
  const deps = depsOf(c.env);
  deps.breakers.at(c.req.raw.cf?.colo);
  const startedMs = deps.clock.nowMs();
  const trace = continueTrace(c.req.header("traceparent") ?? null, deps.randomness.bytes(24));
  const given = c.req.header(REQUEST_ID_HEADER);
  // The gate passes its own on, and a client may bring one: what is quoted in a ticket is then found in every log.
  const requestId = given !== undefined && USABLE_REQUEST_ID.test(given) ? given : trace.traceparent.slice(36, 52);
  c.set("deps", deps);
  c.set("trace", trace);
  c.set("requestId", requestId);
  c.set("startedMs", startedMs);
  sized(c);
  await next();
  c.res.headers.set(REQUEST_ID_HEADER, requestId);
  noteRefused(c);
  const route = routePath(c);
  const { method } = c.req;
  const { status } = c.res;
  const durationMs = deps.clock.nowMs() - startedMs;
  const tenant = c.get("principal")?.tenant ?? "";
  deps.meter.count("trunkline_http_requests_total", { route, method, status: String(status) });
  deps.meter.observe("trunkline_http_request_duration_seconds", { route, method }, durationMs / 1000);
  // What is shed is no mistake of anybody's, and comes by the thousand.
  const isError = status >= 500 && c.get("failure") !== "overloaded";
  deps.log(isError ? "error" : "info", "request", {
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
    sourceIp: c.req.header("cf-connecting-ip") ?? null,
    requestBytes: requestBytes(c),
    responseBytes: responseBytes(c.res),
    ...c.get("notes"),
  });
  // What was handed on is a point of the lane that served it.
  if (!c.get("handedOn"))
    deps.analytics.write({ kind: "request", tenant, labels: [route, method, String(status)], values: [durationMs] });
  deps.beginDeferred();
  const shipping = shipMetrics(c);
  if (shipping !== null) deps.defer(shipping);
});
