import { sql } from "drizzle-orm";
import { bigint, check, index, jsonb, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { DEFAULT_SILENCE, DEFAULT_TRUNK_EMERGENCY, type Trunk, UNBOUNDED } from "../domain/configuration/model.ts";
import { entityColumns, sortedText } from "./columns.ts";
import { tenantPolicy } from "./tenant-policy.ts";
import { tenants } from "./tenants.ts";

export const trunks = pgTable(
  "trunks",
  {
    tenantId: text("tenant_id")
      .notNull()
      .references(() => tenants.id),
    id: sortedText("id").notNull(),
    name: text("name").notNull(),
    kind: text("kind").$type<Trunk["kind"]>().notNull(),
    auth: text("auth").array().$type<Trunk["auth"][number][]>().notNull(),
    dialProfile: jsonb("dial_profile").$type<Trunk["dialProfile"]>().notNull(),
    sources: text("sources").array().notNull(),
    capabilities: text("capabilities").array().$type<Trunk["capabilities"][number][]>().notNull(),
    toll: jsonb("toll").$type<Trunk["toll"]>().notNull(),
    maxDurationMs: bigint("max_duration_ms", { mode: "number" }),
    carrier: text("carrier"),
    silence: jsonb("silence").$type<Trunk["silence"]>().notNull().default(DEFAULT_SILENCE),
    emergency: jsonb("emergency").$type<Trunk["emergency"]>().notNull().default(DEFAULT_TRUNK_EMERGENCY),
    capacity: jsonb("capacity").$type<Trunk["capacity"]>().notNull().default(UNBOUNDED),
    ...entityColumns(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    index("trunks_by_kind").on(table.tenantId, table.kind, table.id),
    check("trunks_dial_profile_is_object", sql`jsonb_typeof(${table.dialProfile}) = 'object'`),
    check("trunks_toll_is_object", sql`jsonb_typeof(${table.toll}) = 'object'`),
    check("trunks_silence_is_object", sql`jsonb_typeof(${table.silence}) = 'object'`),
    check("trunks_emergency_is_object", sql`jsonb_typeof(${table.emergency}) = 'object'`),
    check("trunks_capacity_is_object", sql`jsonb_typeof(${table.capacity}) = 'object'`),
    check("trunks_max_duration", sql`${table.maxDurationMs} > 0`),
    tenantPolicy("trunks_own_tenant", table.tenantId),
  ],
);
