import { index, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { entityColumns, sortedText } from "./columns.ts";
import { tenantPolicy } from "./tenant-policy.ts";
import { tenants } from "./tenants.ts";

export const emergencyRoutes = pgTable(
  "emergency_routes",
  {
    tenantId: text("tenant_id")
      .notNull()
      .references(() => tenants.id),
    id: sortedText("id").notNull(),
    trunk: text("trunk"),
    /** URN of a sub-service (RFC 5031). */
    service: text("service"),
    destinations: text("destinations").array().notNull(),
    numberForUrn: text("number_for_urn").notNull(),
    ...entityColumns(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    index("emergency_routes_by_trunk").on(table.tenantId, table.trunk, table.id),
    tenantPolicy("emergency_routes_own_tenant", table.tenantId),
  ],
);
