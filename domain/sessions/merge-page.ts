/** How a page of a list is made of what the feeds hold and what Postgres has. */
import type { SessionId } from "../shared/ids.ts";
import type { Overlay } from "./feed.ts";
import { type SessionOrder, type SessionPlace, type SessionQuery, byPlace, isListed } from "./query.ts";
import type { SessionSummary } from "./summary.ts";

export type MergedPage = {
  readonly items: readonly SessionSummary[];
  /** Where the next page begins; null: there is none. */
  readonly next: SessionPlace | null;
  /** False when dropped rows leave the page short: it is right, and would be longer with more rows. */
  readonly complete: boolean;
};

/** What Postgres has said so far. */
export type RowsRead = {
  /** In the query's order, from its beginning on and without gaps. */
  readonly rows: readonly SessionSummary[];
  /** Whether there are no more. */
  readonly exhausted: boolean;
};

/** Joins what the shards of a feed hold. */
export function mergeOverlays(query: SessionQuery, overlays: readonly Overlay[]): Overlay {
  const matching = overlays.flatMap((overlay) => overlay.matching).sort(byPlace(query.order));
  const behind = overlays
    .filter(({ unprojectedSinceMs }) => unprojectedSinceMs !== null)
    .sort((a, b) => a.unprojectedSinceMs! - b.unprojectedSinceMs!);
  return {
    matching: matching.slice(0, query.limit),
    unprojectedSinceMs: behind[0]?.unprojectedSinceMs ?? null,
    oldest: behind.find(({ oldest }) => oldest !== null)?.oldest ?? null,
    complete: overlays.every(({ complete }) => complete),
  };
}

/**
 * A page, as far as it can be said by now. `query.limit` is one more than the page shows, which tells whether there is another.
 * @param overlay what the feeds held before Postgres was read, at most `query.limit`: their word was true then, and stays in the page.
 * @param newer what the feeds knew of the rows after Postgres was read. A row whose session does not match any more is dropped.
 */
export function mergePage(
  query: SessionQuery,
  overlay: readonly SessionSummary[],
  read: RowsRead,
  newer: readonly SessionSummary[],
): MergedPage {
  const sessions = joined(query, overlay, read, newer);
  const items = sessions.slice(0, query.limit - 1);
  if (sessions.length >= query.limit) return { items, next: placeOf(query.order, items.at(-1)), complete: true };
  return { items, next: read.exhausted ? null : placeOf(query.order, read.rows.at(-1)), complete: read.exhausted };
}

function joined(
  query: SessionQuery,
  overlay: readonly SessionSummary[],
  { rows, exhausted }: RowsRead,
  newer: readonly SessionSummary[],
): SessionSummary[] {
  const compare = byPlace(query.order);
  const newest = new Map<SessionId, SessionSummary>();
  for (const session of [...rows, ...newer]) {
    const known = newest.get(session.id);
    if (known === undefined || session.sequence > known.sequence) newest.set(session.id, session);
  }
  const horizon = rows.at(-1);
  const shown = new Map<SessionId, SessionSummary>();
  // Behind the last row there may be others of Postgres that come before what the overlay has there.
  for (const session of overlay) {
    if (exhausted || (horizon !== undefined && compare(session, horizon) <= 0)) shown.set(session.id, session);
  }
  for (const session of newest.values()) {
    const known = shown.get(session.id);
    if (isListed(query, session) && (known === undefined || session.sequence > known.sequence)) shown.set(session.id, session);
  }
  return [...shown.values()].sort(compare);
}

function placeOf({ key }: SessionOrder, session: SessionSummary | undefined): SessionPlace | null {
  return session === undefined ? null : { [key]: session[key], id: session.id };
}
