/** The statements of the projection: one per table and batch, whose rows come as one JSON text. */
import { type SQL, sql } from "drizzle-orm";
import type { ProjectedSession } from "../../../domain/sessions/projected.ts";
import type { ProjectedEvent } from "../../../domain/sessions/projection.ts";
import { EVENT_COLUMNS, SESSION_COLUMNS, type SessionColumn, eventRow, sessionRow } from "./rows.ts";

/** As `mergeRows` of domain/sessions/projected.ts has it; `known` is the row that is there, `excluded` the one that comes. */
type Join = Partial<Record<SessionColumn, string>>;

/** @param takes whether these columns of the row that comes take the place of those that are there. */
const together = (takes: string, columns: readonly SessionColumn[]): Join =>
  Object.fromEntries(columns.map((name) => [name, `case when ${takes} then excluded.${name} else known.${name} end`]));

const ofEarlier = (event: SessionColumn, columns: readonly SessionColumn[]): Join =>
  together(`known.${event} is null or excluded.${event} < known.${event}`, [event, ...columns]);
const ofLater = (event: SessionColumn, columns: readonly SessionColumn[]): Join =>
  together(`known.${event} is null or excluded.${event} > known.${event}`, [event, ...columns]);

const lesser = (name: SessionColumn): Join => ({ [name]: `least(known.${name}, excluded.${name})` });
const greater = (name: SessionColumn): Join => ({ [name]: `greatest(known.${name}, excluded.${name})` });

const isOpenedBefore = "(excluded.first_sequence, excluded.started_at) < (known.first_sequence, known.started_at)";
const isNewer = "(excluded.sequence, excluded.last_event_at) > (known.sequence, known.last_event_at)";

/** As `weightOf` of domain/call/tried.ts. */
const weightOfTried = (row: "known" | "excluded"): string =>
  `(case when ${row}.destination_index is null then 0 else 2 end + ${row}.destination_answered::int, ${row}.destination_event)`;
const isWeightier = `known.destination_event is null or (excluded.destination_event is not null and ${weightOfTried("excluded")} > ${weightOfTried("known")})`;

const JOIN: Join = {
  ...together(isOpenedBefore, ["first_sequence", "started_at"]),
  ...together(isNewer, ["sequence", "last_event_at"]),
  ...greater("reached"),
  ...lesser("ringing_at"),
  ...lesser("answered_at"),
  ...ofEarlier("received_event", [
    "channel",
    "trunk",
    "priority",
    "caller_id",
    "callee_id",
    "external_id",
    "initial_metadata",
    "recorded",
    "country",
  ]),
  ...ofEarlier("directed_event", ["direction"]),
  ...ofEarlier("routed_event", ["rule_id", "snapshot_version", "planned_destinations"]),
  ...ofEarlier("end_event", ["end_phase", "status", "end_reported_at", "network_disposition", "end_code"]),
  ...ofLater("tags_event", ["tags"]),
  ...ofLater("wrap_up_event", ["wrap_up"]),
  ...ofLater("amended_event", ["amended_metadata"]),
  ...together(isWeightier, ["destination_event", "destination_index", "destination_answered"]),
};

const namesOf = (columns: Readonly<Record<string, string>>): SQL => sql.raw(Object.keys(columns).join(", "));
const typesOf = (columns: Readonly<Record<string, string>>): SQL =>
  sql.raw(
    Object.entries(columns)
      .map(([name, type]) => `${name} ${type}`)
      .join(", "),
  );
const assignments = sql.raw(
  Object.entries(JOIN)
    .map(([name, value]) => `${name} = ${value}`)
    .join(", "),
);

/** @param rows each session once. */
export const joinSessions = (rows: readonly ProjectedSession[]): SQL =>
  sql`insert into sessions as known (${namesOf(SESSION_COLUMNS)})
    select ${namesOf(SESSION_COLUMNS)} from jsonb_to_recordset(${JSON.stringify(rows.map(sessionRow))}::jsonb) as row (${typesOf(SESSION_COLUMNS)})
    on conflict (tenant_id, id) do update set ${assignments}`;

const inOrder = (a: ProjectedEvent, b: ProjectedEvent): number =>
  a.tenant === b.tenant ? (a.id < b.id ? -1 : 1) : a.tenant < b.tenant ? -1 : 1;

const keysOf = (rows: readonly ProjectedSession[]): SQL =>
  sql`jsonb_to_recordset(${JSON.stringify(rows.map(({ tenant, id }) => ({ tenant_id: tenant, id })))}::jsonb) as key (tenant_id text, id uuid)`;

/** @param rows each with `deleted`. */
export const markDeleted = (rows: readonly ProjectedSession[]): SQL =>
  sql`insert into deleted_sessions (tenant_id, id, deleted_at)
    select tenant_id, id, deleted_at from jsonb_to_recordset(${JSON.stringify(
      rows.map(({ tenant, id, deleted }) => ({
        tenant_id: tenant,
        id,
        deleted_at: new Date(deleted!.deletedMs).toISOString(),
      })),
    )}::jsonb) as row (tenant_id text, id uuid, deleted_at timestamptz)
    on conflict do nothing`;

/**
 * Takes away again what has a tombstone, with its events. After the rows were joined: whoever writes a row of the same session at the same
 * time has waited for it, or is waited for, and only the statement after that sees what the other has done.
 */
export const takeAwayDeleted = (rows: readonly ProjectedSession[]): SQL =>
  sql`delete from sessions using deleted_sessions as tombstone, ${keysOf(rows)}
    where sessions.tenant_id = key.tenant_id and sessions.id = key.id
      and tombstone.tenant_id = key.tenant_id and tombstone.id = key.id`;

/** Those of deleted sessions are left out. In the order of the key: of two batches with the same events, one waits for the other, and not each for the other. */
export const addEvents = (events: readonly ProjectedEvent[]): SQL =>
  sql`insert into session_events (${namesOf(EVENT_COLUMNS)})
    select ${namesOf(EVENT_COLUMNS)} from jsonb_to_recordset(${JSON.stringify(events.toSorted(inOrder).map(eventRow))}::jsonb) as row (${typesOf(EVENT_COLUMNS)})
    where not exists (select 1 from deleted_sessions as tombstone where tombstone.tenant_id = row.tenant_id and tombstone.id = row.session_id)
    on conflict do nothing`;
