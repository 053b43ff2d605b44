/** Erasing one person's data, or what is stored of calls: how far it is, and what is told about it afterwards. */

/**
 * accepted: answers hide it already, and hours that may hold it are still to be merged; rewriting: the segments concerned are replaced;
 * emptying: the replaced ones are still to be deleted; done: nothing stored has it any more.
 */
export type ErasureState = "accepted" | "rewriting" | "emptying" | "done";

export type Erasure = {
  readonly id: string;
  readonly state: ErasureState;
  /** HMAC-SHA256 of the number's digits, hex, under a key of the deployment: tells that it was this number to whoever asks with it. Null: of calls. */
  readonly numberHash: string | null;
  /** Subjects of the events that go, where it is not of a number: a session's id, or the sender's own id of a call. */
  readonly calls?: readonly string[];
  readonly reason: string;
  readonly acceptedMs: number;
  readonly acceptedBy: string;
  /** Events stored before this are covered, Unix milliseconds. */
  readonly untilMs: number;
  readonly finishedMs: number | null;
  readonly segmentsRewritten: number;
  readonly eventsErased: number;
  /** Rows of the projection in Postgres that lost what they told. */
  readonly rowsErased: number;
};

/** What an erasure takes out: whatever speaks of a number, by its digits, or everything of some calls. */
export type Erasable = { readonly digits: string } | { readonly calls: readonly string[] };

/** One that is under way: its number, sealed, since the work needs it, and where the work is. */
export type ActiveErasure = Erasure & {
  /** Null where it is of calls, whose ids are nobody's. */
  readonly sealed: string | null;
  /** The day that was finished last, `YYYY/MM/DD`; null: none. */
  readonly afterDay: string | null;
  /** The row that was searched last, as the database names its places; null: none. */
  readonly rowsAfter: string | null;
  /** When the last segment was replaced. */
  readonly rewrittenMs: number | null;
};

/** At a time and tenant: each is looked for in every answer. */
export const MAX_ACTIVE_ERASURES = 100;
/** Shards' clocks differ from that of who accepts: what was stored a moment before must not count as stored later. */
export const ERASURE_MARGIN_MS = 5_000;

/** What stays when the work is done: nothing from which the number could be had. */
export function auditOf(erasure: ActiveErasure, finishedMs: number): Erasure {
  const { sealed: _sealed, afterDay: _afterDay, rowsAfter: _rowsAfter, rewrittenMs: _rewrittenMs, ...audit } = erasure;
  return { ...audit, state: "done", finishedMs };
}

/** Sessions that people delete go together, so that a thousand of them are one erasure. For this long after it was accepted more may join. */
export const JOIN_MS = 10 * 60_000;
export const MAX_CALLS_OF_ERASURE = 1_000;

/** Whether more calls may join: nothing has been done yet, and it is not put off for ever. */
export function isJoinable(erasure: ActiveErasure, reason: string, acceptedBy: string, nowMs: number): boolean {
  const { calls, state } = erasure;
  const isAlike = calls !== undefined && erasure.reason === reason && erasure.acceptedBy === acceptedBy;
  return isAlike && state === "accepted" && nowMs < erasure.acceptedMs + JOIN_MS && calls.length < MAX_CALLS_OF_ERASURE;
}
