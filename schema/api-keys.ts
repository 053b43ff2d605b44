import { pgTable, primaryKey, text, timestamp } from "drizzle-orm/pg-core";
import { entityColumns, sortedText } from "./columns.ts";
import { tenantPolicy } from "./tenant-policy.ts";
import { tenants } from "./tenants.ts";

export const apiKeys = pgTable(
  "api_keys",
  {
    /** The 12 characters of the key that are no secret. */
    id: sortedText("id").notNull(),
    tenantId: text("tenant_id")
      .notNull()
      .references(() => tenants.id),
    name: text("name").notNull(),
    /** SHA-256 of the secret part, lower-case hex. The secret has 256 random bits: a slow hash would add nothing. */
    secretHash: text("secret_hash").notNull(),
    roles: text("roles").array().notNull(),
    /** The trunk that the key is bound to; null when it may act for every trunk of the tenant. */
    trunk: text("trunk"),
    /** What the key is good for at most; null: everything that its roles grant. */
    scopes: text("scopes").array(),
    /** Networks from which it may be used, CIDR; empty: any. */
    allowedNetworks: text("allowed_networks").array().notNull().default([]),
    /** With which its holder may sign requests (adapters/identity/http-signature); null: may not. */
    publicKey: text("public_key"),
    /** The key that this one takes the place of. */
    rotatedFrom: text("rotated_from"),
    /** To the hour or so: not every use is written. */
    lastUsedAt: timestamp("last_used_at", { withTimezone: true }),
    /** Subject of who made it; null for keys that came with the tenant. */
    createdBy: text("created_by"),
    ...entityColumns(),
    expiresAt: timestamp("expires_at", { withTimezone: true }),
    revokedAt: timestamp("revoked_at", { withTimezone: true }),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] }), tenantPolicy("api_keys_own_tenant", table.tenantId)],
);
