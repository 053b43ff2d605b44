/** How answers that are made of events fail. */
import { errorFields } from "../../adapters/telemetry/log.ts";
import type { Lane } from "../../domain/shared/ids.ts";
import type { AppContext } from "../context.ts";
import { answerProblem } from "../problem.ts";

/** The answer to a request for the store of the other lane; null: it is this one. */
export function elsewhere(c: AppContext, lane: Lane | null): Response | null {
  if (lane === null || lane === c.get("deps").environment.LANE) return null;
  return answerProblem(c, { code: "wrong_lane", detail: `the events of the ${lane} lane are at its own address` });
}

/** When a shard or R2 fails nothing is known, and asking again may help. */
export async function orUnavailable(c: AppContext, answer: () => Promise<Response>): Promise<Response> {
  try {
    return await answer();
  } catch (error) {
    c.get("deps").log("error", "events could not be read", { requestId: c.get("requestId"), ...errorFields(error) });
    return answerProblem(c, { code: "unavailable", detail: "the events could not be read" });
  }
}
