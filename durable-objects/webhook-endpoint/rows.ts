/** What an endpoint's object has on disk. Everything here is synchronous: what is read is what is there now. */
import type { EventId, TenantId } from "../../domain/shared/ids.ts";
import { type Breaker, CLOSED } from "../../domain/webhooks/breaker.ts";
import type { Attempt, AttemptStatus, Disabled, HandedEvent, Reading } from "../../domain/webhooks/delivery.ts";
import type { Waiting } from "../../domain/webhooks/queue.ts";
import type { WebhookTarget } from "../../domain/webhooks/target.ts";
import { migrateTables } from "../migrate-tables.ts";
import { RememberedIds } from "./remembered-ids.ts";

/** Attempts that are remembered. */
export const MAX_LOGGED = 1_000;
/** And for so long: what they show is nobody's record. */
export const LOGGED_MS = 7 * 24 * 60 * 60_000;
/** Attempts that are too old leave the disk this much later at the latest, many at a time; they are not shown meanwhile. */
const TRIM_AFTER_MS = 24 * 60 * 60_000;
/** Readings that are remembered; those that are under way always are. */
const MAX_READINGS = 20;
/** Old rows are removed together. */
const TRIM_EVERY = 100;

/** Append-only. A migration that has run is never edited. */
const MIGRATIONS = [
  "CREATE TABLE state (id INTEGER PRIMARY KEY CHECK (id = 1), value TEXT NOT NULL)",
  `CREATE TABLE waiting (seq INTEGER PRIMARY KEY, id TEXT NOT NULL, subject TEXT, attempts INTEGER NOT NULL, due_ms INTEGER NOT NULL,
    reason TEXT NOT NULL, line TEXT NOT NULL)`,
  "CREATE TABLE remembered (batch INTEGER PRIMARY KEY, ids TEXT NOT NULL)",
  "CREATE TABLE attempts (number INTEGER PRIMARY KEY, status TEXT NOT NULL, value TEXT NOT NULL)",
  "CREATE TABLE readings (id TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
  "ALTER TABLE waiting ADD COLUMN taken_ms INTEGER NOT NULL DEFAULT 0",
] as const;

/** Format 1. What is added may be absent. */
export type EndpointState = {
  readonly format: 1;
  /** Null before anything was handed over. */
  readonly tenant: TenantId | null;
  readonly target: WebhookTarget | null;
  readonly breaker: Breaker;
  readonly disabled: Disabled | null;
  /** False: the database does not know yet that it is disabled. */
  readonly isSettled: boolean;
};

const NEW: EndpointState = { format: 1, tenant: null, target: null, breaker: CLOSED, disabled: null, isSettled: true };

export type WaitingReason = "event" | "replay";

type WaitingLine = { readonly line: string; readonly reason: WaitingReason; readonly takenMs: number };

type WaitingRow = {
  readonly seq: number;
  readonly id: string;
  readonly subject: string | null;
  readonly attempts: number;
  readonly due_ms: number;
  readonly units: number;
};

