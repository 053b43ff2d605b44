/** `/v1/sessions/{id}`: the record, its events, and what carriers report. The same on both lanes; each answers for its own. */
import { Hono } from "hono";
import { parseJsonObject } from "../../contracts/json.ts";
import { parseReport } from "../../contracts/reports.ts";
import { parseSessionEvents, sessionEventsPage } from "../../contracts/session-events.ts";
import { isOwnEvent, parseOwnEvent } from "../../contracts/session-records.ts";
import type { SessionView } from "../../domain/call/session-view.ts";
import { sessionEtag, sessionJson } from "../../contracts/sessions.ts";
import type { Problem } from "../../contracts/problem.ts";
import { mayBeOpening } from "../../domain/emergency/insist.ts";
import type { SessionId } from "../../domain/shared/ids.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { requires } from "../middleware/authenticate.ts";
import { readBody } from "../middleware/read-body.ts";
import { noteReport } from "../note-report.ts";
import { answerProblem } from "../problem.ts";
import { NO_SUCH_SESSION, sessionIdOf } from "../session-id.ts";
import { readShownTimeline } from "../session-timeline.ts";
import { reportRefusal } from "../trunks.ts";
import { invalidFields } from "./config/answers.ts";
import { writeRefusalProblem, writerOf } from "./session-records.ts";

const NO_ANSWER: Problem = { code: "unavailable", detail: "the session could not be reached" };

const etagOf = (view: SessionView): string => `"${sessionEtag(view)}"`;

/** If-None-Match compares weakly (RFC 9110 §13.1.2). */
function matches(header: string | undefined, etag: string): boolean {
  const tags = (header ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.includes(etag) || tags.includes("*");
}

/** Reports are of calls; a recorded session takes events of its system's own. */
const NO_CALL: Problem = invalidFields([
  {
    pointer: "/type",
    code: "not_allowed",
    detail: "this session is recorded: it takes events of your own type, and its end under /end",
  },
]);

/** An event of the sender's own type, on a session that its system records. */
async function addOwnEvent(c: AppContext, id: SessionId, body: Record<string, unknown>): Promise<Response> {
  const { sessions, clock } = c.get("deps");
  const parsed = parseOwnEvent(body, clock.nowMs());
  if (!parsed.ok) return answerProblem(c, invalidFields(parsed.error));
  const writer = writerOf(c);
  // A try that is repeated behind the interface must not do it twice, also where the sender gives no id.
  const event = { ...parsed.value, id: parsed.value.id ?? writer.requestId };
  const answer = await sessions.write(id, { kind: "event", ...writer, event });
  if (!answer.ok) return answerProblem(c, NO_ANSWER);
  const taken = answer.value;
  if (taken.tag === "not_recorded")
    return answerProblem(
      c,
      invalidFields([{ pointer: "/type", code: "not_allowed", detail: "this is a call: it takes reports, no other events" }]),
    );
  if (taken.tag !== "taken") return answerProblem(c, writeRefusalProblem(taken));
  return c.json({ applied: !taken.repeated, id, state: taken.view.state.phase });
}

export const sessionRoutes = () =>
  new Hono<AppEnv>()
    .get("/:id", requires("sessions:read"), async (c) => {
      const id = sessionIdOf(c);
      if (!id.ok) return answerProblem(c, id.error);
      const view = await c.get("deps").sessions.view(id.value);
      if (!view.ok) return answerProblem(c, NO_ANSWER);
      if (view.value?.tenant !== c.get("principal").tenant) return answerProblem(c, NO_SUCH_SESSION);
      const etag = etagOf(view.value);
      c.header("ETag", etag);
      c.header("Cache-Control", "private, no-cache");
      if (matches(c.req.header("if-none-match"), etag)) return c.body(null, 304);
      return c.json(sessionJson(view.value));
    })
    .get("/:id/events", requires("sessions:read"), async (c) => {
      const id = sessionIdOf(c);
      if (!id.ok) return answerProblem(c, id.error);
      const request = parseSessionEvents(id.value, new URL(c.req.url).searchParams);
      if (!request.ok) return answerProblem(c, request.error);
      const timeline = await readShownTimeline(c, id.value);
      if (!timeline.ok) return answerProblem(c, timeline.error);
      const { events, sources } = timeline.value;
      // Which store each event was read from; the same event may come from several.
      c.header("Trunkline-Sources", `object=${sources.object}, log=${sources.log}, segments=${sources.segments}`);
      return c.json(sessionEventsPage(events, request.value));
    })
    .post("/:id/events", readBody, requires("sessions:report"), async (c) => {
      const id = sessionIdOf(c);
      if (!id.ok) return answerProblem(c, id.error);
      const body = parseJsonObject(c.get("body"));
      if (!body.ok) return answerProblem(c, { code: "bad_json", detail: body.error.detail });
      const { sessions, clock } = c.get("deps");
      const refusal = await reportRefusal(c, id.value);
      if (refusal !== null) return answerProblem(c, refusal);
      if (isOwnEvent(body.value)) return addOwnEvent(c, id.value, body.value);
      const report = parseReport(body.value, clock.nowMs());
      if (!report.ok) return answerProblem(c, { code: "invalid_fields", errors: report.error });
      const identity = sessions.identityOf(c.get("principal").tenant, id.value);
      // Who reports on an emergency has our answer, and may have it before the session is on disk.
      const early = mayBeOpening(id.value, clock.nowMs());
      const answer = await sessions.report(identity, report.value, early, c.get("trace").traceparent);
      if (!answer.ok) return answerProblem(c, NO_ANSWER);
      if (answer.value.tag === "unknown") return answerProblem(c, NO_SUCH_SESSION);
      if (answer.value.tag === "unavailable") return answerProblem(c, NO_ANSWER);
      if (answer.value.tag === "recorded") return answerProblem(c, NO_CALL);
      noteReport(c, report.value, answer.value);
      return c.json({ applied: answer.value.applied, id: id.value, state: answer.value.view.state.phase });
    });
