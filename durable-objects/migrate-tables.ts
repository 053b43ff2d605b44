/** Tables of an object's own database. */

/**
 * Brings the tables up to the last statement. Append-only: a statement that has run is never edited, and the text that ran is compared at
 * every start.
 * @param what names the object in the error. @throws when a statement differs from the one that ran here.
 */
export function migrateTables(storage: DurableObjectStorage, statements: readonly string[], what: string): void {
  storage.sql.exec("CREATE TABLE IF NOT EXISTS migrations (version INTEGER PRIMARY KEY, statement TEXT NOT NULL)");
  const done = storage.sql.exec<{ statement: string }>("SELECT statement FROM migrations ORDER BY version").toArray();
  statements.forEach((statement, version) => {
    const ran = done[version]?.statement;
    if (ran === statement) return;
    if (ran !== undefined) throw new Error(`migration ${version} of ${what} differs from the one that ran`);
    storage.transactionSync(() => {
      storage.sql.exec(statement);
      storage.sql.exec("INSERT INTO migrations (version, statement) VALUES (?, ?)", version, statement);
    });
  });
}
