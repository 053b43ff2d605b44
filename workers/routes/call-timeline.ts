/** `GET /v1/calls/{callId}/timeline`. */
import { Hono } from "hono";
import { timelineJson, timelineText } from "../../contracts/events/timeline.ts";
import { isCallId, parseTimeline } from "../../contracts/events/timeline-request.ts";
import type { Problem } from "../../contracts/problem.ts";
import { timelineOf } from "../../domain/events/timeline.ts";
import { maskJson } from "../../domain/privacy/mask.ts";
import { laneOf, parseSessionId } from "../../domain/shared/ids.ts";
import type { AppEnv } from "../context.ts";
import { elsewhere, orUnavailable } from "../events/answers.ts";
import { readCallEvents } from "../events/timeline.ts";
import { requires } from "../middleware/authenticate.ts";
import { seesPersonalData } from "../middleware/personal-data.ts";
import { answerProblem } from "../problem.ts";

const NO_SUCH_CALL: Problem = { code: "not_found", detail: "there is no event of such a call" };

export const callTimelineRoutes = () =>
  new Hono<AppEnv>().get("/:callId/timeline", requires("events:read"), async (c) => {
    const { events, sessions, environment } = c.get("deps");
    const request = parseTimeline(new URL(c.req.url).searchParams, c.req.header("accept") ?? "");
    if (!request.ok) return answerProblem(c, { code: "bad_query", errors: request.error });
    const { format, longGapMs, period, lane } = request.value;
    const callId = c.req.param("callId");
    if (!isCallId(callId)) return answerProblem(c, NO_SUCH_CALL);
    const session = parseSessionId(callId);
    const refused = elsewhere(c, lane ?? (session.ok ? laneOf(session.value) : null));
    if (refused !== null) return refused;
    return orUnavailable(c, async () => {
      const ports = { sources: events, sessions, lane: environment.LANE };
      const found = await readCallEvents(ports, c.get("principal").tenant, callId, period);
      if (!found.ok) return answerProblem(c, { code: "unavailable", detail: "the session could not be reached" });
      if (found.value === null) return answerProblem(c, NO_SUCH_CALL);
      const { session: sessionId, events: all, truncated, damaged } = found.value;
      const timeline = timelineOf(all, longGapMs);
      const head = { callId, sessionId, truncated, damaged };
      c.header("Cache-Control", "private, no-store");
      c.header("Vary", "Accept");
      if (format === "json") return c.json(timelineJson(head, timeline));
      if (seesPersonalData(c)) return c.text(timelineText(head, timeline));
      // A text cannot be masked, the events that it is made of can.
      c.set("personalDataMasked", true);
      return c.text(timelineText(head, timelineOf(maskJson(all) as typeof all, longGapMs)));
    });
  });
