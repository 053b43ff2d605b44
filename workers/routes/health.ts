/** Seen from outside: alive, ready, and counted. */
import { Hono } from "hono";
import { inTime, within } from "../../adapters/platform/deadline.ts";
import { type MetricDeltas, addDeltas, expose, noDeltas } from "../../adapters/telemetry/metrics.ts";
import { METRICS_OBJECT } from "../../durable-objects/metrics/metrics.ts";
import { inJurisdiction } from "../../durable-objects/namespaces.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { shipMetrics } from "../middleware/observe.ts";

const CHECK_DEADLINE_MS = 1_000;
const OTHER_LANE_DEADLINE_MS = 2_000;

type Check = { readonly ok: boolean; readonly critical: boolean; readonly ms: number };

async function check(c: AppContext, critical: boolean, probe: () => Promise<boolean>): Promise<Check> {
  const { clock } = c.get("deps");
  const startedMs = clock.nowMs();
  const answer = await within(
    probe().catch(() => false),
    CHECK_DEADLINE_MS,
  );
  return { ok: answer.done && answer.value, critical, ms: clock.nowMs() - startedMs };
}

/** Each dependency by itself. Calls need objects and configuration; the database and the other lane only make less of us. */
async function readiness(c: AppContext): Promise<Record<string, Check>> {
  const { sessions, pingDatabase } = c.get("deps");
  const standard = c.env.STANDARD;
  const probes: Record<string, Promise<Check>> = {
    config: check(c, true, async () => (await c.env.CONFIG.list({ prefix: "config/", limit: 1 })).objects.length > 0),
    events: check(c, true, async () => (await c.env.EVENTS.head("readiness")) === null),
    eventLog: check(c, true, () => sessions.logReachable(CHECK_DEADLINE_MS)),
    database: check(c, false, () => pingDatabase(CHECK_DEADLINE_MS)),
    ...(standard === undefined
      ? {}
      : { standardLane: check(c, false, async () => (await standard.fetch(new URL("/healthz", c.req.url))).ok) }),
  };
  return Object.fromEntries(
    await Promise.all(Object.entries(probes).map(async ([name, probe]) => [name, await probe] as const)),
  );
}

async function totals(c: AppContext): Promise<MetricDeltas> {
  await shipMetrics(c, true);
  const metrics = inJurisdiction(c.env.METRICS, c.get("deps").environment.JURISDICTION).getByName(METRICS_OBJECT);
  return (await inTime(metrics.add(null), CHECK_DEADLINE_MS)) as MetricDeltas;
}

/** The other lane's totals, so that one scrape of the front door sees both; null when it does not answer. */
async function otherLane(c: AppContext): Promise<MetricDeltas | null> {
  if (c.env.STANDARD === undefined) return null;
  try {
    const answer = await within(c.env.STANDARD.fetch(new URL("/metrics?format=json", c.req.url)), OTHER_LANE_DEADLINE_MS);
    return answer.done && answer.value.ok ? await answer.value.json<MetricDeltas>() : null;
  } catch {
    return null;
  }
}

export const healthRoutes = () =>
  new Hono<AppEnv>()
    .get("/healthz", (c) => {
      const { LANE, REGION } = c.get("deps").environment;
      return c.json({ status: "ok", lane: LANE, region: REGION });
    })
    .get("/readyz", async (c) => {
      const checks = await readiness(c);
      const failed = Object.values(checks).filter(({ ok }) => !ok);
      const unready = failed.some(({ critical }) => critical);
      const status = unready ? "unready" : failed.length > 0 ? "degraded" : "ready";
      return c.json({ status, lane: c.get("deps").environment.LANE, checks }, unready ? 503 : 200);
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
