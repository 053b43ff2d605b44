import { sql } from "drizzle-orm";
import { bigint, pgPolicy, pgTable, text, timestamp } from "drizzle-orm/pg-core";
import { appRole } from "./tenant-policy.ts";

/** How far the projection has come in each shard of the event log. No tenant's data, hence for every batch of the Workers. */
export const projectionPositions = pgTable(
  "projection_positions",
  {
    shard: text("shard").primaryKey(),
    /** Every event before this offset is in the tables. */
    next: bigint("next", { mode: "number" }).notNull(),
    at: timestamp("at", { withTimezone: true, precision: 3 }).notNull().defaultNow(),
  },
  () => [pgPolicy("projection_positions_of_all", { for: "all", to: appRole, using: sql`true`, withCheck: sql`true` })],
);
