import { index, pgTable, primaryKey, text, timestamp } from "drizzle-orm/pg-core";
import { entityColumns, sortedText } from "./columns.ts";
import { tenantPolicy } from "./tenant-policy.ts";
import { tenants } from "./tenants.ts";

/** People who were asked to join the tenant's directory. Whoever has the token joins once, with these roles. */
export const invitations = pgTable(
  "invitations",
  {
    tenantId: text("tenant_id")
      .notNull()
      .references(() => tenants.id),
    id: sortedText("id").notNull(),
    /** Encrypted, as in `users`. */
    email: text("email"),
    name: text("name").notNull(),
    roles: text("roles").array().notNull(),
    /** SHA-256 of the token, lower-case hex. */
    tokenHash: text("token_hash").notNull(),
    expiresAt: timestamp("expires_at", { withTimezone: true }).notNull(),
    acceptedAt: timestamp("accepted_at", { withTimezone: true }),
    acceptedBy: text("accepted_by"),
    revokedAt: timestamp("revoked_at", { withTimezone: true }),
    createdBy: text("created_by").notNull(),
    ...entityColumns(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    index("invitations_by_token").on(table.tenantId, table.tokenHash),
    tenantPolicy("invitations_own_tenant", table.tenantId),
  ],
);
