import { index, pgTable, primaryKey, text, timestamp } from "drizzle-orm/pg-core";
import { entityColumns, sortedText } from "./columns.ts";
import { tenantPolicy } from "./tenant-policy.ts";
import { tenants } from "./tenants.ts";

/** The tenant's directory. */
export const users = pgTable(
  "users",
  {
    tenantId: text("tenant_id")
      .notNull()
      .references(() => tenants.id),
    /** The subject of the user's tokens. */
    id: sortedText("id").notNull(),
    /** The tenant's own issuer whose subject it is; null: one of the deployment's, or it was not said. */
    issuer: text("issuer"),
    /** Encrypted, as the name is (adapters/identity/data-keys.ts). */
    email: text("email"),
    /** A keyed hash of the address, by which it is found. */
    emailIndex: text("email_index"),
    name: text("name").notNull(),
    /** The profile of the calls to this user; null: none. */
    profile: text("profile"),
    roles: text("roles").array().notNull(),
    disabledAt: timestamp("disabled_at", { withTimezone: true }),
    ...entityColumns(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    index("users_by_email").on(table.tenantId, table.emailIndex, table.id),
    tenantPolicy("users_own_tenant", table.tenantId),
  ],
);
