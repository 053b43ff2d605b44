import { sql } from "drizzle-orm";
import { bigint, jsonb, pgTable, text, timestamp } from "drizzle-orm/pg-core";
import { NO_POLICY, type TenantPolicy } from "../domain/identity/tenant-policy.ts";
import { tenantPolicy } from "./tenant-policy.ts";

export const tenants = pgTable(
  "tenants",
  {
    /** The slug that stands in URLs, object names and API keys. */
    id: text("id").primaryKey(),
    name: text("name").notNull(),
    /** What the tenant has settled about who may come in, how, and how often. */
    policy: jsonb("policy").$type<TenantPolicy>().notNull().default(NO_POLICY),
    revision: bigint("revision", { mode: "number" })
      .notNull()
      .default(sql`nextval('revisions')`),
    createdAt: timestamp("created_at", { withTimezone: true }).notNull().defaultNow(),
    updatedAt: timestamp("updated_at", { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [tenantPolicy("tenants_own_tenant", table.id)],
);
