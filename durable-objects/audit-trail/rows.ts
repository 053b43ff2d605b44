/** What an audit trail has on disk. Everything here is synchronous: what is read is what is there now. */
import type { AuditAct, AuditEntry } from "../../domain/audit/entry.ts";
import { FIRST_HASH } from "../../domain/audit/entry.ts";
import type { AuditPageRequest, TextMatch } from "../../domain/audit/filter.ts";
import type { SumWindow } from "../../domain/audit/sums.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { migrateTables } from "../migrate-tables.ts";

/** Append-only. A migration that has run is never edited. */
const MIGRATIONS = [
  `CREATE TABLE entries (sequence INTEGER PRIMARY KEY, token TEXT UNIQUE, at_ms INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
    resource TEXT NOT NULL, outcome TEXT NOT NULL, disputed INTEGER NOT NULL DEFAULT 0, value TEXT NOT NULL)`,
  "CREATE TABLE begun (token TEXT PRIMARY KEY, at_ms INTEGER NOT NULL, unknown INTEGER NOT NULL DEFAULT 0, value TEXT NOT NULL) WITHOUT ROWID",
  "CREATE TABLE windows (kind TEXT PRIMARY KEY, ends_ms INTEGER NOT NULL, value TEXT NOT NULL) WITHOUT ROWID",
  "CREATE TABLE head (id INTEGER PRIMARY KEY CHECK (id = 1), value TEXT NOT NULL)",
] as const;

/** Where the chain ends, and up to where Postgres has it. Kept for ever. */
export type Head = {
  readonly tenant: TenantId | null;
  readonly sequence: number;
  readonly hash: string;
  readonly atMs: number;
  readonly handed: number;
};

const NOTHING: Head = { tenant: null, sequence: 0, hash: FIRST_HASH, atMs: 0, handed: 0 };

export type BegunRow = { readonly act: AuditAct; readonly atMs: number; readonly unknown: boolean };

/** An entry, and what it is known by to whoever asked for it. */
export type TokenedEntry = { readonly token: string | null; readonly entry: AuditEntry };

const matching = (column: string, match: TextMatch): [string, (string | number)[]] =>
  match.prefix ? [`substr(${column}, 1, ${[...match.text].length}) = ?`, [match.text]] : [`${column} = ?`, [match.text]];

/** The conditions of a page, and what stands for their question marks. */
function conditionsOf({ filter, before }: AuditPageRequest, above: number): [string, (string | number)[]] {
  const all: [string, (string | number)[]][] = [["sequence > ?", [above]]];
  if (before !== null) all.push(["sequence < ?", [before]]);
  if (filter.actor !== undefined) all.push(["actor = ?", [filter.actor]]);
  if (filter.action !== undefined) all.push(matching("action", filter.action));
  if (filter.resource !== undefined) all.push(matching("resource", filter.resource));
  if (filter.outcome !== undefined) all.push(["outcome = ?", [filter.outcome]]);
  if (filter.fromMs !== undefined) all.push(["at_ms >= ?", [filter.fromMs]]);
  if (filter.toMs !== undefined) all.push(["at_ms < ?", [filter.toMs]]);
  return [all.map(([condition]) => condition).join(" AND "), all.flatMap(([, values]) => values)];
}

