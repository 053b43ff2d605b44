import { foreignKey, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { entityColumns, sortedText } from "./columns.ts";
import { tenantPolicy } from "./tenant-policy.ts";
import { tenants } from "./tenants.ts";

export const numberLists = pgTable(
  "number_lists",
  {
    tenantId: text("tenant_id")
      .notNull()
      .references(() => tenants.id),
    id: sortedText("id").notNull(),
    name: text("name").notNull(),
    ...entityColumns(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] }), tenantPolicy("number_lists_own_tenant", table.tenantId)],
);

/** Rows of a number list; they go with it (by a trigger: a cascade would act as the owner of the
 * tables, whom row-level security lets see nothing). */
export const numberListEntries = pgTable(
  "number_list_entries",
  {
    tenantId: text("tenant_id").notNull(),
    list: sortedText("list").notNull(),
    /** A routing key, or a prefix that ends in `*`. */
    number: sortedText("number").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.list, table.number] }),
    foreignKey({
      name: "number_list_entries_of_list",
      columns: [table.tenantId, table.list],
      foreignColumns: [numberLists.tenantId, numberLists.id],
    }),
    tenantPolicy("number_list_entries_own_tenant", table.tenantId),
  ],
);
