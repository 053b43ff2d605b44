/** `/v1/sessions/{id}`: the record, its events, and what carriers report. The same on both lanes; each answers for its own. */
import { Hono } from "hono";
import { parseJsonObject } from "../../contracts/json.ts";
import { parseReport } from "../../contracts/reports.ts";
import type { SessionView } from "../../domain/call/session-view.ts";
import { sessionJson } from "../../contracts/sessions.ts";
import type { Problem } from "../../contracts/problem.ts";
import { redactEvent } from "../../domain/events/keeping/redaction.ts";
import type { AppEnv } from "../context.ts";
import { requires } from "../middleware/authenticate.ts";
import { readBody } from "../middleware/read-body.ts";
import { noteReport } from "../note-report.ts";
import { answerProblem } from "../problem.ts";
import { NO_SUCH_SESSION, sessionIdOf } from "../session-id.ts";

const NO_ANSWER: Problem = { code: "unavailable", detail: "the session could not be reached" };

/** Every change of a session has a sequence of its own, except that it gives up its storage. */
function etagOf({ sequence, archived }: SessionView): string {
  return `"${sequence}${archived ? "-archived" : ""}"`;
}

/** If-None-Match compares weakly (RFC 9110 §13.1.2). */
function matches(header: string | undefined, etag: string): boolean {
  const tags = (header ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.includes(etag) || tags.includes("*");
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
      const { sessions, events: store } = c.get("deps");
      const { tenant } = c.get("principal");
      // Before anything is read: what is erased while it is read is hidden or gone already.
      const redact = await store.redactionOf(tenant).catch(() => null);
      const timeline = redact === null ? null : await sessions.timeline(id.value);
      if (redact === null || timeline === null || !timeline.ok)
        return answerProblem(c, { code: "unavailable", detail: "the events could not be read" });
      if (timeline.value?.view.tenant !== tenant) return answerProblem(c, NO_SUCH_SESSION);
      const { events, sources } = timeline.value;
      // Which store each event was read from; the same event may come from several.
      c.header("Trunkline-Sources", `object=${sources.object}, log=${sources.log}, segments=${sources.segments}`);
      return c.json({ items: events.map((event) => redactEvent(event, redact)) });
    })
    .post("/:id/events", readBody, requires("sessions:report"), async (c) => {
      const id = sessionIdOf(c);
      if (!id.ok) return answerProblem(c, id.error);
      const body = parseJsonObject(c.get("body"));
      if (!body.ok) return answerProblem(c, { code: "bad_json", detail: body.error.detail });
      const { sessions, clock } = c.get("deps");
      const report = parseReport(body.value, clock.nowMs());
      if (!report.ok) return answerProblem(c, { code: "invalid_fields", errors: report.error });
      const identity = sessions.identityOf(c.get("principal").tenant, id.value);
      const answer = await sessions.report(identity, report.value, false, c.get("trace").traceparent);
      if (!answer.ok) return answerProblem(c, NO_ANSWER);
      if (answer.value.tag === "unknown") return answerProblem(c, NO_SUCH_SESSION);
      if (answer.value.tag === "unavailable") return answerProblem(c, NO_ANSWER);
      noteReport(c, report.value, answer.value);
      return c.json({ applied: answer.value.applied, id: id.value, state: answer.value.view.state.phase });
    });
