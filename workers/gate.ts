/**
 * The front door, in the emergency Worker. Takes out what may be an emergency call and what belongs to one, serves it itself, and
 * hands everything else to the standard Worker as it came.
 */
import { Hono } from "hono";
import { createMiddleware } from "hono/factory";
import { rtjson } from "../adapters/carriers/kamailio/rtjson.ts";
import { parseKamailioEvent, readEmergencyRequest } from "../adapters/carriers/kamailio/wire.ts";
import { STANDARD_LANE } from "../adapters/platform/ask.ts";
import type { GuardLimits } from "../adapters/platform/guard.ts";
import { MAX_ENTITY_BYTES } from "../contracts/configuration/limits.ts";
import { MAX_BODY_BYTES, MAX_EMERGENCY_BODY_BYTES, parseJsonObject, salvageJsonObject } from "../contracts/json.ts";
import { usableCallId } from "../contracts/calls.ts";
import { type EmergencyCall, mayBeEmergency } from "../domain/numbers/emergency.ts";
import { laneOf, parseSessionId } from "../domain/shared/ids.ts";
import type { AppContext, AppEnv } from "./context.ts";
import { type EmergencyAttempt, setUpEmergency } from "./emergency.ts";
import { asksEmergencyStore, eventStoreRoutes } from "./event-routes.ts";
import { claimEarlyReports } from "./early-reports.ts";
import { authenticateRequest } from "./middleware/authenticate.ts";
import { cors } from "./middleware/cors.ts";
import { REQUEST_ID_HEADER, observe } from "./middleware/observe.ts";
import { plainTarget } from "./middleware/plain-target.ts";
import { readBody, readBodyOf } from "./middleware/read-body.ts";
import { securityHeaders } from "./middleware/security-headers.ts";
import { answerProblem } from "./problem.ts";
import { geolocationOf } from "./emergency-lane/geolocation.ts";
import { GATE_HEADER, readGivenBack } from "./recognition.ts";
import { repetitionOf } from "./repetition.ts";
import { auditRoutes } from "./routes/audit.ts";
import { answerCall } from "./routes/calls.ts";
import { carrierRoutes, laneOfCallback } from "./routes/carriers.ts";
import { commandRoutes } from "./routes/commands.ts";
import { LOCATION_PATH, emergencyLocationRoutes, isOfOtherLane } from "./routes/emergency-locations.ts";
import { healthRoutes } from "./routes/health.ts";
import { EARLY_HEADER, kamailioRoutes } from "./routes/kamailio.ts";
import { liveTicketRoutes } from "./routes/live-tickets.ts";
import { internalAuditRoutes } from "./routes/internal-audit.ts";
import { internalEventRoutes } from "./routes/internal-events.ts";
import { sessionLiveRoutes } from "./routes/live-upgrade.ts";
import { operatorRoutes } from "./routes/internal-verify.ts";
import { sessionDeletionRoutes } from "./routes/session-deletion.ts";
import { sessionDerivedRoutes } from "./routes/session-derived.ts";
import { sessionRecordRoutes } from "./routes/session-records.ts";
import { sessionRoutes } from "./routes/sessions.ts";
import { answerUnexpected, answerUnknownPath } from "./unexpected.ts";

/** The standard Worker has this long for a call; longer than anything it waits for itself. */
const STANDARD_DEADLINE_MS = 8_000;
/** And this long to store events: a large body may come slowly. */
const INTAKE_DEADLINE_MS = 15_000;
/** And this long until it begins to answer about configuration: a large upload or publication takes its time. */
const MANAGEMENT_DEADLINE_MS = 120_000;

/** Of calls that wait for the standard Worker in this isolate, which serves emergencies beside them. */
const MAX_CALLS_WAITING = 500;
/** And of what is no call. */
const MAX_OTHERS_WAITING = 200;

/** A body that still comes in may be what is late: then it is not known whose failure that is, and nobody can close the way for others. */
function limitsOf(body: BodyInit | null, deadlineMs: number): GuardLimits {
  if (body instanceof ReadableStream)
    return { deadlineMs, maxAtOnce: MAX_OTHERS_WAITING, pool: "streams", judge: () => "unknown" };
  const isCall = deadlineMs === STANDARD_DEADLINE_MS;
  return { deadlineMs, ...(isCall ? { maxAtOnce: MAX_CALLS_WAITING } : { maxAtOnce: MAX_OTHERS_WAITING, pool: "others" }) };
}

/** What is no call: configuration and its like. Bodies that were not read here pass through as they come. */
const passOn = (c: AppContext): Promise<Response> =>
  handTo(c, (c.get("body") as BodyInit | undefined) ?? c.req.raw.body, MANAGEMENT_DEADLINE_MS);

/** Types of bodies that are rows, of any number. */
const ROWS = /^(?:text\/csv|application\/x-ndjson)\b/i;

