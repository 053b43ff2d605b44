import { sql } from "drizzle-orm";
import { boolean, check, index, jsonb, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import type { EmergencyRoute } from "../domain/configuration/model.ts";
import { entityColumns, sortedText } from "./columns.ts";
import { tenantPolicy } from "./tenant-policy.ts";
import { tenants } from "./tenants.ts";

export const emergencyRoutes = pgTable(
  "emergency_routes",
  {
    tenantId: text("tenant_id")
      .notNull()
      .references(() => tenants.id),
    id: sortedText("id").notNull(),
    trunk: text("trunk"),
    /** URN of a sub-service (RFC 5031). */
    service: text("service"),
    countries: text("countries").array().notNull().default([]),
    area: jsonb("area").$type<EmergencyRoute["area"]>(),
    calendar: jsonb("calendar").$type<EmergencyRoute["calendar"]>(),
    destinations: text("destinations").array().notNull(),
    parallel: boolean("parallel").notNull().default(false),
    numberForUrn: text("number_for_urn").notNull(),
    ...entityColumns(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    index("emergency_routes_by_trunk").on(table.tenantId, table.trunk, table.id),
    check("emergency_routes_area_is_object", sql`jsonb_typeof(${table.area}) = 'object'`),
    check("emergency_routes_calendar_is_object", sql`jsonb_typeof(${table.calendar}) = 'object'`),
    tenantPolicy("emergency_routes_own_tenant", table.tenantId),
  ],
);
