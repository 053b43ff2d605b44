import { boolean, pgTable, primaryKey, text, timestamp } from "drizzle-orm/pg-core";
import { entityColumns, sortedText } from "./columns.ts";
import { tenantPolicy } from "./tenant-policy.ts";
import { tenants } from "./tenants.ts";

/** Where events are delivered to. */
export const webhookEndpoints = pgTable(
  "webhook_endpoints",
  {
    tenantId: text("tenant_id")
      .notNull()
      .references(() => tenants.id),
    id: sortedText("id").notNull(),
    url: text("url").notNull(),
    description: text("description").notNull(),
    eventTypes: text("event_types").array().notNull(),
    /** Encrypted with the configuration key, the newest first. */
    sealedSecrets: text("sealed_secrets").array().notNull(),
    /** When the older ones cease to sign; null: there is one. */
    rotatedUntil: timestamp("rotated_until", { withTimezone: true }),
    personalData: boolean("personal_data").notNull().default(false),
    disabledAt: timestamp("disabled_at", { withTimezone: true }),
    /** `user`, `gone` or `failing`. */
    disabledBecause: text("disabled_because"),
    createdBy: text("created_by").notNull(),
    ...entityColumns(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    tenantPolicy("webhook_endpoints_own_tenant", table.tenantId),
  ],
);
