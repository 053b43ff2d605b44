import { sql } from "drizzle-orm";
import { bigint, check, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { tenantPolicy } from "./tenant-policy.ts";
import { tenants } from "./tenants.ts";

/**
 * How often a tenant's draft, or who has access, was changed. Triggers on all tables concerned count one per statement that changed
 * something, however many rows.
 */
export const revisionHeads = pgTable(
  "revision_heads",
  {
    tenantId: text("tenant_id")
      .notNull()
      .references(() => tenants.id),
    part: text("part").$type<"draft" | "access">().notNull(),
    revision: bigint("revision", { mode: "number" }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.part] }),
    check("revision_heads_part", sql`${table.part} in ('draft', 'access')`),
    tenantPolicy("revision_heads_own_tenant", table.tenantId),
  ],
);
