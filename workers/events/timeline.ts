/** One call's events, from the session where there is one and from everything that was stored under its ids. */
import { isOfSession } from "../../domain/events/call-marks.ts";
import { eventType } from "../../domain/events/event.ts";
import { redactEvent } from "../../domain/events/keeping/redaction.ts";
import { MAX_TIMELINE_EVENTS } from "../../domain/events/timeline.ts";
import type { StoredEvent } from "../../domain/events/stored.ts";
import { type EventId, type Lane, type SessionId, type TenantId, laneOf, parseSessionId } from "../../domain/shared/ids.ts";
import { type Result, err, ok } from "../../domain/shared/result.ts";
import type { SessionGateway, Unavailable } from "../session-gateway.ts";
import { EXPORT_LIMITS, ScanTally, scanSteps } from "./scan.ts";
import type { EventSources } from "./sources.ts";

/** Objects that one timeline reads, and until when one more is begun. */
export const MAX_TIMELINE_READS = 2_000;
export const TIMELINE_BUDGET_MS = 20_000;

export type TimelinePorts = {
  readonly sources: EventSources;
  readonly sessions: Pick<SessionGateway, "identify" | "timeline">;
  readonly lane: Lane;
};

/** Of the occurrence, Unix milliseconds: where somebody knows when the call was. */
export type TimelinePeriod = { readonly fromMs?: number; readonly toMs?: number };

export type CallEvents = {
  readonly session: SessionId | null;
  /** Each once. */
  readonly events: readonly StoredEvent[];
  readonly truncated: boolean;
  readonly damaged: boolean;
};

const DELETED = eventType("session.deleted");

type OfSession = { readonly id: SessionId | null; readonly events: readonly StoredEvent[] };

/** The session of this lane that the call id is, or stands for. Another tenant's is none. */
async function sessionOf(
  { sessions, lane }: TimelinePorts,
  tenant: TenantId,
  callId: string,
): Promise<Result<OfSession, Unavailable>> {
  const given = parseSessionId(callId);
  const id = given.ok ? given.value : (await sessions.identify(tenant, { source: "call-id", id: callId })).id;
  if (laneOf(id) !== lane) return ok({ id: null, events: [] });
  const timeline = await sessions.timeline(id);
  if (!timeline.ok) return timeline;
  if (timeline.value?.view.tenant !== tenant) return ok({ id: null, events: [] });
  return ok({ id, events: timeline.value.events });
}

function isWithin({ fromMs, toMs }: TimelinePeriod, { time }: StoredEvent): boolean {
  const atMs = Date.parse(time);
  return (fromMs === undefined || atMs >= fromMs) && (toMs === undefined || atMs < toMs);
}

/** Null: there is no event of such a call. @throws what shards and the bucket throw. */
export async function readCallEvents(
  ports: TimelinePorts,
  tenant: TenantId,
  callId: string,
  period: TimelinePeriod,
): Promise<Result<CallEvents | null, Unavailable>> {
  const { sources } = ports;
  const redact = await sources.redactionOf(tenant);
  const session = await sessionOf(ports, tenant, callId);
  if (!session.ok) return err(session.error);
  const byId = new Map<EventId, StoredEvent>();
  for (const event of session.value.events) if (isWithin(period, event)) byId.set(event.id, redactEvent(event, redact));
  const given = parseSessionId(callId);
  const ids = new Set([given.ok ? given.value : callId, callId, ...(session.value.id === null ? [] : [session.value.id])]);
  const tally = new ScanTally(sources.reads());
  const limits = { ...EXPORT_LIMITS, maxReads: MAX_TIMELINE_READS, untilMs: sources.nowMs() + TIMELINE_BUDGET_MS };
  const query = { tenant, filter: { ...period, callId: [...ids] }, order: "oldest_first", after: null, limit: 0 } as const;
  let isWhole = true;
  for await (const { found, place } of scanSteps(sources, query, limits, tally)) {
    for (const { id, event } of found) if (!byId.has(id) || event.erased !== undefined) byId.set(id, event);
    isWhole = place === null;
    if (byId.size > MAX_TIMELINE_EVENTS) break;
  }
  // Of a session that somebody has deleted nothing is shown, not even that it was there.
  const isGone = [...byId.values()].some((event) => event.type === DELETED && isOfSession(event));
  if (byId.size === 0 || isGone) return ok(null);
  const events = [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, MAX_TIMELINE_EVENTS);
  const truncated = !isWhole || byId.size > events.length;
  return ok({ session: session.value.id, events, truncated, damaged: tally.damaged });
}
