/**
 * The write-ahead head of a log shard in its SQLite storage: what is not yet in an R2 segment.
 *
 * One row per commit, holding the JSON lines of every event that was committed together. The head is a table of its own per
 * generation, so that giving up a flushed generation is one DROP TABLE: rows deleted one by one would each be billed.
 */
import type { LogEntry } from "../../domain/events/segment.ts";
import type { EventId } from "../../domain/shared/ids.ts";

/** A row of an object's SQLite holds at most 2 MB. */
const MAX_ROW_BYTES = 1_900_000;
/** A UTF-16 unit takes at most this many bytes in UTF-8. */
const MAX_BYTES_PER_UNIT = 3;
/** Rows of watermarks are cut likewise. */
const WATERMARKS_PER_ROW = 10_000;

type Meta = {
  shard: string;
  generation: number;
  frozen: number | null;
  manifestParts: Record<string, { part: number; segments: number }>;
};

/** Append-only. A migration that has run is never edited: the text that ran is compared at every start. */
const MIGRATIONS = [
  "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
  "CREATE TABLE watermarks (chunk INTEGER PRIMARY KEY, value TEXT NOT NULL)",
] as const;

export class Head {
  readonly #storage: DurableObjectStorage;
  #meta: Meta;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    migrate(storage);
    const stored = storage.sql.exec<{ value: string }>("SELECT value FROM meta WHERE key = 'head'").toArray()[0];
    this.#meta =
      stored === undefined ? { shard: "", generation: 1, frozen: null, manifestParts: {} } : (JSON.parse(stored.value) as Meta);
    if (stored === undefined) {
      storage.transactionSync(() => {
        this.#createTable(this.#meta.generation);
        this.#saveMeta();
      });
    }
  }

  /** The shard's name, which keys in R2 carry; an alarm does not tell an object its name. */
  get shard(): string {
    return this.#meta.shard;
  }

  name(shard: string): void {
    if (this.#meta.shard === shard) return;
    this.#meta = { ...this.#meta, shard };
    this.#saveMeta();
  }

  get frozenGeneration(): number | null {
    return this.#meta.frozen;
  }

  get generation(): number {
    return this.#meta.generation;
  }

  /** What one generation holds, oldest first. */
  entriesOf(generation: number): LogEntry[] {
    const rows = this.#storage.sql.exec<{ body: string }>(`SELECT body FROM head_${generation} ORDER BY first`).toArray();
    return rows.flatMap(({ body }) => body.split("\n").map(parseEntry));
  }

  /** Writes one commit; returns how many rows it took. */
  append(entries: readonly LogEntry[]): number {
    let rows = 0;
    let from = 0;
    while (from < entries.length) {
      let bytes = 0;
      let to = from;
      while (to < entries.length && (to === from || bytes + entries[to]!.line.length * MAX_BYTES_PER_UNIT < MAX_ROW_BYTES)) {
        bytes += entries[to]!.line.length * MAX_BYTES_PER_UNIT;
        to += 1;
      }
      const body = entries
        .slice(from, to)
        .map(({ line }) => line)
        .join("\n");
      this.#storage.sql.exec(`INSERT INTO head_${this.#meta.generation} (body) VALUES (?)`, body);
      rows += 1;
      from = to;
    }
    return rows;
  }

  /** Freezes the current generation for a flush and opens the next. What is frozen never changes again. */
  freeze(): number {
    if (this.#meta.frozen !== null) return this.#meta.frozen;
    const frozen = this.#meta.generation;
    this.#storage.transactionSync(() => {
      this.#meta = { ...this.#meta, generation: frozen + 1, frozen };
      this.#createTable(frozen + 1);
      this.#saveMeta();
    });
    return frozen;
  }

  /** Which part of an hour's manifest takes the next segments. */
  manifestPart(hour: string): { part: number; segments: number } {
    return this.#meta.manifestParts[hour] ?? { part: 0, segments: 0 };
  }

  /** Gives the frozen generation up: its events are in R2. Remembers the manifest parts of the hours that may still grow. */
  release(manifestParts: Meta["manifestParts"], watermarks: readonly (readonly [string, number])[]): void {
    const { frozen } = this.#meta;
    if (frozen === null) return;
    this.#storage.transactionSync(() => {
      this.#storage.sql.exec(`DROP TABLE head_${frozen}`);
      this.#meta = { ...this.#meta, frozen: null, manifestParts };
      this.#saveMeta();
      this.#storage.sql.exec("DELETE FROM watermarks");
      for (let chunk = 0; chunk * WATERMARKS_PER_ROW < watermarks.length; chunk++) {
        const part = watermarks.slice(chunk * WATERMARKS_PER_ROW, (chunk + 1) * WATERMARKS_PER_ROW);
        this.#storage.sql.exec("INSERT INTO watermarks (chunk, value) VALUES (?, ?)", chunk, JSON.stringify(part));
      }
    });
  }

  get manifestParts(): Meta["manifestParts"] {
    return this.#meta.manifestParts;
  }

  watermarks(): [string, number][] {
    const rows = this.#storage.sql.exec<{ value: string }>("SELECT value FROM watermarks ORDER BY chunk").toArray();
    return rows.flatMap(({ value }) => JSON.parse(value) as [string, number][]);
  }

  #createTable(generation: number): void {
    this.#storage.sql.exec(`CREATE TABLE head_${generation} (first INTEGER PRIMARY KEY, body TEXT NOT NULL)`);
  }

  #saveMeta(): void {
    this.#storage.sql.exec(
      "INSERT INTO meta (key, value) VALUES ('head', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
      JSON.stringify(this.#meta),
    );
  }
}

function parseEntry(line: string): LogEntry {
  const { id, subject } = JSON.parse(line) as { id: EventId; subject: string };
  return { id, subject, line };
}

function migrate(storage: DurableObjectStorage): void {
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
