/** The steps by which a session's record is changed, and by which it goes. Functions from row to row. */
import type { Amended } from "../../domain/call/amendment.ts";
import { NO_ANNOTATIONS } from "../../domain/call/annotations.ts";
import { type StepContext, record } from "./record.ts";
import { type Deleted, type SessionRow, type Stored, isTombstone } from "./row.ts";
import { emptyRow } from "./steps.ts";

/** @param by who changes it. */
export function amend(row: SessionRow, { metadata, tags, disposition }: Amended, by: string, context: StepContext): SessionRow {
  const { nowMs } = context;
  let next = row;
  if (metadata !== undefined && row.call !== null) {
    next = record(next, context, "session.amended", nowMs, { by, metadata });
    next = { ...next, call: { ...row.call, metadata } };
  }
  if (tags !== undefined) {
    next = record(next, context, "session.tagged", nowMs, { by, tags });
    next = { ...next, annotations: { ...(next.annotations ?? NO_ANNOTATIONS), tags } };
  }
  if (disposition !== undefined) {
    next = record(next, context, "session.disposition_set", nowMs, { by, disposition });
    next = { ...next, annotations: { ...(next.annotations ?? NO_ANNOTATIONS), disposition } };
  }
  return next;
}

/** The last time that an event of the session bears in its id, Unix milliseconds; it may be ahead of the clock. */
export function lastIdMs(stored: Stored): number {
  return isTombstone(stored) ? stored.newsMs : Math.max(stored.newsMs, stored.idClock.ms);
}

/** What stays of a session, and the last event that it tells. Nothing of what was said or who said it is in either. */
export function deletedOf(stored: Stored, context: StepContext): Deleted {
  const { format, id, tenant, lane, log, createdMs, sequence, newsMs } = stored;
  // Ids only grow, also where an archived session has forgotten its last one.
  const idClock = isTombstone(stored) ? { ms: newsMs, counter: 0 } : stored.idClock;
  const bare = { ...emptyRow({ id, tenant, lane, log }, createdMs), sequence, newsMs, idClock, forwarded: sequence };
  const row = record(bare, context, "session.deleted", context.nowMs, {});
  const last = row.events.at(-1);
  const kept = { format, id, tenant, lane, log, sequence: row.sequence, deletedMs: row.newsMs };
  return last === undefined ? kept : { ...kept, last };
}
