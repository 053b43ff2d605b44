/** A session with all its events, as they may be shown: what has been erased is not in them. */
import type { Problem } from "../contracts/problem.ts";
import type { CloudEvent } from "../domain/events/event.ts";
import { redactEvent } from "../domain/events/keeping/redaction.ts";
import type { SessionId } from "../domain/shared/ids.ts";
import { type Result, err, ok } from "../domain/shared/result.ts";
import type { Timeline } from "../durable-objects/call-session/timeline.ts";
import type { AppContext } from "./context.ts";
import { NO_SUCH_SESSION } from "./session-id.ts";

export const EVENTS_AWAY: Problem = { code: "unavailable", detail: "the events could not be read" };

/** Of the tenant that asks; anybody else's is not there. */
export async function readShownTimeline(c: AppContext, id: SessionId): Promise<Result<Timeline, Problem>> {
  const { sessions, events: store } = c.get("deps");
  const { tenant } = c.get("principal");
  // Before anything is read: what is erased while it is read is hidden or gone already.
  const redact = await store.redactionOf(tenant).catch(() => null);
  const timeline = redact === null ? null : await sessions.timeline(id);
  if (redact === null || timeline === null || !timeline.ok) return err(EVENTS_AWAY);
  if (timeline.value?.view.tenant !== tenant) return err(NO_SUCH_SESSION);
  const { events } = timeline.value;
  return ok({ ...timeline.value, events: events.map((event) => redactEvent(event, redact) as CloudEvent) });
}
