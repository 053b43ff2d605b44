/** The rows of a head's generation: the JSON lines of every event that was committed together, under the offset of the first. */
import type { LogEntry } from "../../domain/events/segment.ts";
import type { EventId } from "../../domain/shared/ids.ts";

/** A row of an object's SQLite holds at most 2 MB. */
const MAX_ROW_BYTES = 1_900_000;
/** A UTF-16 unit takes at most this many bytes in UTF-8. */
const MAX_BYTES_PER_UNIT = 3;

type Sql = DurableObjectStorage["sql"];

const tableOf = (generation: number): string => `head_${generation}`;

function parseEntry(line: string): LogEntry {
  const { id, subject } = JSON.parse(line) as { id: EventId; subject: string };
  return { id, subject, line };
}

export function createGeneration(sql: Sql, generation: number): void {
  sql.exec(`CREATE TABLE ${tableOf(generation)} (first INTEGER PRIMARY KEY, body TEXT NOT NULL)`);
}

export function dropGeneration(sql: Sql, generation: number): void {
  sql.exec(`DROP TABLE ${tableOf(generation)}`);
}

/** What one generation holds, in the order of commits. */
export function readGeneration(sql: Sql, generation: number): LogEntry[] {
  const rows = sql.exec<{ body: string }>(`SELECT body FROM ${tableOf(generation)} ORDER BY first`).toArray();
  return rows.flatMap(({ body }) => body.split("\n").map(parseEntry));
}

/** Writes one commit. @param first offset of its first event; @returns how many rows it took. */
export function writeRows(sql: Sql, generation: number, first: number, entries: readonly LogEntry[]): number {
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
    sql.exec(`INSERT INTO ${tableOf(generation)} (first, body) VALUES (?, ?)`, first + from, body);
    rows += 1;
    from = to;
  }
  return rows;
}

/** Gives rows that were written before there were offsets theirs. @returns the offset behind the last. */
export function renumber(sql: Sql, generation: number, first: number): number {
  const rows = sql.exec<{ body: string }>(`SELECT body FROM ${tableOf(generation)} ORDER BY first`).toArray();
  dropGeneration(sql, generation);
  createGeneration(sql, generation);
  let next = first;
  for (const { body } of rows) {
    sql.exec(`INSERT INTO ${tableOf(generation)} (first, body) VALUES (?, ?)`, next, body);
    next += body.split("\n").length;
  }
  return next;
}
