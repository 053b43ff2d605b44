import { sql } from "drizzle-orm";
import { bigint, boolean, check, index, jsonb, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { type Destination, UNBOUNDED } from "../domain/configuration/model.ts";
import { entityColumns, sortedText } from "./columns.ts";
import { tenantPolicy } from "./tenant-policy.ts";
import { tenants } from "./tenants.ts";

export const destinations = pgTable(
  "destinations",
  {
    tenantId: text("tenant_id")
      .notNull()
      .references(() => tenants.id),
    id: sortedText("id").notNull(),
    name: text("name").notNull(),
    enabled: boolean("enabled").notNull(),
    target: jsonb("target").$type<Destination["target"]>().notNull(),
    /** For filtering; cannot disagree with the target. */
    targetType: text("target_type").generatedAlwaysAs(sql`target ->> 'type'`),
    ringTimeoutMs: bigint("ring_timeout_ms", { mode: "number" }).notNull(),
    rerouteCauses: jsonb("reroute_causes").$type<Destination["rerouteCauses"]>(),
    rateTable: text("rate_table"),
    capacity: jsonb("capacity").$type<Destination["capacity"]>().notNull().default(UNBOUNDED),
    ...entityColumns(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    index("destinations_by_type").on(table.tenantId, table.targetType, table.id),
    index("destinations_by_rate_table").on(table.tenantId, table.rateTable, table.id),
    check("destinations_target_is_object", sql`jsonb_typeof(${table.target}) = 'object'`),
    check("destinations_reroute_causes_is_array", sql`jsonb_typeof(${table.rerouteCauses}) = 'array'`),
    check("destinations_capacity_is_object", sql`jsonb_typeof(${table.capacity}) = 'object'`),
    check("destinations_ring_timeout", sql`${table.ringTimeoutMs} > 0`),
    tenantPolicy("destinations_own_tenant", table.tenantId),
  ],
);
