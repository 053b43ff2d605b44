/** What a session stores: one packed row, written whole at every commit. */
import type { Annotations } from "../../domain/call/annotations.ts";
import type { Recorded, SessionCall } from "../../domain/call/call.ts";
import type { Legs } from "../../domain/call/legs.ts";
import type { CallState } from "../../domain/call/state.ts";
import type { Tried } from "../../domain/call/tried.ts";
import type { SessionEvent } from "../../domain/events/event.ts";
import type { Plan } from "../../domain/routing/plan.ts";
import type { EventIdClock, Lane, LogShard, SessionId, TenantId } from "../../domain/shared/ids.ts";

/** A row of another format is from a newer version: it is refused, not guessed at. */
export const ROW_FORMAT = 1;
export const ROW_KEY = "session";

/** A call may be reported on before it is announced: then `call` and `plan` are still missing. */
export type SessionRow = {
  readonly format: typeof ROW_FORMAT;
  readonly id: SessionId;
  readonly tenant: TenantId;
  readonly lane: Lane;
  readonly log: { readonly name: string; readonly shard: LogShard };
  readonly createdMs: number;
  /** When the last report or our own last step was stored. */
  readonly newsMs: number;
  readonly call: SessionCall | null;
  readonly plan: Plan | null;
  /** Digest of the request that announced the call: tells a repetition from another request under the same key. */
  readonly fingerprint: string | null;
  readonly state: CallState;
  /** When the end was stored. */
  readonly endRecordedMs: number | null;
  readonly sequence: number;
  /** Unix hours in which events were recorded: where in the event store to look for them. */
  readonly hours: readonly number[];
  /** Events up to this sequence are known to be durable in the log. */
  readonly forwarded: number;
  /** Recent events; everything after `forwarded` is always here. */
  readonly events: readonly SessionEvent[];
  /** Ids of reports that have been taken, so that a repetition is known as one. */
  readonly reportIds: readonly string[];
  /** Ids of commands that have been taken, likewise; absent: none. Not with those of reports, or whoever reports could choose a command's. */
  readonly commandIds?: readonly string[];
  readonly idClock: EventIdClock;
  /** What the toll ledger knows of this call's cost beyond what was booked for it, in micro-units; absent: nothing. */
  readonly tollSettledMicros?: number;
  /** When a carrier last confirmed that somebody talks, and when it was last asked because nobody had said anything: neither is an event. */
  readonly heardMs?: number;
  readonly askedMs?: number;
  /** The legs of a call that Trunkline places itself. */
  readonly legs?: Legs;
  /** Absent: no destination has been tried, as far as anybody said. */
  readonly tried?: Tried;
  /** There when another system has only recorded the call. */
  readonly recorded?: Recorded;
  /** Absent: nobody has written anything on the call. */
  readonly annotations?: Annotations;
  /**
   * The alarm comes by then, Unix milliseconds: what a commit has set it to, which may have been set earlier since, never later. In the past:
   * it has come, or is about to. Null or absent: not known, which it never is after the end, when the alarm says whether the log has
   * everything.
   */
  readonly alarmMs?: number | null;
};

/** What is left of a session when its storage has been given up. */
export type Tombstone = Pick<
  SessionRow,
  | "format"
  | "id"
  | "tenant"
  | "lane"
  | "log"
  | "createdMs"
  | "newsMs"
  | "state"
  | "endRecordedMs"
  | "sequence"
  | "hours"
  | "reportIds"
  | "annotations"
  | "recorded"
> & {
  readonly archived: true;
  /** Reports that came after the archive and that the log has not confirmed. */
  readonly late?: readonly SessionEvent[];
};

export type Stored = SessionRow | Tombstone;

/** What a session keeps of itself when everything else is in the event store. */
export function tombstoneOf(row: SessionRow): Tombstone {
  const { format, id, tenant, lane, log, createdMs, newsMs, state, endRecordedMs, sequence, hours, reportIds } = row;
  const known = { format, id, tenant, lane, log, createdMs, newsMs, state, endRecordedMs, sequence, hours, reportIds };
  const { annotations, recorded } = row;
  // Notes may say anything about anybody: the events have them, which can be erased in one place.
  const kept = annotations === undefined ? {} : { annotations: { ...annotations, notes: [] } };
  return { ...known, ...kept, ...(recorded === undefined ? {} : { recorded }), archived: true };
}

/** What is left of a session that somebody has deleted, for good: that there was one, and the event that says so. */
export type Deleted = Pick<SessionRow, "format" | "id" | "tenant" | "lane" | "log" | "sequence"> & {
  readonly deletedMs: number;
  /** `session.deleted`, until the log has it. */
  readonly last?: SessionEvent;
};

export function isDeleted(kept: Stored | Deleted): kept is Deleted {
  return "deletedMs" in kept;
}

export function isTombstone(stored: Stored): stored is Tombstone {
  return "archived" in stored;
}

/** A reporter that goes on about an archived call waits for the log with this many. */
const MAX_LATE_HELD = 64;

export function holdsManyLate({ late = [] }: Tombstone): boolean {
  return late.length >= MAX_LATE_HELD;
}

/** The events that the session still has itself. */
export function heldEvents(stored: Stored): readonly SessionEvent[] {
  return isTombstone(stored) ? (stored.late ?? []) : stored.events;
}

export function loadRow(storage: DurableObjectStorage): Stored | Deleted | null {
  const text = storage.kv.get<string>(ROW_KEY);
  if (text === undefined) return null;
  const stored = JSON.parse(text) as Stored | Deleted;
  if (stored.format !== ROW_FORMAT) throw new Error("the session's row has a format that this version does not read");
  return stored;
}

/** JSON rather than the platform's serialiser: readable in any tool, and the same bytes in every runtime version. */
export function saveRow(storage: DurableObjectStorage, stored: Stored | Deleted): void {
  storage.kv.put(ROW_KEY, JSON.stringify(stored));
}
