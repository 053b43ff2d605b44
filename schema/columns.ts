/** Columns that many tables have. */
import { sql } from "drizzle-orm";
import { bigint, customType, pgSequence, timestamp } from "drizzle-orm/pg-core";

/**
 * Revisions of rows, for all tables and tenants: a number never comes back, also not when something is removed and made anew, so that
 * an old `ETag` fits nothing. A trigger takes the next one with every update.
 */
export const revisions = pgSequence("revisions");

/** Text that lists are ordered by: by its bytes, in every database alike, whatever the language that it was made for. */
export const sortedText = customType<{ data: string; driverData: string }>({ dataType: () => 'text COLLATE "C"' });

const nextRevision = sql`nextval('revisions')`;

/** For entities that are kept one by one. `updated_at` and `revision` are set by a trigger. */
export const entityColumns = () => ({
  revision: bigint("revision", { mode: "number" }).notNull().default(nextRevision),
  createdAt: timestamp("created_at", { withTimezone: true }).notNull().defaultNow(),
  updatedAt: timestamp("updated_at", { withTimezone: true }).notNull().defaultNow(),
});
