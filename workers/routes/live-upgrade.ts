/** `GET /v1/sessions/{id}/live`: a session as it happens. The same on both lanes; each answers for its own. */
import { Hono } from "hono";
import { AFTER_PARAMETER } from "../../contracts/live.ts";
import type { AppEnv } from "../context.ts";
import { answerUpgrade } from "../live-upgrade.ts";
import { answerProblem } from "../problem.ts";
import { sessionIdOf } from "../session-id.ts";

export const sessionLiveRoutes = () =>
  new Hono<AppEnv>().get("/:id/live", async (c) => {
    const id = sessionIdOf(c);
    if (!id.ok) return answerProblem(c, id.error);
    return answerUpgrade(c, {
      ticket: `session:${id.value}`,
      parameters: [AFTER_PARAMETER],
      connect: (request) => c.get("deps").sessions.live(id.value, request),
    });
  });
