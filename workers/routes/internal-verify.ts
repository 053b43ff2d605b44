/**
 * `/internal/verify/*` and `/internal/projection/*`: what whoever runs the deployment asks of each lane. Not for tenants but for who has the
 * configuration key; nobody else learns that there is such a way in.
 */
import { type Context, Hono } from "hono";
import { createDataKeys } from "../../adapters/identity/data-keys.ts";
import { connect } from "../../adapters/postgres/client.ts";
import { createProjectionStore } from "../../adapters/postgres/sessions/project.ts";
import { scanSegments } from "../../adapters/r2/segment-scan.ts";
import { parseJsonObject } from "../../contracts/json.ts";
import type { Log } from "../../adapters/telemetry/log.ts";
import { OPERATOR_PATHS, periodQuery, replayBody, rowsQuery, sessionsBody } from "../../contracts/operator.ts";
import type { AppEnv } from "../context.ts";
import { depsOf } from "../deps.ts";
import { JSON_LINES, jsonLines, textLines } from "../json-lines.ts";
import { operatorOnly } from "../middleware/operator-only.ts";
import { readBody } from "../middleware/read-body.ts";
import { answerProblem } from "../problem.ts";
import { replayPeriod, storedHours } from "../rebuild.ts";
import { flushShards, lagOfShards } from "../shards.ts";
import { projectedRows, storedEvents, tenantsOf, viewsOf } from "../verify.ts";

const linesOf = (text: string): string[] => text.split("\n").filter((line) => line !== "");
const databaseOf = (env: Env) => connect(env.DATABASE_URL, env.DATABASE_LOCAL_ENDPOINT || undefined, depsOf(env).guard);

/** The answer has begun when a part goes away: then it ends without its last line, which says to its reader that it is not whole. */
async function* whileItLasts<T>(lines: AsyncGenerator<T>, log: Log): AsyncGenerator<T> {
  try {
    yield* lines;
  } catch (error) {
    log("warn", "an operator's answer broke off", { cause: error instanceof Error ? error.name : "unknown" });
  }
}

function bodyOf(c: Context<AppEnv>): unknown {
  const body = parseJsonObject(c.get("body"));
  return body.ok ? body.value : null;
}

const guarded = [readBody, operatorOnly] as const;

export const operatorRoutes = () =>
  new Hono<AppEnv>()
    .get(OPERATOR_PATHS.tenants, ...guarded, async (c) => c.json({ tenants: await tenantsOf(c.env.CONFIG) }))
    .get(OPERATOR_PATHS.lag, ...guarded, async (c) =>
      c.json({ shards: await lagOfShards(c.env, c.get("deps").environment, c.get("deps").clock.nowMs()) }),
    )
    .post(OPERATOR_PATHS.flush, ...guarded, async (c) => {
      const { environment, clock } = c.get("deps");
      await flushShards(c.env, environment, clock.nowMs());
      return c.body(null, 204);
    })
    .get(OPERATOR_PATHS.events, ...guarded, async (c) => {
      const period = periodQuery.safeParse(c.req.query());
      if (!period.success) return answerProblem(c, { code: "invalid_fields" });
      return c.body(
        textLines(whileItLasts(storedEvents(await scanSegments(c.env.EVENTS, period.data, linesOf)), c.get("deps").log)),
        200,
        JSON_LINES,
      );
    })
    .get(OPERATOR_PATHS.rows, ...guarded, (c) => {
      const { log, environment } = c.get("deps");
      const query = rowsQuery.safeParse(c.req.query());
      if (!query.success) return answerProblem(c, { code: "invalid_fields" });
      return c.body(
        textLines(
          whileItLasts(projectedRows(databaseOf(c.env), createDataKeys(environment), query.data.tenant, query.data), log),
        ),
        200,
        JSON_LINES,
      );
    })
    .post(OPERATOR_PATHS.sessions, ...guarded, async (c) => {
      const body = sessionsBody.safeParse(bodyOf(c));
      if (!body.success) return answerProblem(c, { code: "invalid_fields" });
      return c.json({ sessions: await viewsOf(c.env, c.get("deps").environment, body.data.ids) });
    })
    .get(OPERATOR_PATHS.hours, ...guarded, async (c) =>
      c.json({ hours: await storedHours(c.env.EVENTS, c.get("deps").clock.nowMs()) }),
    )
    .post(OPERATOR_PATHS.replay, ...guarded, async (c) => {
      const body = replayBody.safeParse(bodyOf(c));
      if (!body.success) return answerProblem(c, { code: "invalid_fields" });
      const { log, environment } = c.get("deps");
      const lines = await replayPeriod(
        { store: createProjectionStore(databaseOf(c.env), createDataKeys(environment)), bucket: c.env.EVENTS, log },
        body.data,
      );
      return c.body(jsonLines(whileItLasts(lines, log)), 200, JSON_LINES);
    });
