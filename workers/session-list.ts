/**
 * A page of a tenant's sessions: what the feeds hold and what Postgres has, read in the order that lets nothing fall between them.
 * Postgres away: what the feeds hold. A feed away: what Postgres has, and how far that is known to reach.
 */
import { within } from "../adapters/platform/deadline.ts";
import { DatabaseUnavailable } from "../adapters/postgres/unavailable.ts";
import type { FeedReader, FeedWriter, Overlay } from "../domain/sessions/feed.ts";
import { type MergedPage, type RowsRead, mergePage } from "../domain/sessions/merge-page.ts";
import { NEWEST_FIRST, type SessionPlace, type SessionQuery } from "../domain/sessions/query.ts";
import type { SessionSummary } from "../domain/sessions/summary.ts";
import type { TenantId } from "../domain/shared/ids.ts";

/** Together with the feeds' own deadline shorter than an entry lingers in a feed, or a list could miss what left in between. */
export const ROWS_DEADLINE_MS = 2_500;
/** No more rows are begun to be read after this. */
export const READ_ON_MS = 2_500;
/** Pages of rows that one request reads at most, when sessions that Postgres still shows have ceased to match. */
export const MAX_ROUNDS = 5;

/** The feed may have missed that a session was projected. One that waits longer than this is looked up. */
export const RECHECK_AFTER_MS = 30_000;
/** Sessions of a tenant that may have opened in the same millisecond. */
const RECHECK_ROWS = 100;

/** What Postgres has of a tenant's sessions: what the query asks for, in its order, at most `limit`. Throws `DatabaseUnavailable`. */
export type SessionRows = (tenant: TenantId, query: SessionQuery) => Promise<readonly SessionSummary[]>;

export type SessionListSources = {
  readonly feed: FeedReader;
  readonly rows: SessionRows;
  /** Up to when everything is known to be projected, Unix milliseconds; null: not known. Never rejects. */
  readonly projectedUpToMs: () => Promise<number | null>;
  /** Looks behind the answer whether the projection has this session after all. */
  readonly recheck: (session: SessionSummary) => void;
  readonly nowMs: () => number;
};

export type SessionPage = Pick<MergedPage, "items" | "next"> & {
  /** Everything acknowledged before is in it, Unix milliseconds; null: not known. */
  readonly asOfMs: number | null;
  /** Postgres did not answer: what it alone has is missing. */
  readonly partial: boolean;
};

export type ListSessions = (tenant: TenantId, query: SessionQuery) => Promise<SessionPage>;

/** Postgres in time, or null. */
async function inTimeOrNull<T>(work: Promise<T>): Promise<T | null> {
  try {
    const answer = await within(work, ROWS_DEADLINE_MS);
    return answer.done ? answer.value : null;
  } catch (error) {
    if (error instanceof DatabaseUnavailable) return null;
    throw error;
  }
}

/** What the feeds know of the rows, or null when they cannot be asked. */
async function newerOf(
  feed: FeedReader,
  tenant: TenantId,
  rows: readonly SessionSummary[],
): Promise<readonly SessionSummary[] | null> {
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  return feed.newer(tenant, ids).catch(() => null);
}

type Read = { readonly page: MergedPage; readonly partial: boolean; readonly feedMissed: boolean };

async function readPage(
  { feed, rows, nowMs }: SessionListSources,
  tenant: TenantId,
  query: SessionQuery,
  { matching }: Overlay,
): Promise<Read> {
  const startedMs = nowMs();
  let newer: readonly SessionSummary[] = [];
  let read: RowsRead = { rows: [], exhausted: true };
  let page = mergePage(query, matching, read, newer);
  let after: SessionPlace | null = query.after;
  let feedMissed = false;
  for (let round = 0; round < MAX_ROUNDS && nowMs() - startedMs < READ_ON_MS; round++) {
    const next = await inTimeOrNull(rows(tenant, { ...query, after }));
    if (next === null) return { page, partial: round === 0, feedMissed };
    const known = await newerOf(feed, tenant, next);
    feedMissed ||= known === null;
    newer = [...newer, ...(known ?? [])];
    read = { rows: [...read.rows, ...next], exhausted: next.length < query.limit };
    page = mergePage(query, matching, read, newer);
    if (page.complete) break;
    after = next.at(-1) ?? after;
  }
  return { page, partial: false, feedMissed };
}

/** Never rejects for want of Postgres or of a feed. @param query its limit is what a page shows. */
export async function listSessions(sources: SessionListSources, tenant: TenantId, query: SessionQuery): Promise<SessionPage> {
  const startedMs = sources.nowMs();
  const wanted = { ...query, limit: query.limit + 1 };
  const overlay = await sources.feed.overlay(tenant, wanted);
  const { page, partial, feedMissed } = await readPage(sources, tenant, wanted, overlay);
  const { items, next } = page;
  const waitsSinceMs = overlay.unprojectedSinceMs ?? startedMs;
  if (!partial && overlay.oldest !== null && startedMs - waitsSinceMs > RECHECK_AFTER_MS) sources.recheck(overlay.oldest);
  const asOfMs = Math.min(startedMs, overlay.unprojectedSinceMs ?? startedMs);
  if (overlay.complete && !feedMissed) return { items, next, partial, asOfMs };
  const projectedMs = await sources.projectedUpToMs();
  return { items, next, partial, asOfMs: projectedMs === null ? null : Math.min(asOfMs, projectedMs) };
}

/** Tells the feed that a session is projected, where Postgres has it and the feed has missed it. */
export async function recheck(rows: SessionRows, feed: FeedWriter, session: SessionSummary): Promise<void> {
  const filter = { fromMs: session.openedMs, toMs: session.openedMs + 1 };
  const found = await inTimeOrNull(rows(session.tenant, { filter, order: NEWEST_FIRST, after: null, limit: RECHECK_ROWS }));
  const row = found?.find(({ id }) => id === session.id);
  if (row !== undefined) await feed.projected([{ id: row.id, tenant: row.tenant, sequence: row.sequence }]);
}
