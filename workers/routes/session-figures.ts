/** `GET /v1/analytics/sessions`: figures over the tenant's sessions. The standard lane's; sessions of both lanes are in it. */
import { Hono } from "hono";
import { AnalyticsUnavailable } from "../../adapters/telemetry/analytics-query.ts";
import { type FiguresRequest, figuresJson, parseFigures } from "../../contracts/session-figures.ts";
import type { Problem } from "../../contracts/problem.ts";
import type { Figure } from "../../domain/sessions/figures.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { requires } from "../middleware/authenticate.ts";
import { answerProblem } from "../problem.ts";

const NO_ACCOUNT: Problem = {
  code: "conflict",
  detail: "this deployment names no account of Analytics Engine; ask source=sessions",
};
const OTHER_LANE: Problem = {
  code: "bad_query",
  errors: [{ pointer: "?lane", code: "not_allowed", detail: "the sampled figures are of the standard lane" }],
};
const ENGINE_AWAY: Problem = { code: "unavailable", detail: "Analytics Engine does not answer now" };

async function sampled(c: AppContext, { query }: FiguresRequest): Promise<readonly Figure[] | Problem> {
  const { sampled: read } = c.get("deps").figures;
  if (query.lane === "emergency") return OTHER_LANE;
  if (read === null) return NO_ACCOUNT;
  try {
    return await read(c.get("principal").tenant, query);
  } catch (error) {
    if (error instanceof AnalyticsUnavailable) return ENGINE_AWAY;
    throw error;
  }
}

export const sessionFiguresRoutes = () =>
  new Hono<AppEnv>().get("/sessions", requires("sessions:read"), async (c) => {
    const { figures, clock } = c.get("deps");
    const request = parseFigures(new URL(c.req.url).searchParams, clock.nowMs());
    if (!request.ok) return answerProblem(c, { code: "bad_query", errors: request.error });
    c.header("Cache-Control", "private, no-store");
    if (request.value.source === "analytics-engine") {
      const found = await sampled(c, request.value);
      return "code" in found ? answerProblem(c, found) : c.json(figuresJson(request.value, found, null));
    }
    // Asked before: what is counted afterwards has at least everything up to then.
    const countedMs = await figures.countedUpToMs();
    const found = await figures.exact(c.get("principal").tenant, request.value.query);
    return c.json(figuresJson(request.value, found, countedMs));
  });
