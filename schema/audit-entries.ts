import { bigint, index, integer, jsonb, pgTable, primaryKey, text, timestamp } from "drizzle-orm/pg-core";
import type { AuditOutcome } from "../domain/audit/entry.ts";
import type { Lane } from "../domain/shared/ids.ts";
import { sortedText } from "./columns.ts";
import { tenantPolicy } from "./tenant-policy.ts";

/** Who did what, and who was refused. Written once; each entry carries the hash of the one before it on its lane. */
export const auditEntries = pgTable(
  "audit_entries",
  {
    tenantId: text("tenant_id").notNull(),
    lane: text("lane").$type<Lane>().notNull(),
    /** From 1 without gaps. */
    sequence: bigint("sequence", { mode: "number" }).notNull(),
    at: timestamp("at", { withTimezone: true, precision: 3 }).notNull(),
    /** The subject, and how it was proven; `anonymous` where it was not. */
    actor: sortedText("actor").notNull(),
    via: text("via").notNull(),
    /** What was done, as `api-keys.create`. */
    action: sortedText("action").notNull(),
    /** To what, as a path. */
    resource: sortedText("resource").notNull(),
    outcome: text("outcome").$type<AuditOutcome>().notNull(),
    status: integer("status").notNull(),
    requestId: text("request_id").notNull(),
    sourceIp: text("source_ip"),
    detail: jsonb("detail").$type<Record<string, unknown>>().notNull().default({}),
    previousHash: text("previous_hash").notNull(),
    hash: text("hash").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.lane, table.sequence] }),
    index("audit_entries_by_time").on(table.tenantId, table.at, table.lane, table.sequence),
    index("audit_entries_by_actor").on(table.tenantId, table.actor, table.at),
    index("audit_entries_by_action").on(table.tenantId, table.action, table.at),
    index("audit_entries_by_resource").on(table.tenantId, table.resource, table.at),
    tenantPolicy("audit_entries_own_tenant", table.tenantId),
  ],
);
