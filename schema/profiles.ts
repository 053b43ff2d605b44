import { boolean, index, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { entityColumns, sortedText } from "./columns.ts";
import { tenantPolicy } from "./tenant-policy.ts";
import { tenants } from "./tenants.ts";

/** What called users want. */
export const profiles = pgTable(
  "profiles",
  {
    tenantId: text("tenant_id")
      .notNull()
      .references(() => tenants.id),
    /** The user's routing key. */
    id: sortedText("id").notNull(),
    name: text("name").notNull(),
    blockedCallers: text("blocked_callers").array().notNull(),
    blockWithheld: boolean("block_withheld").notNull(),
    doNotDisturb: boolean("do_not_disturb").notNull(),
    diversion: text("diversion"),
    preferredDestination: text("preferred_destination"),
    ...entityColumns(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    index("profiles_by_diversion").on(table.tenantId, table.diversion, table.id),
    index("profiles_by_preferred_destination").on(table.tenantId, table.preferredDestination, table.id),
    tenantPolicy("profiles_own_tenant", table.tenantId),
  ],
);
