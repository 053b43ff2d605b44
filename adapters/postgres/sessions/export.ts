/** Reads projected rows as they stand, column by column, for whoever compares them with what they were made of. */
import { type SQL, and, asc, eq, getTableColumns, gt, gte, lt, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import { type TenantId, idPrefixAt } from "../../../domain/shared/ids.ts";
import { sessionEvents, sessions } from "../../../schema/index.ts";
import type { DataKeys } from "../../identity/data-keys.ts";
import { type Database, asTenants } from "../client.ts";
import { openEventData } from "./personal-data.ts";
import { EVENT_COLUMNS, SESSION_COLUMNS } from "./rows.ts";

/** Rows of one query: with the longest metadata some 30 MB, usually 2. */
const PAGE_ROWS = 1_000;
/** An event's id may be some milliseconds from the time when it was recorded. */
const ID_MARGIN_MS = 60_000;
/** What is made by Postgres of other columns. */
const GENERATED_COLUMNS = ["phase", "ended_at", "duration_ms", "disposition", "metadata", "destination"] as const;

/** By column name; times as RFC 3339. */
export type ColumnValues = Readonly<Record<string, unknown>>;
type Period = { readonly fromMs: number; readonly toMs: number };

const valueOf = (value: unknown): unknown => (value instanceof Date ? value.toISOString() : value);

/** Gives a row its columns' own names, those that are wanted. */
function reader(columns: Readonly<Record<string, PgColumn>>, wanted: readonly string[]) {
  const read = Object.entries(columns).filter(([, { name }]) => wanted.includes(name));
  return (row: Readonly<Record<string, unknown>>): ColumnValues =>
    Object.fromEntries(read.map(([key, { name }]) => [name, valueOf(row[key])]));
}

const readSession = reader(getTableColumns(sessions), [...Object.keys(SESSION_COLUMNS), ...GENERATED_COLUMNS]);
const readEvent = reader(getTableColumns(sessionEvents), Object.keys(EVENT_COLUMNS));

/** A bound for ids: as small as one that was made at this time can be. */
const idAt = (ms: number): string => `${idPrefixAt(ms)}0000-0000-000000000000`;

/**
 * Sessions of a tenant that were opened in a period, page by page.
 * @throws DatabaseUnavailable when Postgres does not answer in time.
 */
export async function* exportSessions(
  database: Database,
  tenant: TenantId,
  { fromMs, toMs }: Period,
): AsyncGenerator<readonly ColumnValues[]> {
  let after: SQL | undefined;
  for (;;) {
    const [rows] = await asTenants(
      database,
      [tenant],
      [
        database.orm
          .select()
          .from(sessions)
          .where(
            and(
              eq(sessions.tenantId, tenant),
              gte(sessions.startedAt, new Date(fromMs)),
              lt(sessions.startedAt, new Date(toMs)),
              after,
            ),
          )
          .orderBy(asc(sessions.startedAt), asc(sessions.id))
          .limit(PAGE_ROWS),
      ],
    );
    yield rows.map(readSession);
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE_ROWS) return;
    after = sql`(${sessions.startedAt}, ${sessions.id}) > (${last.startedAt.toISOString()}::timestamptz, ${last.id}::uuid)`;
  }
}

/** Events of a tenant that were recorded in a period, opened, page by page in the order of their ids. @throws DatabaseUnavailable. */
export async function* exportEvents(
  database: Database,
  keys: DataKeys,
  tenant: TenantId,
  { fromMs, toMs }: Period,
): AsyncGenerator<readonly ColumnValues[]> {
  // Ids begin with the time, and the primary key has them in order.
  let after = idAt(fromMs - ID_MARGIN_MS);
  const beyond = idAt(toMs + ID_MARGIN_MS);
  for (;;) {
    const [rows] = await asTenants(
      database,
      [tenant],
      [
        database.orm
          .select()
          .from(sessionEvents)
          .where(and(eq(sessionEvents.tenantId, tenant), gt(sessionEvents.id, after), lt(sessionEvents.id, beyond)))
          .orderBy(asc(sessionEvents.id))
          .limit(PAGE_ROWS),
      ],
    );
    const wanted = rows.filter(({ recordedAt }) => recordedAt.getTime() >= fromMs && recordedAt.getTime() < toMs);
    yield await Promise.all(
      wanted.map(async (row) =>
        readEvent({ ...row, metadata: await openEventData(keys, { tenant: row.tenantId, id: row.id }, row.metadata) }),
      ),
    );
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE_ROWS) return;
    after = last.id;
  }
}
