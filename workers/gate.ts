/**
 * The front door, in the emergency Worker. Takes out what may be an emergency call and what belongs to one, serves it itself, and
 * hands everything else to the standard Worker as it came.
 */
import { Hono } from "hono";
import { numberOfUri } from "../adapters/carriers/kamailio/number.ts";
import { rtjson } from "../adapters/carriers/kamailio/rtjson.ts";
import { parseKamailioEvent, parseRouteRequest } from "../adapters/carriers/kamailio/wire.ts";
import { within } from "../adapters/platform/deadline.ts";
import { parseJsonObject } from "../contracts/json.ts";
import { mayBeEmergency } from "../domain/numbers/emergency.ts";
import { laneOf, parseSessionId } from "../domain/shared/ids.ts";
import type { AppContext, AppEnv } from "./context.ts";
import { type EmergencyAttempt, setUpEmergency } from "./emergency.ts";
import { observe } from "./middleware/observe.ts";
import { readBody } from "./middleware/read-body.ts";
import { answerProblem } from "./problem.ts";
import { repetitionOf } from "./repetition.ts";
import { answerCall } from "./routes/calls.ts";
import { healthRoutes } from "./routes/health.ts";
import { callBody, kamailioRoutes } from "./routes/kamailio.ts";
import { sessionRoutes } from "./routes/sessions.ts";
import { answerUnexpected, answerUnknownPath } from "./unexpected.ts";

/** The standard Worker has this long; longer than anything it waits for itself. */
const STANDARD_DEADLINE_MS = 8_000;

/** Hands the request to the standard Worker. Its failure is this call's failure, and nobody else's. */
async function handOn(c: AppContext): Promise<Response> {
  if (c.env.STANDARD === undefined) return answerProblem(c, { code: "unavailable", detail: "there is no standard lane here" });
  const headers = new Headers(c.req.raw.headers);
  headers.set("traceparent", c.get("trace").traceparent);
  const body = c.get("body") ?? c.req.raw.body;
  const { method } = c.req;
  const request = new Request(c.req.url, {
    method,
    headers,
    redirect: "manual",
    ...(method === "GET" || method === "HEAD" ? {} : { body: body as BodyInit }),
  });
  try {
    const answer = await within(c.env.STANDARD.fetch(request), STANDARD_DEADLINE_MS);
    // A fresh response: headers of a fetched one cannot be set.
    if (answer.done) return new Response(answer.value.body, answer.value);
  } catch {
    c.get("deps").log("error", "the standard lane cannot be reached", { traceId: c.get("trace").traceId });
  }
  return answerProblem(c, { code: "unavailable", detail: "the standard lane does not answer; emergency calls are served" });
}

/** What an attempt comes to when it did not set up a call. */
function answerFailure(c: AppContext, attempt: Exclude<EmergencyAttempt, { tag: "answered" }>): Response | Promise<Response> {
  if (attempt.tag === "refused") return attempt.answer;
  if (attempt.tag === "invalid") return answerProblem(c, { code: "invalid_fields", errors: attempt.errors });
  return handOn(c);
}

async function gateCall(c: AppContext): Promise<Response> {
  const body = parseJsonObject(c.get("body"));
  const dialled = body.ok ? body.value["to"] : undefined;
  if (!body.ok || typeof dialled !== "string" || !mayBeEmergency(dialled)) return handOn(c);
  const callId = typeof body.value["callId"] === "string" ? body.value["callId"] : null;
  const repetition = await repetitionOf(c, callId);
  const requested = typeof body.value["trunk"] === "string" ? body.value["trunk"] : undefined;
  const attempt = await setUpEmergency(
    c,
    dialled,
    body.value,
    { requested },
    repetition.ok ? repetition.value : { external: null, fingerprint: null },
  );
  return attempt.tag === "answered" ? answerCall(c, attempt.setUp, attempt.call.warnings) : answerFailure(c, attempt);
}

async function gateKamailioRoute(c: AppContext): Promise<Response> {
  const body = parseJsonObject(c.get("body"));
  const request = body.ok ? parseRouteRequest(body.value) : null;
  if (request === null || !request.ok) return handOn(c);
  const dialled = numberOfUri(request.value.ruri);
  if (!mayBeEmergency(dialled)) return handOn(c);
  const { trunk: requested, srcIp: source, callId } = request.value;
  const repetition = { external: { source: "call-id" as const, id: callId }, fingerprint: null };
  const attempt = await setUpEmergency(c, dialled, callBody(request.value), { requested, source }, repetition);
  if (attempt.tag !== "answered") return answerFailure(c, attempt);
  return c.json(rtjson(attempt.setUp.plan, attempt.setUp.view.id, "emergency"));
}

/** Whether a report belongs to a call of this lane: the reporter says so, or the standard lane does not know it and we do. */
async function gateKamailioEvent(c: AppContext, next: () => Promise<void>): Promise<Response | void> {
  const body = parseJsonObject(c.get("body"));
  const event = body.ok ? parseKamailioEvent(body.value, c.get("deps").clock.nowMs()) : null;
  if (event?.ok && event.value.lane === "emergency") return next();
  return handOn(c);
}

export const gate = () => {
  const own = kamailioRoutes();
  const app = new Hono<AppEnv>();
  app.use(observe);
  app.route("/", healthRoutes());
  app.post("/v1/calls", readBody, gateCall);
  app.post("/pbx/kamailio/route", readBody, gateKamailioRoute);
  app.post("/pbx/kamailio/events", readBody, gateKamailioEvent);
  app.route("/pbx/kamailio", own);
  app.use("/v1/sessions/:id/*", async (c, next) => {
    const id = parseSessionId(c.req.param("id"));
    return id.ok && laneOf(id.value) === "emergency" ? next() : handOn(c);
  });
  app.route("/v1/sessions", sessionRoutes());
  app.all("*", handOn);
  app.notFound(answerUnknownPath);
  app.onError(answerUnexpected);
  return app;
};
