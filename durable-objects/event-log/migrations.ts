/** The tables of a log shard, but for those of its head, of which every generation has its own. */

/** Append-only. A migration that has run is never edited: the text that ran is compared at every start. */
const MIGRATIONS = [
  "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
  "CREATE TABLE watermarks (chunk INTEGER PRIMARY KEY, value TEXT NOT NULL)",
  "CREATE TABLE flushed (generation INTEGER PRIMARY KEY, value TEXT NOT NULL)",
  "CREATE TABLE followers (name TEXT PRIMARY KEY, next INTEGER NOT NULL) WITHOUT ROWID",
  "CREATE TABLE fingerprints (generation INTEGER NOT NULL, chunk INTEGER NOT NULL, value TEXT NOT NULL, PRIMARY KEY (generation, chunk)) WITHOUT ROWID",
] as const;

/** @throws when a migration differs from the one that ran here. */
export function migrate(storage: DurableObjectStorage): void {
  storage.sql.exec("CREATE TABLE IF NOT EXISTS migrations (version INTEGER PRIMARY KEY, statement TEXT NOT NULL)");
  const done = storage.sql.exec<{ statement: string }>("SELECT statement FROM migrations ORDER BY version").toArray();
  MIGRATIONS.forEach((statement, version) => {
    const ran = done[version]?.statement;
    if (ran === statement) return;
    if (ran !== undefined) throw new Error(`migration ${version} of the event log differs from the one that ran`);
    storage.transactionSync(() => {
      storage.sql.exec(statement);
      storage.sql.exec("INSERT INTO migrations (version, statement) VALUES (?, ?)", version, statement);
    });
  });
}