export class TrailRows {
  readonly #storage: DurableObjectStorage;
  readonly #sql: SqlStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#sql = storage.sql;
    migrateTables(storage, MIGRATIONS, "the audit trail");
  }

  transaction(work: () => void): void {
    this.#storage.transactionSync(work);
  }

  head(): Head {
    const [row] = this.#sql.exec<{ value: string }>("SELECT value FROM head").toArray();
    return row === undefined ? NOTHING : (JSON.parse(row.value) as Head);
  }

  putHead(head: Head): void {
    this.#sql.exec("INSERT OR REPLACE INTO head (id, value) VALUES (1, ?)", JSON.stringify(head));
  }

  hasToken(token: string): boolean {
    return this.#sql.exec("SELECT 1 FROM entries WHERE token = ?", token).toArray().length > 0;
  }

  add({ token, entry }: TokenedEntry): void {
    const { sequence, atMs, actor, action, resource, outcome } = entry;
    this.#sql.exec(
      "INSERT INTO entries (sequence, token, at_ms, actor, action, resource, outcome, value) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      sequence,
      token,
      atMs,
      actor,
      action,
      resource,
      outcome,
      JSON.stringify(entry),
    );
  }

  /** The oldest entries behind a sequence, in order. */
  after(sequence: number, limit: number): AuditEntry[] {
    return this.#entries("SELECT value FROM entries WHERE sequence > ? ORDER BY sequence LIMIT ?", sequence, limit);
  }

  /** A page of what comes behind `above`, newest first. */
  page(request: AuditPageRequest, above: number): AuditEntry[] {
    const [conditions, values] = conditionsOf(request, above);
    return this.#entries(
      `SELECT value FROM entries WHERE ${conditions} ORDER BY sequence DESC LIMIT ?`,
      ...values,
      request.limit,
    );
  }

  markDisputed(sequences: readonly number[]): void {
    for (const sequence of sequences) this.#sql.exec("UPDATE entries SET disputed = 1 WHERE sequence = ?", sequence);
  }

  disputed(): AuditEntry[] {
    return this.#entries("SELECT value FROM entries WHERE disputed = 1 ORDER BY sequence");
  }

  /** Entries up to a sequence go, but for those that Postgres has otherwise. */
  removeUpTo(sequence: number): void {
    this.#sql.exec("DELETE FROM entries WHERE sequence <= ? AND disputed = 0", sequence);
  }

  #entries(statement: string, ...values: (string | number)[]): AuditEntry[] {
    return this.#sql
      .exec<{ value: string }>(statement, ...values)
      .toArray()
      .map(({ value }) => JSON.parse(value) as AuditEntry);
  }

  begin(token: string, act: AuditAct, atMs: number): void {
    this.#sql.exec("INSERT OR IGNORE INTO begun (token, at_ms, value) VALUES (?, ?, ?)", token, atMs, JSON.stringify(act));
  }

  begun(token: string): BegunRow | null {
    const [row] = this.#sql
      .exec<{ at_ms: number; unknown: number; value: string }>("SELECT at_ms, unknown, value FROM begun WHERE token = ?", token)
      .toArray();
    if (row === undefined) return null;
    return { act: JSON.parse(row.value) as AuditAct, atMs: row.at_ms, unknown: row.unknown === 1 };
  }

  /** Tokens of what began up to a time. @param unknown whether it has been noted as such. */
  begunUpTo(ms: number, unknown: boolean): string[] {
    return this.#sql
      .exec<{ token: string }>("SELECT token FROM begun WHERE at_ms <= ? AND unknown = ?", ms, unknown ? 1 : 0)
      .toArray()
      .map(({ token }) => token);
  }

  oldestBegunMs(): number | null {
    return this.#sql.exec<{ ms: number | null }>("SELECT min(at_ms) AS ms FROM begun WHERE unknown = 0").one().ms;
  }

  begunCount(): number {
    return this.#sql.exec<{ count: number }>("SELECT count(*) AS count FROM begun WHERE unknown = 0").one().count;
  }

  markUnknown(token: string): void {
    this.#sql.exec("UPDATE begun SET unknown = 1 WHERE token = ?", token);
  }

  end(token: string): void {
    this.#sql.exec("DELETE FROM begun WHERE token = ?", token);
  }

  windows(): Map<string, SumWindow> {
    const rows = this.#sql.exec<{ kind: string; value: string }>("SELECT kind, value FROM windows").toArray();
    return new Map(rows.map(({ kind, value }) => [kind, JSON.parse(value) as SumWindow]));
  }

  soonestWindowMs(): number | null {
    return this.#sql.exec<{ ms: number | null }>("SELECT min(ends_ms) AS ms FROM windows").one().ms;
  }

  putWindow(kind: string, window: SumWindow): void {
    const value = JSON.stringify(window);
    this.#sql.exec("INSERT OR REPLACE INTO windows (kind, ends_ms, value) VALUES (?, ?, ?)", kind, window.endsMs, value);
  }

  removeWindow(kind: string): void {
    this.#sql.exec("DELETE FROM windows WHERE kind = ?", kind);
  }
}
