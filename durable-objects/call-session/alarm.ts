/** The session's one alarm, where it is not set by a commit. */
import { alarmToSet, earliest } from "../../domain/call/timers.ts";
import { lookDueAt } from "./due.ts";
import { type SessionRow, type Stored, isTombstone } from "./row.ts";

export type SessionAlarmHost = {
  readonly storage: () => DurableObjectStorage;
  readonly stored: () => Stored | null;
  /** In memory alone. */
  readonly remember: (row: SessionRow) => void;
  readonly socketsDueAt: () => number | null;
  readonly nowMs: () => number;
};

export class SessionAlarm {
  readonly #host: SessionAlarmHost;

  constructor(host: SessionAlarmHost) {
    this.#host = host;
  }

  /**
   * The alarm that came is used up: there has to be another, before anything is waited for, unless nothing will ever be due by itself.
   * @param promisedMs what the row on disk says of the alarm. One that came early is followed by another until then.
   */
  lookAgain(promisedMs: number | null, nowMs: number): void {
    const row = this.#host.stored();
    if (row === null || isTombstone(row) || row.alarmMs != null) return;
    const promise = promisedMs !== null && promisedMs > nowMs ? promisedMs : null;
    const dueMs = earliest(lookDueAt(row, nowMs, null), this.#host.socketsDueAt(), promise);
    if (dueMs === null) return;
    const alarmMs = Math.max(dueMs, nowMs + 1);
    void this.#host.storage().setAlarm(alarmMs);
    if (row.endRecordedMs === null) this.#host.remember({ ...row, alarmMs: promise ?? alarmMs });
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
