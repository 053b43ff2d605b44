import { sql } from "drizzle-orm";
import { bigint, check, integer, jsonb, pgTable, primaryKey, text, timestamp } from "drizzle-orm/pg-core";
import type { VersionRecord } from "../domain/configuration/store.ts";
import { sortedText } from "./columns.ts";
import { tenantPolicy } from "./tenant-policy.ts";
import { tenants } from "./tenants.ts";

/** What was published, by whom. Written once. */
export const configVersions = pgTable(
  "config_versions",
  {
    tenantId: text("tenant_id")
      .notNull()
      .references(() => tenants.id),
    /** Sorts by time of publication. */
    version: sortedText("version").notNull(),
    draftRevision: bigint("draft_revision", { mode: "number" }).notNull(),
    publishedAt: timestamp("published_at", { withTimezone: true }).notNull(),
    publishedBy: text("published_by").notNull(),
    note: text("note"),
    counts: jsonb("counts").$type<VersionRecord["counts"]>().notNull(),
    added: integer("added").notNull(),
    removed: integer("removed").notNull(),
    changed: integer("changed").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.version] }),
    check("config_versions_counts_is_object", sql`jsonb_typeof(${table.counts}) = 'object'`),
    check("config_versions_changes", sql`least(${table.added}, ${table.removed}, ${table.changed}) >= 0`),
    tenantPolicy("config_versions_own_tenant", table.tenantId),
  ],
);
