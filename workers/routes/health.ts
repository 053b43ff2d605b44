/** Seen from outside: alive, ready, and counted. */
import { Hono } from "hono";
import { STANDARD_LANE } from "../../adapters/platform/ask.ts";
import { inTime } from "../../adapters/platform/deadline.ts";
import type { GuardLimits } from "../../adapters/platform/guard.ts";
import { type MetricDeltas, addDeltas, expose, noDeltas } from "../../adapters/telemetry/metrics.ts";
import { METRICS_OBJECT } from "../../durable-objects/metrics/metrics.ts";
import { inJurisdiction } from "../../durable-objects/namespaces.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { CHECK_DEADLINE_MS } from "../health/checks.ts";
import { readinessOf } from "../health/readiness.ts";
import { shipMetrics } from "../middleware/observe.ts";

const OTHER_LANE_DEADLINE_MS = 2_000;

async function totals(c: AppContext): Promise<MetricDeltas> {
  await shipMetrics(c, true);
  const metrics = inJurisdiction(c.env.METRICS, c.get("deps").environment.JURISDICTION).getByName(METRICS_OBJECT);
  return (await inTime(metrics.add(null), CHECK_DEADLINE_MS)) as MetricDeltas;
}

/** The other lane's totals, so that one scrape of the front door sees both; null when it does not answer. */
async function otherLane(c: AppContext): Promise<MetricDeltas | null> {
  const { STANDARD } = c.env;
  if (STANDARD === undefined) return null;
  // A scrape is late for less than would be wrong with calls.
  const limits: GuardLimits = { deadlineMs: OTHER_LANE_DEADLINE_MS, maxAtOnce: 4, pool: "scrapes", judge: () => "unknown" };
  const told = await c.get("deps").guard(STANDARD_LANE, limits, async (signal) => {
    const answer = await STANDARD.fetch(new URL("/metrics?format=json", c.req.url), { signal });
    return answer.ok ? await answer.json<MetricDeltas>() : null;
  });
  return told.ok ? told.value : null;
}

export const healthRoutes = () =>
  new Hono<AppEnv>()
    .get("/healthz", (c) => {
      const { LANE, REGION } = c.get("deps").environment;
      return c.json({ status: "ok", lane: LANE, region: REGION });
    })
    .get("/readyz", async (c) => {
      const readiness = await readinessOf(c, c.req.query("for") === "emergency");
      return c.json(readiness, readiness.status === "unready" ? 503 : 200);
    })
    .get("/metrics", async (c) => {
      const own = await totals(c);
      if (c.req.query("format") === "json") return c.json(own);
      const both = noDeltas();
      addDeltas(both, own);
      const other = await otherLane(c);
      if (other !== null) addDeltas(both, other);
      return c.text(expose(both), 200, { "Content-Type": "text/plain; version=0.0.4; charset=utf-8" });
    });
