/**
 * What may be done once only: requests with an idempotency key, and nonces of signed requests. Several objects share a tenant's. Everything
 * is on disk before it is answered, so that a restart forgets nothing.
 */
import { DurableObject } from "cloudflare:workers";
import { type Clock, systemClock } from "../../adapters/platform/clock.ts";
import {
  type Begun,
  IDEMPOTENCY_MS,
  type KeptAnswer,
  LEASE_MS,
  MAX_KEPT_CHARACTERS,
  type RepeatKey,
} from "../../domain/shared/repeats.ts";
import { migrateTables } from "../migrate-tables.ts";

/** What has expired is deleted together, some time later. */
const SWEEP_EVERY_MS = 10 * 60_000;

const TABLES = [
  "CREATE TABLE requests (key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, lease TEXT, until_ms INTEGER NOT NULL, status INTEGER, headers TEXT, body TEXT) WITHOUT ROWID",
  "CREATE TABLE nonces (nonce TEXT PRIMARY KEY, until_ms INTEGER NOT NULL) WITHOUT ROWID",
  "CREATE INDEX requests_by_end ON requests (until_ms)",
  "CREATE INDEX nonces_by_end ON nonces (until_ms)",
] as const;

type Row = {
  readonly fingerprint: string;
  readonly lease: string | null;
  readonly until_ms: number;
  readonly status: number | null;
  readonly headers: string | null;
  readonly body: string | null;
};

export class Repeats extends DurableObject<Env> {
  clock: Clock = systemClock;
  readonly #sql: SqlStorage;
  /** Whether an alarm is known to stand. */
  #isArmed = false;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#sql = ctx.storage.sql;
    migrateTables(ctx.storage, TABLES, "repeats");
  }

  /** Whether this request is the first of its key. @param lease names whoever asks, who alone may finish it. */
  async begin({ key, fingerprint }: RepeatKey, lease: string): Promise<Begun> {
    const nowMs = this.clock.nowMs();
    const row = this.#request(key);
    if (row === null || row.until_ms <= nowMs) {
      this.#put(key, { fingerprint, lease, until_ms: nowMs + LEASE_MS, status: null, headers: null, body: null });
      await this.#arm(nowMs);
      return { tag: "fresh", lease };
    }
    if (row.fingerprint !== fingerprint) return { tag: "another_request" };
    if (row.status === null) return { tag: "under_way", untilMs: row.until_ms };
    if (row.body === null) return { tag: "answered_at_length", status: row.status };
    const headers = JSON.parse(row.headers ?? "{}") as Record<string, string>;
    return { tag: "answered", answer: { status: row.status, headers, sealedBody: row.body } };
  }

  /** Keeps what was answered. Whoever took longer than its lease is not believed: another one may have acted since. */
  async finish(key: string, lease: string, { status, headers, sealedBody }: KeptAnswer): Promise<void> {
    const row = this.#request(key);
    if (row === null || row.lease !== lease) return;
    const isKept = sealedBody.length <= MAX_KEPT_CHARACTERS;
    this.#put(key, {
      fingerprint: row.fingerprint,
      lease: null,
      until_ms: this.clock.nowMs() + IDEMPOTENCY_MS,
      status,
      headers: isKept ? JSON.stringify(headers) : null,
      body: isKept ? sealedBody : null,
    });
  }

  /** Nothing came of it: the next one acts. */
  async forget(key: string, lease: string): Promise<void> {
    this.#sql.exec("delete from requests where key = ? and lease = ?", key, lease);
  }

  /** Takes a nonce, once. @param untilMs from then on whatever bears it is too old anyway. */
  async claim(nonce: string, untilMs: number): Promise<boolean> {
    const nowMs = this.clock.nowMs();
    const [known] = this.#sql.exec<{ until_ms: number }>("select until_ms from nonces where nonce = ?", nonce).toArray();
    if (known !== undefined && known.until_ms > nowMs) return false;
    this.#sql.exec("insert or replace into nonces (nonce, until_ms) values (?, ?)", nonce, untilMs);
    await this.#arm(nowMs);
    return true;
  }

  /** Deletes what has expired, and rests when nothing is left. */
  override async alarm(): Promise<void> {
    const nowMs = this.clock.nowMs();
    this.#sql.exec("delete from requests where until_ms <= ?", nowMs);
    this.#sql.exec("delete from nonces where until_ms <= ?", nowMs);
    this.#isArmed = false;
    const [left] = this.#sql
      .exec<{ many: number }>("select (select count(*) from requests) + (select count(*) from nonces) as many")
      .toArray();
    if (left !== undefined && left.many > 0) await this.#arm(nowMs);
  }

  #request(key: string): Row | null {
    return this.#sql.exec<Row>("select * from requests where key = ?", key).toArray()[0] ?? null;
  }

  #put(key: string, { fingerprint, lease, until_ms, status, headers, body }: Row): void {
    this.#sql.exec(
      "insert or replace into requests (key, fingerprint, lease, until_ms, status, headers, body) values (?, ?, ?, ?, ?, ?, ?)",
      key,
      fingerprint,
      lease,
      until_ms,
      status,
      headers,
      body,
    );
  }

  async #arm(nowMs: number): Promise<void> {
    if (this.#isArmed) return;
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(nowMs + SWEEP_EVERY_MS);
    this.#isArmed = true;
  }
}
