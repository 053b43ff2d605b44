import { pgTable, text } from "drizzle-orm/pg-core";
import { entityColumns } from "./columns.ts";
import { tenantPolicy } from "./tenant-policy.ts";
import { tenants } from "./tenants.ts";

/** What a tenant has one of. */
export const settings = pgTable(
  "settings",
  {
    tenantId: text("tenant_id")
      .primaryKey()
      .references(() => tenants.id),
    defaultTrunk: text("default_trunk").notNull(),
    ...entityColumns(),
  },
  (table) => [tenantPolicy("settings_own_tenant", table.tenantId)],
);
