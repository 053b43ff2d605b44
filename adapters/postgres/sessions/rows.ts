/** Projected sessions and events as rows of their tables, by column. */
import type { ProjectedSession } from "../../../domain/sessions/projected.ts";
import type { ProjectedEvent } from "../../../domain/sessions/projection.ts";
import { LIVE_PHASES, statusOf } from "../../../domain/call/state.ts";
import { laneOf } from "../../../domain/shared/ids.ts";

const at = (ms: number | null | undefined): string | null => (ms == null ? null : new Date(ms).toISOString());

/** Columns of `sessions` that the projection writes, and their types; generated columns follow from them. */
export const SESSION_COLUMNS = {
  tenant_id: "text",
  id: "uuid",
  lane: "text",
  status: "session_status",
  reached: "smallint",
  end_phase: "text",
  first_sequence: "integer",
  started_at: "timestamptz",
  ringing_at: "timestamptz",
  answered_at: "timestamptz",
  end_event: "uuid",
  end_reported_at: "timestamptz",
  network_disposition: "text",
  end_code: "integer",
  received_event: "uuid",
  channel: "text",
  trunk: "text",
  priority: "text",
  caller_id: "text",
  callee_id: "text",
  external_id: "text",
  initial_metadata: "jsonb",
  recorded: "boolean",
  country: "text",
  directed_event: "uuid",
  direction: "text",
  amended_event: "uuid",
  amended_metadata: "jsonb",
  routed_event: "uuid",
  rule_id: "text",
  snapshot_version: "text",
  planned_destinations: "text[]",
  destination_event: "uuid",
  destination_index: "smallint",
  destination_answered: "boolean",
  tags_event: "uuid",
  tags: "text[]",
  wrap_up_event: "uuid",
  wrap_up: "text",
  sequence: "integer",
  last_event_at: "timestamptz",
} as const;
export type SessionColumn = keyof typeof SESSION_COLUMNS;

export function sessionRow(session: ProjectedSession): Readonly<Record<SessionColumn, unknown>> {
  const { received, directed, routed, ended, tagged, wrappedUp, amended, tried } = session;
  return {
    tenant_id: session.tenant,
    id: session.id,
    lane: laneOf(session.id),
    status: ended === null ? "ongoing" : statusOf(ended.phase),
    reached: LIVE_PHASES.indexOf(session.reached),
    end_phase: ended?.phase ?? null,
    first_sequence: session.firstSequence,
    started_at: at(session.openedMs),
    ringing_at: at(session.ringingMs),
    answered_at: at(session.answeredMs),
    end_event: ended?.event ?? null,
    end_reported_at: at(ended?.endedMs),
    network_disposition: ended?.disposition ?? null,
    end_code: ended?.endCode ?? null,
    received_event: received?.event ?? null,
    channel: received?.channel ?? null,
    trunk: received?.trunk ?? null,
    priority: received?.priority ?? null,
    caller_id: received?.caller ?? null,
    callee_id: received?.callee ?? "",
    external_id: received?.externalId ?? null,
    initial_metadata: received?.metadata ?? {},
    recorded: received?.recorded ?? false,
    country: received?.country ?? null,
    directed_event: directed?.event ?? null,
    direction: directed?.direction ?? null,
    amended_event: amended?.event ?? null,
    amended_metadata: amended?.metadata ?? null,
    routed_event: routed?.event ?? null,
    rule_id: routed?.ruleId ?? null,
    snapshot_version: routed?.snapshotVersion ?? null,
    planned_destinations: routed?.destinations ?? [],
    destination_event: tried?.event ?? null,
    destination_index: tried?.index ?? null,
    destination_answered: tried?.answered ?? false,
    tags_event: tagged?.event ?? null,
    tags: tagged?.tags ?? [],
    wrap_up_event: wrappedUp?.event ?? null,
    wrap_up: wrappedUp?.disposition ?? null,
    sequence: session.sequence,
    last_event_at: at(session.updatedMs),
  };
}

export const EVENT_COLUMNS = {
  tenant_id: "text",
  id: "uuid",
  session_id: "uuid",
  sequence: "integer",
  event_type: "text",
  event_time: "timestamptz",
  recorded_at: "timestamptz",
  traceparent: "text",
  metadata: "jsonb",
} as const;

export function eventRow(event: ProjectedEvent): Readonly<Record<keyof typeof EVENT_COLUMNS, unknown>> {
  return {
    tenant_id: event.tenant,
    id: event.id,
    session_id: event.session,
    sequence: event.sequence,
    event_type: event.type,
    event_time: at(event.atMs),
    recorded_at: at(event.recordedMs),
    traceparent: event.traceparent,
    metadata: event.data,
  };
}
