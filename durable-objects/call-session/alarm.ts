/** The session's one alarm, where it is not set by a commit. */
import { alarmToSet, earliest } from "../../domain/call/timers.ts";
import { lookDueAt, ownDueAt } from "./due.ts";
import { LOG_DEADLINE_MS } from "./offer.ts";
import { type SessionRow, type Stored, isTombstone } from "./row.ts";

export type SessionAlarmHost = {
  readonly storage: () => DurableObjectStorage;
  readonly stored: () => Stored | null;
  /** In memory alone. */
  readonly remember: (row: SessionRow) => void;
  readonly socketsDueAt: () => number | null;
  /** When to offer to the log what it has just refused; null: it has refused nothing. */
  readonly offerAgainAt: () => number | null;
  readonly nowMs: () => number;
};

export class SessionAlarm {
  readonly #host: SessionAlarmHost;

  constructor(host: SessionAlarmHost) {
    this.#host = host;
  }

  /**
   * The alarm that came is used up, and replaced when it is known what the log has: once, and until then the platform repeats it where its
   * handler dies. What is due meanwhile and is not the log's does not wait.
   * @param promisedMs what the row on disk says of the alarm.
   */
  async replaced(promisedMs: number | null, offer: () => Promise<void>): Promise<void> {
    if (this.#isNeededBy(this.#host.nowMs() + LOG_DEADLINE_MS)) this.#lookAgain(promisedMs);
    try {
      await offer();
    } finally {
      this.#lookAgain(promisedMs);
    }
  }

  #isNeededBy(atMs: number): boolean {
    const row = this.#host.stored();
    if (row === null || isTombstone(row)) return false;
    return (earliest(ownDueAt(row), this.#host.socketsDueAt()) ?? Infinity) <= atMs;
  }

  /**
   * There has to be another, unless nothing will ever be due by itself, or a commit has set one since.
   * @param promisedMs one that came early is followed by another until then.
   */
  #lookAgain(promisedMs: number | null): void {
    const row = this.#host.stored();
    if (row === null || isTombstone(row) || row.alarmMs != null || row.endRecordedMs !== null) return;
    const nowMs = this.#host.nowMs();
    const promise = promisedMs !== null && promisedMs > nowMs ? promisedMs : null;
    const dueMs = earliest(lookDueAt(row, nowMs, this.#host.offerAgainAt()), this.#host.socketsDueAt(), promise);
    if (dueMs === null) return;
    const alarmMs = Math.max(dueMs, nowMs + 1);
    void this.#host.storage().setAlarm(alarmMs);
    this.#host.remember({ ...row, alarmMs: promise ?? alarmMs });
  }

  /** Sets it for this time, or earlier for a socket. */
  by(atMs: number): void {
    void this.#host.storage().setAlarm(earliest(atMs, this.#host.socketsDueAt()) ?? atMs);
  }

  /** Nothing but sockets is to be looked after. */
  rest(): void {
    void (this.#host.socketsDueAt() ?? this.#host.storage().deleteAlarm());
  }

  /** The log has not taken everything of an ended session. */
  offerAgainBy(atMs: number): void {
    const row = this.#host.stored();
    if (row === null || isTombstone(row)) return;
    const nowMs = this.#host.nowMs();
    const dueMs = earliest(lookDueAt(row, nowMs, atMs), this.#host.socketsDueAt()) ?? atMs;
    void this.#host.storage().setAlarm(Math.max(dueMs, nowMs + 1));
  }

  /** Outside a commit, and rarely: what the alarm stands at is asked where it is not known. */
  async armForSockets(): Promise<void> {
    const dueMs = this.#host.socketsDueAt();
    const stored = this.#host.stored();
    const promisedMs = stored === null || isTombstone(stored) ? null : (stored.alarmMs ?? null);
    if (dueMs === null || alarmToSet(promisedMs, dueMs, this.#host.nowMs()) === null) return;
    const standingMs = await this.#host.storage().getAlarm();
    // One that is overdue stays: it is about to come, and for more than sockets.
    if (standingMs === null || standingMs > dueMs) void this.#host.storage().setAlarm(dueMs);
  }
}
