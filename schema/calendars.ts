import { sql } from "drizzle-orm";
import { check, jsonb, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import type { Calendar } from "../domain/configuration/model.ts";
import { entityColumns, sortedText } from "./columns.ts";
import { tenantPolicy } from "./tenant-policy.ts";
import { tenants } from "./tenants.ts";

export const calendars = pgTable(
  "calendars",
  {
    tenantId: text("tenant_id")
      .notNull()
      .references(() => tenants.id),
    id: sortedText("id").notNull(),
    name: text("name").notNull(),
    /** IANA time zone. */
    timeZone: text("time_zone").notNull(),
    weekly: jsonb("weekly").$type<Calendar["weekly"]>().notNull(),
    holidays: jsonb("holidays").$type<Calendar["holidays"]>().notNull(),
    ...entityColumns(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    check("calendars_weekly_is_array", sql`jsonb_typeof(${table.weekly}) = 'array'`),
    check("calendars_holidays_is_array", sql`jsonb_typeof(${table.holidays}) = 'array'`),
    tenantPolicy("calendars_own_tenant", table.tenantId),
  ],
);
