import { sql } from "drizzle-orm";
import { check, jsonb, pgTable, text } from "drizzle-orm/pg-core";
import { DEFAULT_EMERGENCY_SETTINGS, type Settings, UNBOUNDED } from "../domain/configuration/model.ts";
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
    emergency: jsonb("emergency").$type<Settings["emergency"]>().notNull().default(DEFAULT_EMERGENCY_SETTINGS),
    capacity: jsonb("capacity").$type<Settings["capacity"]>().notNull().default(UNBOUNDED),
    ...entityColumns(),
  },
  (table) => [
    check("settings_emergency_is_object", sql`jsonb_typeof(${table.emergency}) = 'object'`),
    check("settings_capacity_is_object", sql`jsonb_typeof(${table.capacity}) = 'object'`),
    tenantPolicy("settings_own_tenant", table.tenantId),
  ],
);
