/** The tables of a log shard, but for those of its head, of which every generation has its own. */
import { migrateTables } from "../migrate-tables.ts";

/** Append-only. A migration that has run is never edited: the text that ran is compared at every start. */
const MIGRATIONS = [
  "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
  "CREATE TABLE watermarks (chunk INTEGER PRIMARY KEY, value TEXT NOT NULL)",
  "CREATE TABLE flushed (generation INTEGER PRIMARY KEY, value TEXT NOT NULL)",
  "CREATE TABLE followers (name TEXT PRIMARY KEY, next INTEGER NOT NULL) WITHOUT ROWID",
  "CREATE TABLE fingerprints (generation INTEGER NOT NULL, chunk INTEGER NOT NULL, value TEXT NOT NULL, PRIMARY KEY (generation, chunk)) WITHOUT ROWID",
] as const;

/** @throws when a migration differs from the one that ran here. */
export const migrate = (storage: DurableObjectStorage): void => migrateTables(storage, MIGRATIONS, "the event log");
