/** What a session shows of itself. */
import { NO_ANNOTATIONS } from "../../domain/call/annotations.ts";
import type { SessionView } from "../../domain/call/session-view.ts";
import type { TimelineAnswer } from "./messages.ts";
import { type Stored, heldEvents, isTombstone } from "./row.ts";
import { cloudEventOf } from "./stored-event.ts";

export function viewOf(stored: Stored): SessionView {
  const { id, tenant, lane, state, createdMs, newsMs, sequence, hours, log, annotations = NO_ANNOTATIONS } = stored;
  // What Trunkline places itself goes out; what a PBX or an app asks about came in to us.
  const placed = !isTombstone(stored) && stored.plan?.executor === "self" ? "outbound" : "inbound";
  const kind = { recorded: stored.recorded !== undefined, direction: stored.recorded?.direction ?? placed } as const;
  const shared = { id, tenant, lane, ...kind, state, annotations, createdMs, newsMs, sequence, hours, log };
  if (isTombstone(stored)) return { ...shared, announced: true, archived: true, call: null, plan: null };
  const { call, plan, tried = null } = stored;
  return { ...shared, announced: call !== null, archived: false, call, plan, tried };
}

/** The session, and the events that it still holds itself. */
export function timelineOf(stored: Stored): TimelineAnswer {
  const events = heldEvents(stored).map((event) => cloudEventOf(stored, event));
  return { view: viewOf(stored), events };
}
