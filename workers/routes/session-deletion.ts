/** `DELETE /v1/sessions/{id}`. The same on both lanes; each deletes its own. */
import { Hono } from "hono";
import { mentions, numberFinder } from "../../domain/events/keeping/numbers.ts";
import type { Problem } from "../../contracts/problem.ts";
import type { SessionId } from "../../domain/shared/ids.ts";
import { type Result, err, ok } from "../../domain/shared/result.ts";
import type { DeleteAnswer } from "../../durable-objects/call-session/record-messages.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { type KeepingPorts, acceptCallErasure } from "../keeping/accept.ts";
import { redactionsOf } from "../keeping/redactions.ts";
import { audited } from "../middleware/audited.ts";
import { requires } from "../middleware/authenticate.ts";
import { answerProblem } from "../problem.ts";
import { NO_SUCH_SESSION, sessionIdOf } from "../session-id.ts";
import { keepingPortsOf, keepingProblem } from "./events-keeping.ts";

/** What the erasures of deleted sessions say. */
const REASON = "session deleted";
/** A session that is told something each time between the erasure and its deletion is not going to be quiet. */
const MAX_ATTEMPTS = 3;

const AWAY: Problem = { code: "unavailable", detail: "the session could not be deleted; nothing of it has been lost" };

function problemOf(refusal: Exclude<DeleteAnswer, { tag: "deleted" | "uncovered" }>): Problem {
  switch (refusal.tag) {
    case "unknown":
      return NO_SUCH_SESSION;
    case "other_trunk":
      return { code: "forbidden", detail: "these credentials are of another trunk" };
    case "alive":
      return {
        code: "illegal_state",
        detail: `the call is ${refusal.state}: hang it up first, or wait for its end`,
        members: { state: refusal.state },
      };
    case "legs_open":
      return {
        code: "illegal_state",
        detail: "its carrier has still to confirm that every leg is over; try again in a few minutes",
        members: { state: refusal.state },
      };
  }
}

/** Events that the object alone has are looked through for numbers that are held, too. */
function portsFor(c: AppContext, id: SessionId): KeepingPorts {
  const ports = keepingPortsOf(c);
  return {
    ...ports,
    callSpeaksOf: async (tenant, callId, digits) => {
      const timeline = callId === id ? await c.get("deps").sessions.timeline(id) : ok(null);
      if (!timeline.ok) return null;
      const finds = numberFinder(digits);
      return timeline.value?.events.some((event) => mentions(event, finds)) === true
        ? true
        : ports.callSpeaksOf(tenant, callId, digits);
    },
  };
}

/**
 * First an erasure of what is stored is accepted, which hides it at once and is carried out whatever comes after; then the object forgets.
 * Who breaks off in between deletes again: another erasure joins the first.
 */
async function deleteSession(c: AppContext, id: SessionId): Promise<Result<null, Problem>> {
  const { sessions, clock } = c.get("deps");
  const { tenant, subject, trunk = null } = c.get("principal");
  const { traceparent } = c.get("trace");
  const view = await sessions.view(id);
  if (!view.ok) return err(AWAY);
  if (view.value?.tenant !== tenant) return err(NO_SUCH_SESSION);
  // Whether it may be deleted at all, before anything of it goes: nothing is covered yet, so that nothing is deleted.
  const asked = await sessions.remove(id, { tenant, trunk, traceparent, coveredUntilMs: 0 });
  if (!asked.ok) return err(AWAY);
  if (asked.value.tag === "deleted") return ok(null);
  if (asked.value.tag !== "uncovered") return err(problemOf(asked.value));
  const ports = portsFor(c, id);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const erasure = await acceptCallErasure(ports, tenant, { calls: [id], reason: REASON, joins: true }, subject);
    if (!erasure.ok) return err(keepingProblem(erasure.error, "session"));
    // This isolate knows at once; the others within `REDACTION_AGE_MS`.
    await redactionsOf(c.env, clock).fresh(tenant);
    const removed = await sessions.remove(id, { tenant, trunk, traceparent, coveredUntilMs: erasure.value.untilMs });
    if (!removed.ok) return err(AWAY);
    if (removed.value.tag === "deleted") return ok(null);
    if (removed.value.tag !== "uncovered") return err(problemOf(removed.value));
  }
  return err(AWAY);
}

export const sessionDeletionRoutes = () =>
  new Hono<AppEnv>().delete("/:id", requires("sessions:delete"), audited("sessions.delete"), async (c) => {
    const id = sessionIdOf(c);
    if (!id.ok) return answerProblem(c, id.error);
    const deleted = await deleteSession(c, id.value).catch((error: unknown) => {
      const cause = error instanceof Error ? error.name : "unknown";
      c.get("deps").log("error", "an erasure could not be accepted; the session stays", { sessionId: id.value, cause });
      return err(AWAY);
    });
    return deleted.ok ? c.body(null, 204) : answerProblem(c, deleted.error);
  });
