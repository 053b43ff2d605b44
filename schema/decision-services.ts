import { boolean, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { entityColumns, sortedText } from "./columns.ts";
import { tenantPolicy } from "./tenant-policy.ts";
import { tenants } from "./tenants.ts";

/** Who is asked about calls. Their secrets are derived (adapters/identity/decision-secrets.ts) and stand nowhere. */
export const decisionServices = pgTable(
  "decision_services",
  {
    tenantId: text("tenant_id")
      .notNull()
      .references(() => tenants.id),
    id: sortedText("id").notNull(),
    name: text("name").notNull(),
    url: text("url").notNull(),
    deadlineMs: integer("deadline_ms").notNull(),
    cacheMs: integer("cache_ms").notNull(),
    maxAtOnce: integer("max_at_once").notNull(),
    enabled: boolean("enabled").notNull(),
    secretVersion: integer("secret_version").notNull(),
    ...entityColumns(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    tenantPolicy("decision_services_own_tenant", table.tenantId),
  ],
);
