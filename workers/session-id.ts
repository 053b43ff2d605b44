/** The session that a path names, on the lane that it lives on. */
import type { Problem } from "../contracts/problem.ts";
import { type SessionId, laneOf, parseSessionId } from "../domain/shared/ids.ts";
import { type Result, err, ok } from "../domain/shared/result.ts";
import type { AppContext } from "./context.ts";

export const NO_SUCH_SESSION: Problem = { code: "not_found", detail: "there is no such session" };

export function sessionIdOf(c: AppContext): Result<SessionId, Problem> {
  const id = parseSessionId(c.req.param("id") ?? "");
  if (!id.ok) return err(NO_SUCH_SESSION);
  c.set("sessionId", id.value);
  const lane = laneOf(id.value);
  if (lane === c.get("deps").environment.LANE) return ok(id.value);
  return err({ code: "wrong_lane", detail: `the session lives on the ${lane} lane` });
}
