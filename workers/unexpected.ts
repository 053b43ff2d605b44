import { DeadlineMissed } from "../adapters/platform/deadline.ts";
import { errorFields } from "../adapters/telemetry/log.ts";
import { DatabaseUnavailable } from "../adapters/postgres/unavailable.ts";
import type { AppContext } from "./context.ts";
import { ConfigurationUnavailable } from "./deps.ts";
import { answerProblem } from "./problem.ts";

export function answerUnknownPath(c: AppContext): Response {
  return answerProblem(c, { code: "not_found", detail: "nothing is served at this path with this method" });
}

/** A bug, or a part that is away. The log gets the kind of error; the caller gets nothing of the inside. */
export function answerUnexpected(error: Error, c: AppContext): Response {
  if (error instanceof ConfigurationUnavailable)
    return answerProblem(c, { code: "unavailable", detail: "the configuration cannot be read now" });
  if (error instanceof DatabaseUnavailable)
    return answerProblem(c, { code: "unavailable", detail: "the database does not answer now" });
  if (error instanceof DeadlineMissed)
    return answerProblem(c, { code: "unavailable", detail: "a part that is needed does not answer in time" });
  c.get("deps").log("error", "unexpected error", {
    traceId: c.get("trace").traceId,
    ...errorFields(error),
  });
  return answerProblem(c, { code: "internal" });
}
