/** After a change of access: what has been stored is published at once, apart from any version. */
import type { Problem } from "../../../contracts/problem.ts";
import type { Result } from "../../../domain/shared/result.ts";
import type { AppContext } from "../../context.ts";
import { answerProblem } from "../../problem.ts";
import { publishAccess } from "../../publishing.ts";

/** Of changes that may be made twice. */
const REPEAT = "the change is stored and could not be put in force; it takes effect when the request is repeated";

/**
 * @param detail what to do when it could not be put in force, where repeating the request is not enough.
 * @returns null when it is in force, else the answer: the change is stored, and any later change brings it into force too.
 */
export async function putInForce(c: AppContext, detail = REPEAT): Promise<Response | null> {
  try {
    await publishAccess(c.get("deps"), c.get("principal").tenant);
    return null;
  } catch (error) {
    c.get("deps").log("error", "a change of access is stored and not in force", {
      traceId: c.get("trace").traceId,
      tenant: c.get("principal").tenant,
      error: error instanceof Error ? error.name : "unknown",
    });
    return answerProblem(c, { code: "unavailable", detail });
  }
}

/**
 * The answer to a removal, once it is in force: also when there was nothing to remove, which may have been removed by a request that could
 * not put it in force.
 * @param inForce as `putInForce`, which it is unless more has to know of it.
 */
export async function answerRemoved<WriteProblem extends { readonly tag: string }>(
  c: AppContext,
  removed: Result<null, WriteProblem>,
  problemOf: (problem: WriteProblem) => Problem,
  inForce: () => Promise<Response | null> = () => putInForce(c),
): Promise<Response> {
  const isGone = removed.ok || removed.error.tag === "not_found";
  const notInForce = isGone ? await inForce() : null;
  return notInForce ?? (removed.ok ? c.body(null, 204) : answerProblem(c, problemOf(removed.error)));
}
