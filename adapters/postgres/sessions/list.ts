/** Reads projected sessions: pages for lists, and how far the projection has come. */
import { and, arrayOverlaps, asc, desc, eq, gte, inArray, lt, ne, type SQL, sql } from "drizzle-orm";
import type { SessionFilter, SessionOrder, SessionPlace, SessionQuery } from "../../../domain/sessions/query.ts";
import { storableText } from "../../../domain/sessions/storable.ts";
import type { SessionSummary } from "../../../domain/sessions/summary.ts";
import type { SessionId, TenantId } from "../../../domain/shared/ids.ts";
import { projectionPositions, sessions } from "../../../schema/index.ts";
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
    metadata: row.initialMetadata,
    tags: row.tags,
    ruleId: row.ruleId,
    snapshotVersion: row.snapshotVersion,
    openedMs: row.startedAt.getTime(),
    ringingMs: msOf(row.ringingAt),
    answeredMs: msOf(row.answeredAt),
    endedMs: msOf(row.endedAt),
    updatedMs: row.lastEventAt.getTime(),
    sequence: row.sequence,
  };
}

/** Nothing at all where the list is empty, since nothing is one of none. */
const among = (column: Parameters<typeof inArray>[0], values: readonly string[] | undefined): SQL | undefined =>
  values === undefined ? undefined : inArray(column, values.map(storableText));

/** The predicate `matches` of domain/sessions/query.ts. */
function conditions(filter: SessionFilter): (SQL | undefined)[] {
  const { status, trunk, lane, disposition, caller, callee, tag, fromMs, toMs } = filter;
  return [
    among(sessions.status, status),
    among(sessions.trunk, trunk),
    among(sessions.lane, lane),
    among(sessions.disposition, disposition),
    among(sessions.callerId, caller),
    // An empty text stands for a callee that is not known: the call was not announced.
    ne(sessions.calleeId, ""),
    among(sessions.calleeId, callee),
    tag === undefined ? undefined : tag.length === 0 ? sql`false` : arrayOverlaps(sessions.tags, tag.map(storableText)),
    fromMs === undefined ? undefined : gte(sessions.startedAt, new Date(fromMs)),
    toMs === undefined ? undefined : lt(sessions.startedAt, new Date(toMs)),
  ];
}

function beyond(order: SessionOrder, { openedMs, id }: SessionPlace): SQL {
  const place = sql`(${new Date(openedMs).toISOString()}::timestamptz, ${id}::uuid)`;
  const own = sql`(${sessions.startedAt}, ${sessions.id})`;
  return order === "newest_first" ? sql`${own} < ${place}` : sql`${own} > ${place}`;
}

export function createSessionList(database: Database): SessionList {
  const { orm } = database;
  return {
    page: async (tenant, { filter, order, after, limit }) => {
      const direction = order === "newest_first" ? desc : asc;
      const [rows] = await asTenant(database, tenant, [
        orm
          .select()
          .from(sessions)
          // The policy says the same; said here too, Postgres reads the rows in the order of an index.
          .where(and(eq(sessions.tenantId, tenant), ...conditions(filter), after === null ? undefined : beyond(order, after)))
          .orderBy(direction(sessions.startedAt), direction(sessions.id))
          .limit(limit + 1),
      ]);
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
