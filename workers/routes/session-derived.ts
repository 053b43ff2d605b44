/** What a session's events make of it: a vCon of an ended one, and what it was at any moment. The same on both lanes. */
import { Hono } from "hono";
import { parseReplay, replayJson } from "../../contracts/session-replay.ts";
import { replay } from "../../domain/call/replay.ts";
import { isTerminal } from "../../domain/call/state.ts";
import { VCON_TYPE, vconOf } from "../../domain/vcon/vcon.ts";
import type { AppEnv } from "../context.ts";
import { audited } from "../middleware/audited.ts";
import { requires } from "../middleware/authenticate.ts";
import { answerProblem } from "../problem.ts";
import { sessionIdOf } from "../session-id.ts";
import { EVENTS_AWAY, readShownTimeline } from "../session-timeline.ts";

const BEFORE_ALL = { pointer: "?at", code: "not_allowed", detail: "is before the session's first event" };

export const sessionDerivedRoutes = () =>
  new Hono<AppEnv>()
    .get("/:id/vcon", requires("sessions:read"), audited("sessions.export-vcon", { reads: true }), async (c) => {
      const id = sessionIdOf(c);
      if (!id.ok) return answerProblem(c, id.error);
      const timeline = await readShownTimeline(c, id.value);
      if (!timeline.ok) return answerProblem(c, timeline.error);
      const { view, events } = timeline.value;
      const { phase } = view.state;
      if (!isTerminal(phase))
        return answerProblem(c, {
          code: "illegal_state",
          detail: "the session goes on; a vCon is of one that has ended",
          members: { state: phase },
        });
      const session = replay(events, null);
      const vcon = session === null ? null : vconOf(view, session, events);
      if (vcon === null) return answerProblem(c, EVENTS_AWAY);
      c.header("Cache-Control", "private, no-store");
      return c.body(JSON.stringify(vcon), 200, { "Content-Type": VCON_TYPE });
    })
    .get("/:id/replay", requires("sessions:read"), async (c) => {
      const id = sessionIdOf(c);
      if (!id.ok) return answerProblem(c, id.error);
      const moment = parseReplay(new URL(c.req.url).searchParams);
      if (!moment.ok) return answerProblem(c, { code: "bad_query", errors: moment.error });
      const timeline = await readShownTimeline(c, id.value);
      if (!timeline.ok) return answerProblem(c, timeline.error);
      const { view, events } = timeline.value;
      const replayed = replay(events, moment.value);
      if (replayed === null)
        return answerProblem(c, moment.value === null ? EVENTS_AWAY : { code: "bad_query", errors: [BEFORE_ALL] });
      c.header("Cache-Control", "private, no-store");
      return c.json(replayJson(view, replayed));
    });
