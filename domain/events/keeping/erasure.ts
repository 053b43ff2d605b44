/** Erasing one person's data: how far it is, and what is told about it afterwards. */

/**
 * accepted: answers hide it already, and hours that may hold it are still to be merged; rewriting: the segments concerned are replaced;
 * emptying: the replaced ones are still to be deleted; done: nothing stored has it any more.
 */
export type ErasureState = "accepted" | "rewriting" | "emptying" | "done";

export type Erasure = {
  readonly id: string;
  readonly state: ErasureState;
  /** HMAC-SHA256 of the number's digits, hex, under a key of the deployment: tells that it was this number to whoever asks with it. */
  readonly numberHash: string;
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

/** One that is under way: its number, sealed, since the work needs it, and where the work is. */
export type ActiveErasure = Erasure & {
  readonly sealed: string;
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
