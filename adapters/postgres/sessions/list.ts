/** Reads projected sessions: pages for lists, their events, and how far the projection has come. */
import {
  type AnyColumn,
  type SQL,
  and,
  arrayOverlaps,
  asc,
  desc,
  eq,
  gte,
  inArray,
  isNotNull,
  lt,
  ne,
  or,
  sql,
} from "drizzle-orm";
import type { TextMatch } from "../../../domain/events/query/query.ts";
import { containedBy } from "../../../domain/sessions/metadata-match.ts";
import type { SessionFilter, SessionOrder, SessionPlace, SessionQuery, SortKey } from "../../../domain/sessions/query.ts";
import { storableText } from "../../../domain/sessions/storable.ts";
import type { SessionSummary } from "../../../domain/sessions/summary.ts";
import type { SessionId, TenantId } from "../../../domain/shared/ids.ts";
import { listedSessions, projectionPositions, type sessions } from "../../../schema/index.ts";
import { type Database, asTenant, asTenants } from "../client.ts";

/** Every event before offset `next` of the shard was in the tables at `atMs`, Unix milliseconds. */
export type ProjectedPosition = { readonly shard: string; readonly next: number; readonly atMs: number };

/** @throws DatabaseUnavailable from every function, when Postgres does not answer in time. */
export type SessionList = {
  /** What the query asks for, in its order: one more than its `limit` where there are more. */
  readonly page: (tenant: TenantId, query: SessionQuery) => Promise<readonly SessionSummary[]>;
  readonly positions: () => Promise<readonly ProjectedPosition[]>;
};

type Row = typeof sessions.$inferSelect;

const msOf = (at: Date | null): number | null => (at === null ? null : at.getTime());

/** A row as lists show it. */
export function listedSession(row: Row): SessionSummary {
  return {
    id: row.id as SessionId,
    tenant: row.tenantId as TenantId,
    lane: row.lane,
    status: row.status,
    // Generated from columns that are never null.
    phase: row.phase!,
    disposition: row.disposition,
    endCode: row.endCode,
    channel: row.channel,
    trunk: row.trunk,
    priority: row.priority,
    caller: row.callerId,
    callee: row.calleeId === "" ? null : row.calleeId,
    externalId: row.externalId,
    metadata: row.metadata ?? {},
    recorded: row.recorded,
    direction: row.direction,
    destination: row.destination,
    tags: row.tags,
    ruleId: row.ruleId,
    snapshotVersion: row.snapshotVersion,
    openedMs: row.startedAt.getTime(),
    ringingMs: msOf(row.ringingAt),
    answeredMs: msOf(row.answeredAt),
    endedMs: msOf(row.endedAt),
    durationMs: row.durationMs,
    updatedMs: row.lastEventAt.getTime(),
    sequence: row.sequence,
  };
}

/** Nothing at all where the list is empty, since nothing is one of none. */
const among = (column: AnyColumn, values: readonly string[] | undefined): SQL | undefined =>
  values === undefined ? undefined : inArray(column, values.map(storableText));

const anyOf = <T>(values: readonly T[] | undefined, condition: (value: T) => SQL): SQL | undefined =>
  values === undefined ? undefined : (or(...values.map(condition)) ?? sql`false`);

const textMatches = (column: AnyColumn, wanted: readonly TextMatch[] | undefined): SQL | undefined =>
  anyOf(wanted, ({ tag, value }) =>
    tag === "exact" ? eq(column, storableText(value)) : sql`${column} ^@ ${storableText(value)}`,
  );

/** The predicate `matches` of domain/sessions/query.ts. */
function conditions(filter: SessionFilter): (SQL | undefined)[] {
  const { recorded, tag, metadata = [], part, minDurationMs, fromMs, toMs } = filter;
  const rows = listedSessions;
  return [
    // An empty text stands for a callee that is not known: the call was not announced.
    ne(rows.calleeId, ""),
    among(rows.status, filter.status),
    among(rows.phase, filter.state),
    among(rows.lane, filter.lane),
    among(rows.direction, filter.direction),
    among(rows.channel, filter.channel),
    recorded === undefined ? undefined : eq(rows.recorded, recorded),
    among(rows.trunk, filter.trunk),
    among(rows.destination, filter.destination),
    among(rows.ruleId, filter.ruleId),
    among(rows.disposition, filter.disposition),
    textMatches(rows.callerId, filter.caller),
    textMatches(rows.calleeId, filter.callee),
    // Digits alone: nothing in them has a meaning to `like`.
    anyOf(part, (digits) => sql`${rows.parties} like ${`%${digits}%`}`),
    tag === undefined ? undefined : tag.length === 0 ? sql`false` : arrayOverlaps(rows.tags, tag.map(storableText)),
    ...metadata.map((match) => anyOf(containedBy(match), (json) => sql`${rows.metadata} @> ${storableText(json)}::jsonb`)),
    minDurationMs === undefined ? undefined : gte(rows.durationMs, minDurationMs),
    fromMs === undefined ? undefined : gte(rows.startedAt, new Date(fromMs)),
    toMs === undefined ? undefined : lt(rows.startedAt, new Date(toMs)),
  ];
}

const SORTED_BY = {
  openedMs: listedSessions.startedAt,
  endedMs: listedSessions.endedAt,
  durationMs: listedSessions.durationMs,
} as const satisfies Record<SortKey, AnyColumn>;

function beyond({ key, descending }: SessionOrder, { id, ...place }: SessionPlace): SQL {
  const value = place[key] ?? 0;
  const at = key === "durationMs" ? sql`${value}::bigint` : sql`${new Date(value).toISOString()}::timestamptz`;
  const own = sql`(${SORTED_BY[key]}, ${listedSessions.id})`;
  return descending ? sql`${own} < (${at}, ${id}::uuid)` : sql`${own} > (${at}, ${id}::uuid)`;
}

/** What a list asks Postgres. */
export function pageStatement({ orm }: Pick<Database, "orm">, tenant: TenantId, { filter, order, after, limit }: SessionQuery) {
  const direction = order.descending ? desc : asc;
  return (
    orm
      .select()
      .from(listedSessions)
      // The view says whose rows they are, too. Said here, a tenant of another transaction gets nothing.
      .where(
        and(
          eq(listedSessions.tenantId, tenant),
          ...conditions(filter),
          isNotNull(SORTED_BY[order.key]),
          after === null ? undefined : beyond(order, after),
        ),
      )
      .orderBy(direction(SORTED_BY[order.key]), direction(listedSessions.id))
      .limit(limit + 1)
  );
}

export function createSessionList(database: Database): SessionList {
  const { orm } = database;
  return {
    page: async (tenant, query) => {
      const [rows] = await asTenant(database, tenant, [pageStatement(database, tenant, query)]);
      return rows.map(listedSession);
    },
    positions: async () => {
      const [rows] = await asTenants(
        database,
        [],
        [orm.select().from(projectionPositions).orderBy(asc(projectionPositions.shard))],
      );
      return rows.map(({ shard, next, at }) => ({ shard, next, atMs: at.getTime() }));
    },
  };
}