/**
 * Reads what is short. Uploads, and entities that say how long they are, pass through for the standard Worker to bound; anything else that
 * is long is refused here, so that nobody fills this Worker and a refusal is not taken for an outage.
 */
const readShort = createMiddleware<AppEnv>(async (c, next) => {
  const declared = Number(c.req.header("content-length") ?? 0);
  const isEntity = declared > MAX_BODY_BYTES && declared <= MAX_ENTITY_BYTES;
  return isEntity || ROWS.test(c.req.header("content-type") ?? "") ? next() : readBody(c, next);
});

/**
 * Hands a call, or a report on one, to the standard Worker. What that would refuse unread is refused here: a sender of long bodies must not
 * make the standard lane look as if it failed.
 */
const handOn = async (c: AppContext): Promise<Response> =>
  c.get("body").length > MAX_BODY_BYTES
    ? answerProblem(c, { code: "body_too_large" })
    : handTo(c, c.get("body") as BodyInit, STANDARD_DEADLINE_MS);

/** The standard Worker's failure is this request's failure, and nobody else's. */
async function handTo(c: AppContext, body: BodyInit | null, deadlineMs: number): Promise<Response> {
  const { STANDARD } = c.env;
  if (STANDARD === undefined) return answerProblem(c, { code: "unavailable", detail: "there is no standard lane here" });
  const headers = new Headers(c.req.raw.headers);
  headers.set("traceparent", c.get("trace").traceparent);
  headers.set(REQUEST_ID_HEADER, c.get("requestId"));
  headers.set(GATE_HEADER, "1");
  const { method } = c.req;
  const request = new Request(c.req.url, {
    method,
    headers,
    redirect: "manual",
    ...(method === "GET" || method === "HEAD" ? {} : { body }),
  });
  // The signal is not passed on: what the standard lane has begun it may finish.
  const answer = await c.get("deps").guard(STANDARD_LANE, limitsOf(body, deadlineMs), () => STANDARD.fetch(request));
  if (answer.ok) {
    c.set("handedOn", true);
    const { status, headers: told, webSocket } = answer.value;
    // A fresh response: headers of a fetched one cannot be set.
    return webSocket === null
      ? new Response(answer.value.body, answer.value)
      : new Response(null, { status, headers: told, webSocket });
  }
  if (answer.error.tag === "failed")
    c.get("deps").log("error", "the standard lane cannot be reached", { traceId: c.get("trace").traceId });
  return answerProblem(c, { code: "unavailable", detail: "the standard lane does not answer; emergency calls are served" });
}

/** What an attempt comes to when it did not set up a call; null: it is an ordinary one. */
function answerFailure(c: AppContext, attempt: Exclude<EmergencyAttempt, { tag: "answered" }>): Response | null {
  if (attempt.tag === "refused") return attempt.answer;
  return null;
}

