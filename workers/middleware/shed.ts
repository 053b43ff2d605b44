/**
 * Refuses what matters least while there is more to do than can be done. Stands before authentication: refusing has to cost next to nothing.
 * New calls are refused later (`shedCall`), when it is known how much they matter and that nobody calls for help; the costly part of a call,
 * its session, is still to come then.
 */
import { createMiddleware } from "hono/factory";
import type { Problem } from "../../contracts/problem.ts";
import { requestKind } from "../../contracts/request-kinds.ts";
import type { Call, Priority } from "../../domain/call/call.ts";
import { type SheddableKind, retryAfterS } from "../../domain/limits/shedding.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { answerProblem } from "../problem.ts";
import { shedderOf } from "../shedder.ts";

const KIND_OF_PRIORITY: Readonly<Record<Priority, SheddableKind>> = {
  low: "low_calls",
  normal: "normal_calls",
  high: "calls",
};

/** @returns null: it is not shed now. */
function shedProblem(c: AppContext, kind: SheddableKind): Problem | null {
  const { clock, meter, randomness } = c.get("deps");
  if (!shedderOf(c.env).sheds(kind, clock.nowMs())) return null;
  meter.count("trunkline_shed_total", { kind });
  return { code: "overloaded", headers: { "Retry-After": String(retryAfterS(kind, randomness.fraction())) } };
}

/**
 * For an ordinary call, before anything is begun for it. An answering point that calls back is never refused.
 * @returns null: the call is taken.
 */
export function shedCall(c: AppContext, { priority, marks }: Pick<Call, "priority" | "marks">): Problem | null {
  return marks?.callback === true ? null : shedProblem(c, KIND_OF_PRIORITY[priority]);
}

export const shedding = createMiddleware<AppEnv>(async (c, next) => {
  const kind = requestKind(c.req.method, c.req.path);
  if (kind === null) return next();
  const problem = kind === "analytics" || kind === "lists" ? shedProblem(c, kind) : null;
  if (problem !== null) return answerProblem(c, problem);
  const end = shedderOf(c.env).load.begin(kind, c.get("deps").clock.nowMs());
  try {
    await next();
  } finally {
    end();
  }
  return undefined;
});
