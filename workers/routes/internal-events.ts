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

const asStored = (day: string): string => day.replaceAll("-", "/");

export const internalEventRoutes = () =>
  new Hono<AppEnv>()
    .get(OPERATOR_PATHS.eventStatus, ...guarded, async (c) => c.json(await eventStatus(c.get("deps").compaction)))
    .post(OPERATOR_PATHS.compact, ...guarded, async (c) => {
      const body = compactBody.safeParse(bodyOf(c));
      if (!body.success) return answerProblem(c, { code: "invalid_fields" });
      const report = await housekeeping(c.get("deps").compaction, RUN_BUDGET_MS, body.data.now ? "at_once" : "ended");
      return c.json({ report } satisfies CompactAnswer);
    })
    .post(OPERATOR_PATHS.rebuildIndex, ...guarded, async (c) => {
      const body = rebuildIndexBody.safeParse(bodyOf(c));
      if (!body.success) return answerProblem(c, { code: "invalid_fields" });
      const { tenant, from, to } = body.data;
      const rebuilt = await rebuildIndex(c.get("deps").compaction, { tenant, fromDay: asStored(from), toDay: asStored(to) });
      return c.json({ rebuilt } satisfies RebuildIndexAnswer);
    });