/** A number is taken for its digits, and a list for its only entry: whoever sends 112 without quotes needs help no less. */
function dialledText(value: unknown): string {
  if (Array.isArray(value) && value.length === 1) return dialledText(value[0]);
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** Serves what may be an emergency; null: it cannot be one. @param given what the standard lane has found it to be. */
type Serving = (c: AppContext, given: EmergencyCall | null) => Promise<Response | null>;

/** What the standard lane finds to be an emergency, with all that it knows, comes back here ([EMG-8]). */
async function gated(c: AppContext, serve: Serving): Promise<Response> {
  const own = await serve(c, null);
  if (own !== null) return own;
  const answer = await handOn(c);
  const given = readGivenBack(answer);
  if (given === null) return answer;
  c.set("handedOn", false);
  const served = await serve(c, given);
  if (served === null) return answer;
  await answer.body?.cancel();
  return served;
}

async function serveCall(c: AppContext, given: EmergencyCall | null): Promise<Response | null> {
  const body = salvageJsonObject(c.get("body"));
  const dialled = dialledText(body?.["to"]);
  if (body === null || (given === null && !mayBeEmergency(dialled))) return null;
  const repetition = await repetitionOf(c, usableCallId(body));
  const requested = typeof body["trunk"] === "string" ? body["trunk"] : undefined;
  const known = repetition.ok ? repetition.value : { external: null, fingerprint: null };
  const attempt = await setUpEmergency(c, { dialled, body, hints: { requested }, repetition: known, given });
  if (attempt.tag !== "answered") return answerFailure(c, attempt);
  const { setUp, call } = attempt;
  return answerCall(c, setUp, call.warnings, await geolocationOf(c, setUp));
}

const gateCall = (c: AppContext): Promise<Response> => gated(c, serveCall);

async function serveKamailioRoute(c: AppContext, given: EmergencyCall | null): Promise<Response | null> {
  const body = salvageJsonObject(c.get("body"));
  const request = body === null ? null : readEmergencyRequest(body);
  if (request === null || (given === null && !mayBeEmergency(request.dialled))) return null;
  const { callId, hints } = request;
  const external = callId === null ? null : { source: "call-id" as const, id: callId };
  const repetition = { external, fingerprint: null };
  const attempt = await setUpEmergency(c, { dialled: request.dialled, body: request.body, hints, repetition, given });
  if (attempt.tag !== "answered") return answerFailure(c, attempt);
  const { setUp, call } = attempt;
  if (setUp.created && callId !== null) c.get("deps").defer(claimEarlyReports(c, call.tenant, callId, setUp.view.id));
  // Where we know no place, what came along says it.
  const geolocation = (await geolocationOf(c, setUp)) ?? request.geolocation ?? undefined;
  return c.json(rtjson(setUp.plan, setUp.view.id, "emergency", { geolocation }));
}

const gateKamailioRoute = (c: AppContext): Promise<Response> => gated(c, serveKamailioRoute);

/**
 * Whether a report belongs to a call of this lane: the reporter says so, or the standard lane does not know the call (or does not
 * answer) and this lane does.
 */
async function gateKamailioEvent(c: AppContext, next: () => Promise<void>): Promise<Response | void> {
  const body = parseJsonObject(c.get("body"));
  const { clock, sessions } = c.get("deps");
  const event = body.ok ? parseKamailioEvent(body.value, clock.nowMs()) : null;
  if (event === null || !event.ok || event.value.lane === "standard") return handOn(c);
  if (event.value.lane === "emergency") return next();
  const answer = await handOn(c);
  // What the other lane has deleted may be an emergency here, which took the same call id.
  const settled = answer.status < 500 && answer.status !== 404 && !answer.headers.has(EARLY_HEADER);
  if (settled) return answer;
  const principal = await authenticateRequest(c, "sessions:report");
  if (!principal.ok) return principal.error;
  const identity = await sessions.identify(principal.value.tenant, { source: "call-id", id: event.value.callId });
  const own = await sessions.view(identity.id);
  return own.ok && own.value !== null ? next() : answer;
}

/** Longer than the standard lane takes: what it is handed and finds too long, it refuses itself. */
const readSetUp = readBodyOf(MAX_EMERGENCY_BODY_BYTES);

export const gate = () => {
  const own = kamailioRoutes();
  const app = new Hono<AppEnv>();
  app.use(observe);
  app.use(securityHeaders);
  app.use(plainTarget);
  app.use(cors);
  app.route("/", healthRoutes());
  app.post("/v1/calls", readSetUp, gateCall);
  app.post("/pbx/kamailio/route", readSetUp, gateKamailioRoute);
  app.post("/pbx/kamailio/events", readBody, gateKamailioEvent);
  app.route("/pbx/kamailio", own);
  app.use("/v1/sessions/:id/*", readBody, async (c, next) => {
    const id = parseSessionId(c.req.param("id") ?? "");
    return id.ok && laneOf(id.value) === "emergency" ? next() : handOn(c);
  });
  app.route("/v1/sessions", sessionLiveRoutes());
  app.route("/v1/sessions", sessionRoutes());
  app.route("/v1/sessions", sessionRecordRoutes());
  app.route("/v1/sessions", sessionDeletionRoutes());
  app.route("/v1/sessions", sessionDerivedRoutes());
  app.route("/v1/sessions", commandRoutes());
  app.use(`${LOCATION_PATH}/:reference`, async (c, next) => (isOfOtherLane(c) ? passOn(c) : next()));
  app.route(LOCATION_PATH, emergencyLocationRoutes());
  app.use("/carriers/:account/events", readBody, async (c, next) => (laneOfCallback(c) === "standard" ? handOn(c) : next()));
  app.route("/carriers", carrierRoutes());
  // Questions about the emergency lane's events are answered here, whatever becomes of the other lane.
  app.post("/v1/events", (c) => handTo(c, c.req.raw.body, INTAKE_DEADLINE_MS));
  for (const path of ["/v1/events", "/v1/events/:id", "/v1/events/:what/:part/*", "/v1/calls/:callId/timeline", "/v1/cdrs"])
    app.use(path, async (c, next) => (asksEmergencyStore(c) ? next() : passOn(c)));
  app.route("/", eventStoreRoutes());
  // Minted here, so that whoever follows an emergency needs nothing of the standard lane.
  app.route("/", liveTicketRoutes());
  app.route("/", operatorRoutes());
  app.route("/", internalEventRoutes());
  // The trail of what was done here, and of who was refused here.
  for (const path of ["/v1/audit", "/v1/audit/export"])
    app.use(path, async (c, next) => (c.req.query("lane") === "emergency" ? next() : passOn(c)));
  app.route("/v1/audit", auditRoutes());
  app.route("/", internalAuditRoutes());
  app.all("*", readShort, passOn);
  app.notFound(answerUnknownPath);
  app.onError(answerUnexpected);
  return app;
};
