import { sql } from "drizzle-orm";
import { check, foreignKey, index, integer, jsonb, pgTable, primaryKey, text, timestamp, uuid } from "drizzle-orm/pg-core";
import { sessions } from "./sessions.ts";
import { tenantsPolicy } from "./tenant-policy.ts";

const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });

/** The events of sessions, each once. */
export const sessionEvents = pgTable(
  "session_events",
  {
    tenantId: text("tenant_id").notNull(),
    id: uuid("id").notNull(),
    sessionId: uuid("session_id").notNull(),
    sequence: integer("sequence").notNull().default(1),
    eventType: text("event_type").notNull(),
    /** When it happened. */
    eventTime: instant("event_time").notNull().defaultNow(),
    /** When it was first stored durably. */
    recordedAt: instant("recorded_at").notNull().defaultNow(),
    traceparent: text("traceparent"),
    metadata: jsonb("metadata").$type<Record<string, unknown>>().notNull().default({}),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    foreignKey({
      name: "session_events_session",
      columns: [table.tenantId, table.sessionId],
      foreignColumns: [sessions.tenantId, sessions.id],
    }).onDelete("cascade"),
    index("session_events_by_session").on(table.tenantId, table.sessionId, table.sequence),
    index("session_events_by_time").on(table.tenantId, table.eventTime),
    index("session_events_by_type").on(table.tenantId, table.eventType, table.eventTime),
    index("session_events_by_metadata").using("gin", table.metadata),
    // By when it was recorded, not by today's date: the table can be made anew from events of any age. 365 days.
    check("session_events_time_is_recent", sql`${table.eventTime} >= ${table.recordedAt} - interval '8760 hours'`),
    check("session_events_metadata_is_object", sql`jsonb_typeof(${table.metadata}) = 'object'`),
    tenantsPolicy("session_events_own_tenants", table.tenantId),
  ],
);