export class EndpointRows {
  readonly #storage: DurableObjectStorage;
  readonly #sql: SqlStorage;
  readonly #remembered: RememberedIds;
  #state: EndpointState = NEW;
  #lastSeq: number;
  #lastAttempt: number;
  /** When the oldest attempt was made that is on disk; null: there is none. */
  #oldestAttemptMs: number | null = null;
  #rolledBack = (): void => {};

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.#sql = storage.sql;
    migrateTables(storage, MIGRATIONS, "a webhook endpoint");
    this.#remembered = new RememberedIds(this.#sql);
    this.#lastSeq = this.#largest("waiting", "seq");
    this.#lastAttempt = this.#largest("attempts", "number");
    this.#load();
  }

  #load(): void {
    const [state] = this.#sql.exec<{ value: string }>("SELECT value FROM state").toArray();
    this.#state = state === undefined ? NEW : (JSON.parse(state.value) as EndpointState);
    this.#oldestAttemptMs = this.#oldestAttempt();
  }

  get state(): EndpointState {
    return this.#state;
  }

  save(changes: Partial<EndpointState>): void {
    const state = { ...this.#state, ...changes };
    this.#sql.exec(
      "INSERT INTO state (id, value) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET value = excluded.value",
      JSON.stringify(state),
    );
    this.#state = state;
  }

  /** All of it, or nothing: when it fails, what is in memory is what is on disk. */
  atomically<T>(work: () => T): T {
    try {
      return this.#storage.transactionSync(work);
    } catch (error) {
      this.#load();
      this.#remembered.load();
      this.#rolledBack();
      throw error;
    }
  }

  /** For who keeps in memory what is on disk here. */
  onRollback(then: () => void): void {
    this.#rolledBack = then;
  }

  /** In the order in which they came. */
  waiting(): Waiting[] {
    const rows = this.#sql.exec<WaitingRow>(
      "SELECT seq, id, subject, attempts, due_ms, length(line) AS units FROM waiting ORDER BY seq",
    );
    return [...rows].map(({ seq, id, subject, attempts, due_ms: dueMs, units }) => ({
      seq,
      eventId: id,
      subject,
      attempts,
      dueMs,
      units,
    }));
  }

  isRemembered(id: EventId): boolean {
    return this.#remembered.has(id);
  }

  /** Stores events that are to be sent now. */
  put(events: readonly HandedEvent[], nowMs: number, reason: WaitingReason): Waiting[] {
    return events.map(({ id, subject, line }) => {
      this.#lastSeq += 1;
      const seq = this.#lastSeq;
      this.#sql.exec(
        "INSERT INTO waiting (seq, id, subject, attempts, due_ms, taken_ms, reason, line) VALUES (?, ?, ?, 0, ?, ?, ?, ?)",
        seq,
        id,
        subject,
        nowMs,
        nowMs,
        reason,
        line,
      );
      return { seq, eventId: id, subject, attempts: 0, dueMs: nowMs, units: line.length };
    });
  }

  /** They have been taken: handed over again they are known, as long as not too many others came. */
  remember(events: readonly HandedEvent[]): void {
    this.#remembered.add(events.map(({ id }) => id));
  }

  lineOf(seq: number): WaitingLine | null {
    const [row] = this.#sql
      .exec<WaitingLine>("SELECT line, reason, taken_ms AS takenMs FROM waiting WHERE seq = ?", seq)
      .toArray();
    return row ?? null;
  }

  done(seq: number): void {
    this.#sql.exec("DELETE FROM waiting WHERE seq = ?", seq);
  }

  failed({ seq, attempts, dueMs }: Waiting): void {
    this.#sql.exec("UPDATE waiting SET attempts = ?, due_ms = ? WHERE seq = ?", attempts, dueMs, seq);
  }

  /** The id of the oldest that waits. Ids tell when their events were recorded. */
  oldestWaiting(): EventId | null {
    const [row] = this.#sql.exec<{ id: EventId | null }>("SELECT MIN(id) AS id FROM waiting").toArray();
    return row?.id ?? null;
  }

  clearWaiting(): void {
    this.#sql.exec("DELETE FROM waiting");
  }

  /** All but who it was, and that it is disabled: what is handed over late must not bring it to life. */
  clear(): void {
    this.atomically(() => {
      for (const table of ["waiting", "remembered", "attempts", "readings"]) this.#sql.exec(`DELETE FROM ${table}`);
    });
    this.#remembered.load();
    this.#oldestAttemptMs = null;
  }

  /** Notes an attempt. @returns it with its number. */
  log(attempt: Omit<Attempt, "number">): Attempt {
    this.#lastAttempt += 1;
    const numbered = { number: this.#lastAttempt, ...attempt };
    this.#oldestAttemptMs ??= attempt.atMs;
    this.#sql.exec(
      "INSERT INTO attempts (number, status, value) VALUES (?, ?, ?)",
      numbered.number,
      attempt.status,
      JSON.stringify(numbered),
    );
    if (this.#lastAttempt % TRIM_EVERY === 0)
      this.#sql.exec("DELETE FROM attempts WHERE number <= ?", this.#lastAttempt - MAX_LOGGED);
    return numbered;
  }

  /** When attempts are to be forgotten; null: there are none. */
  get trimDueMs(): number | null {
    return this.#oldestAttemptMs === null ? null : this.#oldestAttemptMs + LOGGED_MS + TRIM_AFTER_MS;
  }

  /** Forgets attempts that are too old, when it is time to. */
  trim(nowMs: number): void {
    if (this.trimDueMs === null || this.trimDueMs > nowMs) return;
    this.#sql.exec("DELETE FROM attempts WHERE value ->> '$.atMs' < ?", nowMs - LOGGED_MS);
    this.#oldestAttemptMs = this.#oldestAttempt();
  }

  /** Newest first, one more than asked for where there is one. @param before exclusive. */
  attempts(status: AttemptStatus | null, before: number | null, limit: number, nowMs: number): Attempt[] {
    const rows = this.#sql.exec<{ value: string }>(
      `SELECT value FROM attempts WHERE number < ? AND number > ? AND value ->> '$.atMs' >= ? ${status === null ? "" : "AND status = ?"}
        ORDER BY number DESC LIMIT ?`,
      before ?? Number.MAX_SAFE_INTEGER,
      this.#lastAttempt - MAX_LOGGED,
      nowMs - LOGGED_MS,
      ...(status === null ? [] : [status]),
      limit + 1,
    );
    return [...rows].map(({ value }) => JSON.parse(value) as Attempt);
  }

  attempt(number: number, nowMs: number): Attempt | null {
    const [row] = this.#sql.exec<{ value: string }>("SELECT value FROM attempts WHERE number = ?", number).toArray();
    const attempt = row === undefined ? null : (JSON.parse(row.value) as Attempt);
    return attempt === null || attempt.atMs < nowMs - LOGGED_MS ? null : attempt;
  }

  /** Oldest first. */
  readings(): Reading[] {
    const rows = this.#sql.exec<{ value: string }>("SELECT value FROM readings").toArray();
    const readings = rows.map(({ value }) => JSON.parse(value) as Reading);
    return readings.sort((a, b) => a.startedMs - b.startedMs || (a.id < b.id ? -1 : 1));
  }

  saveReading(reading: Reading): void {
    this.#sql.exec(
      "INSERT INTO readings (id, value) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET value = excluded.value",
      reading.id,
      JSON.stringify(reading),
    );
    const over = this.readings().filter(({ state }) => state !== "running");
    for (const { id } of over.slice(0, Math.max(0, over.length - MAX_READINGS)))
      this.#sql.exec("DELETE FROM readings WHERE id = ?", id);
  }

  #oldestAttempt(): number | null {
    return this.#sql.exec<{ ms: number | null }>("SELECT MIN(value ->> '$.atMs') AS ms FROM attempts").one().ms;
  }

  #largest(table: "waiting" | "attempts", column: "seq" | "number"): number {
    return this.#sql.exec<{ last: number | null }>(`SELECT MAX(${column}) AS last FROM ${table}`).one().last ?? 0;
  }
}
