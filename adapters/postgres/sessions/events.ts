/** Reads the projected events of several sessions at once. */
import { sql } from "drizzle-orm";
import type { CloudEvent } from "../../../domain/events/event.ts";
import type { EventId, SessionId, TenantId } from "../../../domain/shared/ids.ts";
import type { DataKeys } from "../../identity/data-keys.ts";
import { type Database, asTenant } from "../client.ts";
import { openEventData } from "./personal-data.ts";

type Row = {
  readonly id: string;
  readonly session_id: string;
  readonly sequence: number;
  readonly event_type: string;
  readonly event_time: string;
  readonly recorded_at: string;
  readonly traceparent: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
};

const SEQUENCE_DIGITS = 10;

function eventOf(tenant: TenantId, row: Row, data: CloudEvent["data"]): CloudEvent {
  return {
    specversion: "1.0",
    id: row.id as EventId,
    source: `/tenants/${tenant}/calls`,
    type: row.event_type,
    subject: row.session_id,
    time: new Date(row.event_time).toISOString(),
    recordedtime: new Date(row.recorded_at).toISOString(),
    sequence: String(row.sequence).padStart(SEQUENCE_DIGITS, "0"),
    ...(row.traceparent === null ? {} : { traceparent: row.traceparent }),
    datacontenttype: "application/json",
    data,
  };
}

/**
 * The first events of each session, in the order of their sequence.
 * @param perSession at most so many of each.
 * @throws DatabaseUnavailable when Postgres does not answer in time.
 */
export async function readSessionEvents(
  database: Database,
  keys: DataKeys,
  tenant: TenantId,
  ids: readonly SessionId[],
  perSession: number,
): Promise<ReadonlyMap<SessionId, readonly CloudEvent[]>> {
  const events = new Map<SessionId, CloudEvent[]>(ids.map((id) => [id, []]));
  if (ids.length === 0) return events;
  const statement = sql`
    select event.* from unnest(${`{${ids.join(",")}}`}::uuid[]) as wanted (id), lateral (
      select id, session_id, sequence, event_type, event_time, recorded_at, traceparent, metadata from session_events
      where tenant_id = ${tenant} and session_id = wanted.id order by sequence, id limit ${perSession}
    ) as event`;
  const [outcome] = await asTenant(database, tenant, [database.orm.execute(statement)]);
  for (const row of outcome.rows as unknown as readonly Row[]) {
    const data = await openEventData(keys, { tenant, id: row.id }, row.metadata);
    events.get(row.session_id as SessionId)?.push(eventOf(tenant, row, data));
  }
  return events;
}
