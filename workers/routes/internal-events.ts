/** `/internal/events/*`: merging and rebuilding the event store of a lane, for whoever runs the deployment. */
import { type Context, Hono } from "hono";
import { parseJsonObject } from "../../contracts/json.ts";
import {
  type CompactAnswer,
  OPERATOR_PATHS,
  type RebuildIndexAnswer,
  compactBody,
  rebuildIndexBody,
} from "../../contracts/operator.ts";
import { createCompactionDeps } from "../compaction/deps.ts";
import { housekeeping } from "../compaction/housekeeping.ts";
import { rebuildIndex } from "../compaction/rebuild-index.ts";
import { eventStatus } from "../compaction/status.ts";
import type { AppEnv } from "../context.ts";
import { operatorOnly } from "../middleware/operator-only.ts";
import { readBody } from "../middleware/read-body.ts";
import { answerProblem } from "../problem.ts";

/** A request asks again for what is left: an operator's client waits for an answer for 90 s. */
const RUN_BUDGET_MS = 45_000;

const guarded = [readBody, operatorOnly] as const;

function bodyOf(c: Context<AppEnv>): unknown {
  const body = parseJsonObject(c.get("body"));
  return body.ok ? body.value : null;
}

const depsOf = (c: Context<AppEnv>) => createCompactionDeps(c.env, c.get("deps").environment, c.get("deps"));
const asStored = (day: string): string => day.replaceAll("-", "/");

export const internalEventRoutes = () =>
  new Hono<AppEnv>()
    .get(OPERATOR_PATHS.eventStatus, ...guarded, async (c) => c.json(await eventStatus(depsOf(c))))
    .post(OPERATOR_PATHS.compact, ...guarded, async (c) => {
      const body = compactBody.safeParse(bodyOf(c));
      if (!body.success) return answerProblem(c, { code: "invalid_fields" });
      const report = await housekeeping(depsOf(c), RUN_BUDGET_MS, body.data.now ? "at_once" : "ended");
      return c.json({ report } satisfies CompactAnswer);
    })
    .post(OPERATOR_PATHS.rebuildIndex, ...guarded, async (c) => {
      const body = rebuildIndexBody.safeParse(bodyOf(c));
      if (!body.success) return answerProblem(c, { code: "invalid_fields" });
      const { tenant, from, to } = body.data;
      const rebuilt = await rebuildIndex(depsOf(c), { tenant, fromDay: asStored(from), toDay: asStored(to) });
      return c.json({ rebuilt } satisfies RebuildIndexAnswer);
    });
