import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  pgView,
  primaryKey,
  smallint,
  text,
  timestamp,
  uuid,
} from "drizzle-orm/pg-core";
import type { Channel, Direction, Priority } from "../domain/call/call.ts";
import type { Phase, TerminalPhase } from "../domain/call/state.ts";
import type { Lane } from "../domain/shared/ids.ts";
import { sortedText } from "./columns.ts";
import { tenantsPolicy } from "./tenant-policy.ts";

export const sessionStatus = pgEnum("session_status", ["ongoing", "completed", "failed"]);

const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

/**
 * What the event log tells of sessions, for lists. Columns that end in `_event` say which event the columns after them are from, so that
 * rows made of different events can be joined. Without a reference to tenants: no event is refused because of what is configured.
 */
export const sessions = pgTable(
  "sessions",
  {
    tenantId: text("tenant_id").notNull(),
    id: uuid("id").notNull(),
    lane: text("lane").$type<Lane>().notNull(),
    status: sessionStatus("status").notNull().default("ongoing"),
    /** How far it has come apart from its end: the place in `LIVE_PHASES`. */
    reached: smallint("reached").notNull().default(0),
    endPhase: text("end_phase").$type<TerminalPhase>(),
    phase: text("phase")
      .$type<Phase>()
      .generatedAlwaysAs(sql`coalesce(end_phase, (array['queued', 'initiating', 'ringing', 'active', 'ending'])[reached + 1])`),
    firstSequence: integer("first_sequence").notNull().default(1),
    /** When the first event was recorded: the place in lists. */
    startedAt: instant("started_at").notNull(),
    ringingAt: instant("ringing_at"),
    answeredAt: instant("answered_at"),
    endEvent: uuid("end_event"),
    /** As it was reported; carriers' clocks differ from ours. */
    endReportedAt: instant("end_reported_at"),
    endedAt: instant("ended_at").generatedAlwaysAs(
      sql`case when end_reported_at is not null then greatest(end_reported_at, started_at) end`,
    ),
    /** From its start to its end, milliseconds. */
    durationMs: bigint("duration_ms", { mode: "number" }).generatedAlwaysAs(
      sql`case when end_reported_at is not null then greatest(0, (extract(epoch from end_reported_at - started_at) * 1000)::bigint) end`,
    ),
    networkDisposition: text("network_disposition"),
    endCode: integer("end_code"),
    receivedEvent: uuid("received_event"),
    channel: text("channel").$type<Channel>(),
    trunk: text("trunk"),
    priority: text("priority").$type<Priority>(),
    /** By its bytes, as the other one, so that an index finds what begins alike. */
    callerId: sortedText("caller_id"),
    /** Empty while the call has only been reported on. */
    calleeId: sortedText("callee_id").notNull().default(""),
    /** Both, for whoever looks for a part of one of them. */
    parties: sortedText("parties").generatedAlwaysAs(sql`coalesce(caller_id, '') || ' ' || callee_id`),
    externalId: text("external_id"),
    initialMetadata: jsonb("initial_metadata").$type<Record<string, unknown>>().notNull().default({}),
    /** Kept for systems that only record: no call of ours. */
    recorded: boolean("recorded").notNull().default(false),
    directedEvent: uuid("directed_event"),
    direction: text("direction").$type<Direction>(),
    /** Country of the callee's number, ISO 3166-1 alpha-2; null where it has none. */
    country: text("country"),
    amendedEvent: uuid("amended_event"),
    /** The metadata as a whole after it was last amended. */
    amendedMetadata: jsonb("amended_metadata").$type<Record<string, unknown>>(),
    metadata: jsonb("metadata")
      .$type<Record<string, unknown>>()
      .generatedAlwaysAs(sql`coalesce(amended_metadata, initial_metadata)`),
    routedEvent: uuid("routed_event"),
    ruleId: text("rule_id"),
    snapshotVersion: text("snapshot_version"),
    plannedDestinations: text("planned_destinations").array().notNull().default([]),
    /** The last word on which of them was tried: see `Tried` in domain/sessions/projected.ts. */
    destinationEvent: uuid("destination_event"),
    destinationIndex: smallint("destination_index"),
    destinationAnswered: boolean("destination_answered").notNull().default(false),
    /** The destination that was tried last, or that answered; the only one of a plan even where nobody said which. */
    destination: text("destination").generatedAlwaysAs(
      sql`case when destination_event is null then null when destination_index is not null then planned_destinations[destination_index + 1] when cardinality(planned_destinations) = 1 then planned_destinations[1] end`,
    ),
    tagsEvent: uuid("tags_event"),
    tags: text("tags").array().notNull().default([]),
    wrapUpEvent: uuid("wrap_up_event"),
    wrapUp: text("wrap_up"),
    disposition: text("disposition").generatedAlwaysAs(sql`coalesce(wrap_up, network_disposition)`),
    /** The last event that is in here, and when it was recorded. */
    sequence: integer("sequence").notNull().default(1),
    lastEventAt: instant("last_event_at").notNull(),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull().defaultNow(),
    updatedAt: timestamp("updated_at", { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    // Read backwards for the newest first. What filters by a value has an index in which its sessions lie by time: a page is read from
    // its place on, whether the value is of all sessions or of one.
    index("sessions_by_start").on(table.tenantId, table.startedAt, table.id),
    index("sessions_by_end").on(table.tenantId, table.endedAt, table.id),
    index("sessions_by_duration").on(table.tenantId, table.durationMs, table.id),
    index("sessions_by_status").on(table.tenantId, table.status, table.startedAt, table.id),
    index("sessions_by_phase").on(table.tenantId, table.phase, table.startedAt, table.id),
    index("sessions_by_lane").on(table.tenantId, table.lane, table.startedAt, table.id),
    index("sessions_by_direction").on(table.tenantId, table.direction, table.startedAt, table.id),
    index("sessions_by_channel").on(table.tenantId, table.channel, table.startedAt, table.id),
    index("sessions_by_recorded").on(table.tenantId, table.recorded, table.startedAt, table.id),
    index("sessions_by_caller").on(table.tenantId, table.callerId, table.startedAt, table.id),
    index("sessions_by_callee").on(table.tenantId, table.calleeId, table.startedAt, table.id),
    index("sessions_by_trunk").on(table.tenantId, table.trunk, table.startedAt, table.id),
    index("sessions_by_destination").on(table.tenantId, table.destination, table.startedAt, table.id),
    index("sessions_by_rule").on(table.tenantId, table.ruleId, table.startedAt, table.id),
    index("sessions_by_disposition").on(table.tenantId, table.disposition, table.startedAt, table.id),
    index("sessions_by_creation").on(table.tenantId, table.createdAt),
    // With the tenant in front (btree_gin), so that what is common with one tenant costs another nothing.
    index("sessions_by_tag").using("gin", table.tenantId, table.tags),
    index("sessions_by_metadata").using("gin", table.tenantId, table.metadata),
    index("sessions_by_part").using("gin", table.tenantId, table.parties.op("gin_trgm_ops")),
    check("sessions_end_after_start", sql`${table.endedAt} >= ${table.startedAt}`),
    check("sessions_lane", sql`${table.lane} in ('standard', 'emergency')`),
    check("sessions_reached", sql`${table.reached} between 0 and 4`),
    check("sessions_end_phase", sql`${table.endPhase} in ('completed', 'escalated', 'failed')`),
    check(
      "sessions_status_is_of_phase",
      sql`${table.status} = case when ${table.endPhase} is null then 'ongoing' when ${table.endPhase} = 'failed' then 'failed' else 'completed' end::session_status`,
    ),
    check("sessions_metadata_is_object", sql`jsonb_typeof(${table.initialMetadata}) = 'object'`),
    tenantsPolicy("sessions_own_tenants", table.tenantId),
  ],
);

/**
 * The sessions of the tenant that the transaction is for (`trunkline.tenant`). Behind a policy, Postgres takes no operator for an index
 * that is not leakproof, and most of those that lists use are not (ADR 0016). So this view belongs to `trunkline_lists`, which no policy
 * binds, and says itself whose rows they are. Made anew, it has to be given to that role again.
 */
export const listedSessions = pgView("listed_sessions").as((query) =>
  query
    .select()
    .from(sessions)
    .where(sql`${sessions.tenantId} = current_setting('trunkline.tenant', true)`),
);
