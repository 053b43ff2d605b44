import { jsonb, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import type { TenantIssuer } from "../domain/identity/tenant-issuer.ts";
import { entityColumns, sortedText } from "./columns.ts";
import { tenantPolicy } from "./tenant-policy.ts";
import { tenants } from "./tenants.ts";

/** Issuers of tokens that speak for the tenant. */
export const issuers = pgTable(
  "issuers",
  {
    tenantId: text("tenant_id")
      .notNull()
      .references(() => tenants.id),
    id: sortedText("id").notNull(),
    config: jsonb("config").$type<Omit<TenantIssuer, "id">>().notNull(),
    ...entityColumns(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] }), tenantPolicy("issuers_own_tenant", table.tenantId)],
);
