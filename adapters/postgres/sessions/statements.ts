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

const JOIN: Join = {
  ...together(isOpenedBefore, ["first_sequence", "started_at"]),
  ...together(isNewer, ["sequence", "last_event_at"]),
  ...greater("reached"),
  ...lesser("ringing_at"),
  ...lesser("answered_at"),
  ...ofEarlier("received_event", ["channel", "trunk", "priority", "caller_id", "callee_id", "external_id", "initial_metadata"]),
  ...ofEarlier("routed_event", ["rule_id", "snapshot_version"]),
  ...ofEarlier("end_event", ["end_phase", "status", "end_reported_at", "network_disposition", "end_code"]),
  ...ofLater("tags_event", ["tags"]),
  ...ofLater("wrap_up_event", ["wrap_up"]),
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

/** In the order of the key: of two batches with the same events, one waits for the other, and not each for the other. */
export const addEvents = (events: readonly ProjectedEvent[]): SQL =>
  sql`insert into session_events (${namesOf(EVENT_COLUMNS)})
    select ${namesOf(EVENT_COLUMNS)} from jsonb_to_recordset(${JSON.stringify(events.toSorted(inOrder).map(eventRow))}::jsonb) as row (${typesOf(EVENT_COLUMNS)})
    on conflict do nothing`;
