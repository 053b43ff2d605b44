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
  primaryKey,
  smallint,
  text,
  timestamp,
  uuid,
} from "drizzle-orm/pg-core";
import type { Channel, Direction, Priority } from "../domain/call/call.ts";
import type { Phase, TerminalPhase } from "../domain/call/state.ts";
import type { Lane } from "../domain/shared/ids.ts";
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
    callerId: text("caller_id"),
    /** Empty while the call has only been reported on. */
    calleeId: text("callee_id").notNull().default(""),
    externalId: text("external_id"),
    initialMetadata: jsonb("initial_metadata").$type<Record<string, unknown>>().notNull().default({}),
    /** Kept for systems that only record: no call of ours. */
    recorded: boolean("recorded").notNull().default(false),
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
    /** The destination that was tried last, or that answered. */
    destinationEvent: uuid("destination_event"),
    destination: text("destination"),
    ruleId: text("rule_id"),
    snapshotVersion: text("snapshot_version"),
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
    // Read backwards for the newest first.
    index("sessions_by_start").on(table.tenantId, table.startedAt, table.id),
    index("sessions_by_caller").on(table.tenantId, table.callerId, table.startedAt, table.id),
    index("sessions_by_callee").on(table.tenantId, table.calleeId, table.startedAt, table.id),
    index("sessions_by_status").on(table.tenantId, table.status, table.startedAt, table.id),
    // Operators of enums are not leakproof: behind a policy the index above serves no condition, but a partial one is found.
    index("sessions_ongoing")
      .on(table.tenantId, table.startedAt, table.id)
      .where(sql`status = 'ongoing'`),
    index("sessions_by_trunk").on(table.tenantId, table.trunk, table.startedAt, table.id),
    index("sessions_by_creation").on(table.tenantId, table.createdAt),
    index("sessions_by_metadata").using("gin", table.metadata),
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
