/** `GET /v1/live`: the tenant's sessions as they open, change and end. */
import { Hono } from "hono";
import { AFTER_PARAMETER } from "../../contracts/live.ts";
import { METADATA_PREFIX, SESSION_FILTERS } from "../../contracts/session-filters.ts";
import { SOCKET_SHARD, feedStub } from "../../durable-objects/live-feed/names.ts";
import { inJurisdiction } from "../../durable-objects/namespaces.ts";
import type { AppEnv } from "../context.ts";
import { answerUpgrade } from "../live-upgrade.ts";
import { answerProblem } from "../problem.ts";

export const liveFeedRoutes = () =>
  new Hono<AppEnv>().get("/v1/live", async (c) => {
    const { LIVE_FEED } = c.env;
    if (LIVE_FEED === undefined) return answerProblem(c, { code: "unavailable", detail: "there are no feeds on this lane" });
    const feeds = inJurisdiction(LIVE_FEED, c.get("deps").environment.JURISDICTION);
    return answerUpgrade(c, {
      ticket: "feed",
      parameters: [AFTER_PARAMETER, ...SESSION_FILTERS],
      prefix: METADATA_PREFIX,
      connect: (request, { tenant }) => feedStub(feeds, { tenant, number: SOCKET_SHARD }).fetch(request),
    });
  });
