/** `POST /v1/sessions`, and `PATCH` and the end of one: sessions that are kept. The record of either lane is changed on its own. */
import { Hono } from "hono";
import type { Problem } from "../../contracts/problem.ts";
import { parseJsonObject } from "../../contracts/json.ts";
import { parseAmendment, parseEnd, parseRecording } from "../../contracts/session-records.ts";
import { sessionEtag, sessionJson } from "../../contracts/sessions.ts";
import type { SessionView } from "../../domain/call/session-view.ts";
import { MAX_METADATA_BYTES } from "../../domain/call/call.ts";
import type { DialProfile } from "../../domain/numbers/dial-profile.ts";
import { mayUseTrunk } from "../../domain/identity/principal.ts";
import { type TrunkId, freshSessionId, parseSessionId } from "../../domain/shared/ids.ts";
import { type Result, assertNever, err, ok } from "../../domain/shared/result.ts";
import type { WriteAnswer, WriteRefusal, WriteRequest, Writer } from "../../durable-objects/call-session/record-messages.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { audited } from "../middleware/audited.ts";
import { requires } from "../middleware/authenticate.ts";
import { REPLAYED_HEADER, idempotentUnlessGone } from "../middleware/idempotent.ts";
import { readBody } from "../middleware/read-body.ts";
import { answerProblem } from "../problem.ts";
import { NO_SUCH_SESSION, sessionIdOf } from "../session-id.ts";
import { setUpProblem } from "../set-up.ts";
import { invalidFields } from "./config/answers.ts";
import { entityTagsIn } from "./config/preconditions.ts";
import { toHex } from "../../domain/shared/hex.ts";

const OWN_ID_BYTES = 16;

/** Reads numbers as they are written: in full, or as short ones. */
const UNKNOWN_PROFILE: DialProfile = { country: "001" };

/** Why something was not written on a session, in the words of problem details. */
export function writeRefusalProblem(refusal: WriteRefusal): Problem {
  switch (refusal.tag) {
    case "unknown":
      return NO_SUCH_SESSION;
    case "archived":
      return { code: "illegal_state", detail: "the session is archived", members: { state: "archived" } };
    case "other_trunk":
      return { code: "forbidden", detail: "these credentials are of another trunk" };
    case "too_many_events":
      return { code: "conflict", detail: "the session has as many events as it may have" };
    case "precondition_failed":
      return { code: "precondition_failed", detail: "the session has changed meanwhile; read it again" };
    case "not_announced":
      return { code: "conflict", detail: "nobody has announced the call yet, which may bring metadata of its own" };
    case "too_large":
      return invalidFields([
        { pointer: "/metadata", code: "too_large", detail: `would be longer than ${MAX_METADATA_BYTES} bytes as JSON` },
      ]);
    case "not_recorded":
      return {
        code: "illegal_state",
        detail: "this is a call, not a recorded session: the command hangUp ends it, and whoever carries it reports on it",
        members: { state: refusal.state },
      };
    case "before_start":
      return invalidFields([{ pointer: "/endedAt", code: "not_allowed", detail: "is before startedAt" }]);
    case "ended_otherwise":
      return { code: "conflict", detail: "the session has ended already, and otherwise" };
    case "unavailable":
      return { code: "unavailable", detail: "the session could not take it; it may be sent again" };
    default:
      return assertNever(refusal);
  }
}

/**
 * What tells a try that is repeated behind the interface from a request of its own. Not `X-Request-Id`: that is the client's, who may send
 * several requests under one.
 */
export const ownRequestId = (c: AppContext): string => `request-${toHex(c.get("deps").randomness.bytes(OWN_ID_BYTES))}`;

export function writerOf(c: AppContext): Writer {
  const { tenant, subject: by, trunk = null } = c.get("principal");
  return { tenant, trunk, by, requestId: ownRequestId(c), traceparent: c.get("trace").traceparent };
}

/** The session as it is by now, with its entity tag. */
function answerSession(c: AppContext, view: SessionView, status: 200 | 201 = 200): Response {
  c.header("ETag", `"${sessionEtag(view)}"`);
  c.header("Cache-Control", "private, no-cache");
  return c.json(sessionJson(view), status);
}

export function answerWrite(c: AppContext, answer: Result<WriteAnswer, "unavailable">): Response {
  if (!answer.ok) return answerProblem(c, { code: "unavailable", detail: "the session could not be reached" });
  if (answer.value.tag !== "taken") return answerProblem(c, writeRefusalProblem(answer.value));
  return answerSession(c, answer.value.view);
}

