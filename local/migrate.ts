/**
 * Applies the migrations to a local database.
 *
 * Over a plain connection as the owner, not through the proxy: the migrator needs one transaction around everything, which Neon's
 * HTTP protocol has not, and what prepares the database should not depend on the part that stands in for Neon.
 */
import { join } from "node:path";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate } from "drizzle-orm/node-postgres/migrator";
import pg from "pg";
import { ROOT } from "./paths.ts";

const CONNECT_DEADLINE_MS = 5_000;
const STATEMENT_DEADLINE_MS = 60_000;
const LOCK_DEADLINE_MS = 10_000;

/** @param ownerUrl connection string of `trunkline_owner`. All pending migrations take place, or none. */
export async function applyMigrations(ownerUrl: string): Promise<void> {
  const client = new pg.Client({
    connectionString: ownerUrl,
    connectionTimeoutMillis: CONNECT_DEADLINE_MS,
    statement_timeout: STATEMENT_DEADLINE_MS,
    lock_timeout: LOCK_DEADLINE_MS,
  });
  await client.connect();
  try {
    await migrate(drizzle(client), { migrationsFolder: join(ROOT, "migrations") });
  } finally {
    await client.end();
  }
}
