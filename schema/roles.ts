import { pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { entityColumns, sortedText } from "./columns.ts";
import { tenantPolicy } from "./tenant-policy.ts";
import { tenants } from "./tenants.ts";

/** Roles of the tenant's own, beside those that are built in. */
export const roles = pgTable(
  "roles",
  {
    tenantId: text("tenant_id")
      .notNull()
      .references(() => tenants.id),
    id: sortedText("id").notNull(),
    description: text("description").notNull(),
    permissions: text("permissions").array().notNull(),
    ...entityColumns(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] }), tenantPolicy("roles_own_tenant", table.tenantId)],
);