/** How numbers of a trunk are read. What is in force may be nothing, or not to be had: then numbers have to be written in full. */
async function profiles(c: AppContext): Promise<(trunk: string | undefined) => DialProfile> {
  const entry = await c
    .get("deps")
    .entry(c.get("principal").tenant)
    .catch(() => null);
  const router = entry?.snapshot?.router;
  return (trunk) =>
    (trunk === undefined ? null : router?.trunk(trunk))?.dialProfile ??
    router?.trunk(router.settings.defaultTrunk)?.dialProfile ??
    UNKNOWN_PROFILE;
}

async function record(c: AppContext): Promise<Response> {
  const body = parseJsonObject(c.get("body"));
  if (!body.ok) return answerProblem(c, { code: "bad_json", detail: body.error.detail });
  const { sessions, clock, randomness, environment } = c.get("deps");
  const principal = c.get("principal");
  const { tenant, subject } = principal;
  const parsed = parseRecording(body.value, { tenant, nowMs: clock.nowMs() }, await profiles(c));
  if (!parsed.ok) return answerProblem(c, invalidFields(parsed.error));
  const trunk: TrunkId | null = parsed.value.call.trunk ?? principal.trunk ?? null;
  if (trunk !== null && !mayUseTrunk(principal, trunk))
    return answerProblem(c, { code: "forbidden", detail: "this identity is bound to another trunk" });
  const recording = { ...parsed.value, call: { ...parsed.value.call, trunk } };
  const { externalId } = recording.call;
  const identity =
    externalId === null
      ? sessions.identityOf(tenant, freshSessionId(clock.nowMs(), randomness.bytes(16), environment.LANE))
      : await sessions.identify(tenant, { source: "recorded", id: externalId });
  const answer = await sessions.record(identity, recording, subject, c.get("trace").traceparent);
  if (!answer.ok) return answerProblem(c, { code: "unavailable", detail: "the session could not be recorded" });
  if (answer.value.tag === "deleted") return answerProblem(c, setUpProblem("deleted"));
  const { view, created } = answer.value;
  c.header("Location", `/v1/sessions/${view.id}`);
  if (!created) c.header(REPLAYED_HEADER, "true");
  return answerSession(c, view, created ? 201 : 200);
}

/** A repetition is told nothing of a session that has been deleted meanwhile. */
async function deletedProblem(c: AppContext, location: string): Promise<Problem | null> {
  const id = parseSessionId(location.slice(location.lastIndexOf("/") + 1));
  if (!id.ok) return null;
  const view = await c.get("deps").sessions.view(id.value);
  if (!view.ok) return { code: "unavailable", detail: "the session could not be reached" };
  return view.value === null ? setUpProblem("deleted") : null;
}

/** What is wanted of a session by `If-Match`; null: nothing in particular. */
function matchOf(c: AppContext): Result<readonly string[] | null, Problem> {
  const header = c.req.header("if-match");
  return header === undefined ? ok(null) : entityTagsIn("If-Match", header);
}

async function written(
  c: AppContext,
  parse: (body: Record<string, unknown>) => Result<WriteRequest, Problem>,
): Promise<Response> {
  const id = sessionIdOf(c);
  if (!id.ok) return answerProblem(c, id.error);
  const body = parseJsonObject(c.get("body"));
  if (!body.ok) return answerProblem(c, { code: "bad_json", detail: body.error.detail });
  const request = parse(body.value);
  if (!request.ok) return answerProblem(c, request.error);
  return answerWrite(c, await c.get("deps").sessions.write(id.value, request.value));
}

const amend = (c: AppContext): Promise<Response> =>
  written(c, (body) => {
    const ifMatch = matchOf(c);
    if (!ifMatch.ok) return ifMatch;
    const amendment = parseAmendment(body);
    if (!amendment.ok) return err(invalidFields(amendment.error));
    return ok({ kind: "amend", ...writerOf(c), amendment: amendment.value, ifMatch: ifMatch.value });
  });

/** An end may be told without a word about it. */
async function end(c: AppContext): Promise<Response> {
  if (c.get("body").length === 0) c.set("body", new TextEncoder().encode("{}"));
  return written(c, (body) => {
    const parsed = parseEnd(body, c.get("deps").clock.nowMs());
    return parsed.ok ? ok({ kind: "end", ...writerOf(c), ...parsed.value }) : err(invalidFields(parsed.error));
  });
}

/** Sessions that are recorded are the standard lane's. */
export const recordingRoutes = () =>
  new Hono<AppEnv>().post(
    "/",
    readBody,
    requires("sessions:write"),
    idempotentUnlessGone(deletedProblem),
    audited("sessions.record", { live: true }),
    record,
  );

/** Of both lanes. */
export const sessionRecordRoutes = () =>
  new Hono<AppEnv>()
    .patch("/:id", readBody, requires("sessions:write"), audited("sessions.amend", { live: true }), amend)
    .post("/:id/end", readBody, requires("sessions:write"), audited("sessions.end", { live: true }), end);
