import { pgTable, primaryKey, text, timestamp, uuid } from "drizzle-orm/pg-core";
import { tenantsPolicy } from "./tenant-policy.ts";

/** Sessions that were deleted: whatever the event log still tells of them does not bring them back. */
export const deletedSessions = pgTable(
  "deleted_sessions",
  {
    tenantId: text("tenant_id").notNull(),
    id: uuid("id").notNull(),
    deletedAt: timestamp("deleted_at", { withTimezone: true }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    tenantsPolicy("deleted_sessions_own_tenants", table.tenantId),
  ],
);
