import { pgTable, text, timestamp } from "drizzle-orm/pg-core";
import { tenantPolicy } from "./tenant-policy.ts";

export const tenants = pgTable(
  "tenants",
  {
    /** The slug that stands in URLs, object names and API keys. */
    id: text("id").primaryKey(),
    name: text("name").notNull(),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull().defaultNow(),
    updatedAt: timestamp("updated_at", { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [tenantPolicy("tenants_own_tenant", table.id)],
);
