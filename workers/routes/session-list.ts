/** `GET /v1/sessions`: the tenant's sessions, page by page. The standard lane's; sessions of both lanes are in it. */
import { Hono } from "hono";
import { cursorAt, parseSessionPage, sessionSummaryJson } from "../../contracts/session-list.ts";
import type { AppEnv } from "../context.ts";
import { requires } from "../middleware/authenticate.ts";
import { answerProblem } from "../problem.ts";

export const sessionListRoutes = () =>
  new Hono<AppEnv>().get("/", requires("sessions:read"), async (c) => {
    const request = parseSessionPage(new URL(c.req.url).searchParams);
    if (!request.ok) return answerProblem(c, request.error);
    const { query, identity } = request.value;
    const { items, next, asOfMs, partial } = await c.get("deps").listSessions(c.get("principal").tenant, query);
    c.header("Cache-Control", "private, no-store");
    return c.json({
      items: items.map(sessionSummaryJson),
      asOf: asOfMs === null ? null : new Date(asOfMs).toISOString(),
      ...(partial ? { partial } : {}),
      ...(next === null ? {} : { nextCursor: cursorAt(identity, next) }),
    });
  });
