import { index, jsonb, pgTable, primaryKey, text, timestamp, uuid } from "drizzle-orm/pg-core";
import { sortedText } from "./columns.ts";
import { tenantPolicy } from "./tenant-policy.ts";
import { tenants } from "./tenants.ts";

/** Uploads that have begun and neither taken effect nor been given up. */
export const uploads = pgTable(
  "uploads",
  {
    tenantId: text("tenant_id")
      .notNull()
      .references(() => tenants.id),
    id: uuid("id").notNull(),
    /** When rows came last. */
    touchedAt: timestamp("touched_at", { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] }), tenantPolicy("uploads_own_tenant", table.tenantId)],
);

/**
 * Rows of uploads before they take effect. Without a key, because two rows with the same one are found when the upload is complete,
 * and without a foreign key, because hundreds of thousands of checks would cost more than the rows.
 */
export const stagedRows = pgTable(
  "staged_rows",
  {
    tenantId: text("tenant_id").notNull(),
    uploadId: uuid("upload_id").notNull(),
    /** The entity's kind. */
    kind: text("kind").notNull(),
    key: sortedText("key").notNull(),
    /** By the columns of the kind's table. */
    row: jsonb("row").notNull(),
  },
  (table) => [
    // Without the key: rows are then read in the order in which they came, which is that of the disk.
    index("staged_rows_by_kind").on(table.tenantId, table.uploadId, table.kind),
    tenantPolicy("staged_rows_own_tenant", table.tenantId),
  ],
);
