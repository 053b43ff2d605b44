import { sql } from "drizzle-orm";
import { bigint, check, foreignKey, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { entityColumns, sortedText } from "./columns.ts";
import { tenantPolicy } from "./tenant-policy.ts";
import { tenants } from "./tenants.ts";

export const rateTables = pgTable(
  "rate_tables",
  {
    tenantId: text("tenant_id")
      .notNull()
      .references(() => tenants.id),
    id: sortedText("id").notNull(),
    name: text("name").notNull(),
    /** ISO 4217. */
    currency: text("currency").notNull(),
    ...entityColumns(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] }), tenantPolicy("rate_tables_own_tenant", table.tenantId)],
);

/** Rows of a rate table; they go with it (by a trigger: a cascade would act as the owner of the
 * tables, whom row-level security lets see nothing). Replaced as a whole, so they have no revisions of their own. */
export const rates = pgTable(
  "rates",
  {
    tenantId: text("tenant_id").notNull(),
    rateTable: sortedText("rate_table").notNull(),
    /** Digits after a plus sign. */
    prefix: sortedText("prefix").notNull(),
    perMinuteMicros: bigint("per_minute_micros", { mode: "number" }).notNull(),
    connectMicros: bigint("connect_micros", { mode: "number" }).notNull(),
    incrementS: integer("increment_s").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.rateTable, table.prefix] }),
    foreignKey({
      name: "rates_of_rate_table",
      columns: [table.tenantId, table.rateTable],
      foreignColumns: [rateTables.tenantId, rateTables.id],
    }),
    check("rates_per_minute", sql`${table.perMinuteMicros} >= 0`),
    check("rates_connect", sql`${table.connectMicros} >= 0`),
    check("rates_increment", sql`${table.incrementS} >= 1`),
    tenantPolicy("rates_own_tenant", table.tenantId),
  ],
);
