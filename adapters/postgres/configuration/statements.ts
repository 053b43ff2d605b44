/**
 * SQL for rows of any kind. Rows come as JSON by column name and are typed by Postgres (`jsonb_populate_record`), one of them as well
 * as hundreds of thousands.
 */
import { type SQL, and, eq, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import type { Stored } from "../../../domain/configuration/store.ts";
import type { TableShape } from "./kind-table.ts";

const identifiers = (columns: Readonly<Record<string, PgColumn>>, of?: string): SQL =>
  sql.join(
    Object.values(columns).map(({ name }) =>
      of === undefined ? sql.identifier(name) : sql`${sql.identifier(of)}.${sql.identifier(name)}`,
    ),
    sql`, `,
  );

const assignments = ({ content }: TableShape, from: string): SQL =>
  sql.join(
    Object.values(content).map(({ name }) => sql`${sql.identifier(name)} = ${sql.identifier(from)}.${sql.identifier(name)}`),
    sql`, `,
  );

/** A typed row out of a JSON value. */
const populated = (kind: TableShape, json: SQL): SQL => sql`jsonb_populate_record(null::${kind.table}, ${json})`;

const conflictKey = (kind: TableShape): SQL => identifiers({ tenantId: kind.tenantId, ...kind.key });

/** What writing a row answers. */
export type Written = {
  readonly revision: number;
  readonly created_at_ms: number;
  readonly updated_at_ms: number;
  readonly created: boolean;
};

const msOf = (column: string): SQL =>
  sql`floor(extract(epoch from ${sql.identifier("written")}.${sql.identifier(column)}) * 1000)::float8`;

/** Doubles hold every integer that these can become. `xmax` is zero only in a row that this statement inserted. */
const returning = sql`returning written.revision::float8 as revision, ${msOf("created_at")} as created_at_ms,
  ${msOf("updated_at")} as updated_at_ms, (written.xmax = 0) as created`;

export function storedOf<Entity>(entity: Entity, written: Written): Stored<Entity> {
  return {
    entity,
    revision: written.revision,
    createdAtMs: written.created_at_ms,
    updatedAtMs: written.updated_at_ms,
  };
}

const insertOne = (kind: TableShape, tenant: string, json: string): SQL =>
  sql`insert into ${kind.table} as written (tenant_id, ${identifiers(kind.content)})
    select ${tenant}::text, ${identifiers(kind.content, "row")} from ${populated(kind, sql`${json}::jsonb`)} as row`;

/** No row comes back when there is one with the key. */
export const insertIfAbsent = (kind: TableShape, tenant: string, json: string): SQL =>
  sql`${insertOne(kind, tenant, json)} on conflict (${conflictKey(kind)}) do nothing ${returning}`;

export const insertOrUpdate = (kind: TableShape, tenant: string, json: string): SQL =>
  sql`${insertOne(kind, tenant, json)} on conflict (${conflictKey(kind)}) do update set ${assignments(kind, "excluded")} ${returning}`;

/** The row of an entity that is kept one by one; the settings are the tenant's only ones. */
export function rowOf(kind: TableShape, tenant: string, id: string): SQL {
  const { id: idColumn } = kind.key;
  return and(eq(kind.tenantId, tenant), ...(idColumn === undefined ? [] : [eq(idColumn, id)]))!;
}

/** No row comes back when there is none in this revision. */
export function updateRevision(kind: TableShape, tenant: string, id: string, json: string, revision: number): SQL {
  const { id: idColumn } = kind.key;
  return sql`update ${kind.table} as written set ${assignments(kind, "row")}
    from ${populated(kind, sql`${json}::jsonb`)} as row
    where written.tenant_id = ${tenant} and written.revision = ${revision}
      ${idColumn === undefined ? sql`` : sql`and written.id = ${id}`} ${returning}`;
}

/**
 * Writers of a tenant's draft follow one another. They would in any case, at the head of the draft, but in the order in which they
 * reach it: two that hold rows which the other needs would wait for each other.
 */
export const lockDraft = (tenant: string): SQL =>
  sql`select pg_advisory_xact_lock(hashtextextended(${`draft of ${tenant}`}, 0))`;

/** Of one sort or hash table; what is larger goes to disk. Half a million rules are some of these. */
const MERGE_MEMORY = "64MB";

/**
 * Postgres knows nothing yet about rows that were staged a moment ago and takes them for few: it would compare each row with each. For
 * this transaction alone: hash joins, and no compiling for the cost that some versions add to joins which are switched off.
 */
export const expectMany = sql`select set_config('enable_nestloop', 'off', true), set_config('jit', 'off', true),
  set_config('work_mem', ${MERGE_MEMORY}, true)`;

/**
 * Pages are read along an index. Left to itself Postgres, which hears of an upload's rows a minute later, takes those behind a key for
 * few, and fetches and sorts all of them for each page.
 */
export const walkAlongKey = sql`select set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true)`;

/** Rows of the upload, of one kind. */
const staged = (kind: TableShape, tenant: string, upload: string): SQL =>
  sql`staged.tenant_id = ${tenant} and staged.upload_id = ${upload}::uuid and staged.kind = ${kind.kind}`;

/** `entityKey`, in SQL. */
const keyText = (kind: TableShape): SQL =>
  Object.keys(kind.key).length === 0
    ? sql`'settings'`
    : sql.join(
        Object.values(kind.key).map((column) => sql`${column}`),
        sql` || ' ' || `,
      );

/** Removes what is in the scope and not in the upload. @param scope which rows of the tenant the upload replaces. */
export const deleteUnstaged = (kind: TableShape, tenant: string, upload: string, scope: SQL | undefined): SQL =>
  sql`delete from ${kind.table} where ${and(eq(kind.tenantId, tenant), scope)} and not exists (
    select from staged_rows as staged where ${staged(kind, tenant, upload)} and staged.key = ${keyText(kind)})`;

/**
 * Writes the rows of the upload that are not there already with the same content; those stay untouched, with their revisions. New ones go
 * in the order of the key, so that indexes grow at one end. Nobody else writes to the draft meanwhile (`lockDraft`), and no key stands
 * twice (`guardDuplicates`): what is not known now is new.
 */
export function writeStaged(kind: TableShape, tenant: string, upload: string): SQL {
  const others = Object.fromEntries(Object.entries(kind.content).filter(([property]) => kind.key[property] === undefined));
  const isKnown = and(
    sql`known.tenant_id = ${tenant}`,
    ...Object.values(kind.key).map(({ name }) => sql`known.${sql.identifier(name)} = "row".${sql.identifier(name)}`),
  );
  const update =
    Object.keys(others).length === 0
      ? sql``
      : sql`, changed as (
          update ${kind.table} as known set ${assignments({ ...kind, content: others }, "row")} from typed as "row"
          where ${isKnown} and (${identifiers(others, "known")}) is distinct from (${identifiers(others, "row")}))`;
  const order = Object.keys(kind.key).length === 0 ? sql`` : sql`order by ${identifiers(kind.key, "row")}`;
  // Without "offset 0" the record would be made once for each of its columns.
  return sql`with typed as materialized (
      select (each.made).* from (
        select ${populated(kind, sql`staged.row`)} as made from staged_rows as staged where ${staged(kind, tenant, upload)} offset 0
      ) as each
    )${update}
    insert into ${kind.table} (tenant_id, ${identifiers(kind.content)})
    select ${tenant}::text, ${identifiers(kind.content, "row")}
    from typed as "row" left join ${kind.table} as known on ${isKnown}
    where known.tenant_id is null ${order}`;
}
