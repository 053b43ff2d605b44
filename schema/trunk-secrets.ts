import { pgTable, primaryKey, text, timestamp } from "drizzle-orm/pg-core";
import { entityColumns, sortedText } from "./columns.ts";
import { tenantPolicy } from "./tenant-policy.ts";
import { tenants } from "./tenants.ts";

/** What a trunk signs its requests with (Standard Webhooks). Several of one trunk overlap while they are being rotated. */
export const trunkSecrets = pgTable(
  "trunk_secrets",
  {
    tenantId: text("tenant_id")
      .notNull()
      .references(() => tenants.id),
    trunk: sortedText("trunk").notNull(),
    id: sortedText("id").notNull(),
    /** Encrypted, bound to tenant and trunk (adapters/identity/data-keys.ts). */
    sealed: text("sealed").notNull(),
    /** Subject of who added it; null for secrets that came with the tenant. */
    createdBy: text("created_by"),
    ...entityColumns(),
    retiredAt: timestamp("retired_at", { withTimezone: true }),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.trunk, table.id] }),
    tenantPolicy("trunk_secrets_own_tenant", table.tenantId),
  ],
);
