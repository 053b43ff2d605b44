/** Drafts in Postgres, entity by entity. */
import { and, asc, eq, gt, like, sql } from "drizzle-orm";
import type { EntityKind, EntityOf } from "../../../domain/configuration/model.ts";
import type {
  ConfigurationStore,
  Expected,
  Page,
  ResourceKind,
  Stored,
  WriteProblem,
} from "../../../domain/configuration/store.ts";
import type { TenantId } from "../../../domain/shared/ids.ts";
import { type Result, err, ok } from "../../../domain/shared/result.ts";
import { type Database, asTenant } from "../client.ts";
import { FOREIGN_KEY_VIOLATION, sqlState } from "../unavailable.ts";
import { directoryLock } from "../access/named.ts";
import { type KindTable, type Row, conditionsOf } from "./kind-table.ts";
import { KINDS } from "./kinds.ts";
import { pageOf } from "../page.ts";
import { draftRevision, readDraft } from "./read-draft.ts";
import { referrersOf } from "./references.ts";
import {
  type Written,
  insertIfAbsent,
  insertOrUpdate,
  lockDraft,
  rowOf,
  storedOf,
  updateRevision,
  walkAlongKey,
} from "./statements.ts";
import { startUpload } from "./upload.ts";

const kindTableOf = <Kind extends EntityKind>(kind: Kind): KindTable<Kind> => KINDS[kind] as KindTable<Kind>;

function storedFrom<Kind extends EntityKind>(kind: KindTable<Kind>, row: Row): Stored<EntityOf[Kind]> {
  const { revision, createdAt, updatedAt, ...content } = row as Row & {
    readonly revision: number;
    readonly createdAt: Date;
    readonly updatedAt: Date;
  };
  return { entity: kind.fromRow(content), revision, createdAtMs: createdAt.getTime(), updatedAtMs: updatedAt.getTime() };
}

/** The only one of its kind has no id of its own. */
const idOf = (entity: object): string => ("id" in entity ? String(entity.id) : "settings");

type PutOutcome<Kind extends EntityKind> = Result<
  { readonly stored: Stored<EntityOf[Kind]>; readonly created: boolean },
  WriteProblem
>;

async function put<Kind extends ResourceKind | "settings">(
  database: Database,
  tenant: TenantId,
  kind: KindTable<Kind>,
  entity: EntityOf[Kind],
  expected: Expected,
): Promise<PutOutcome<Kind>> {
  const { orm } = database;
  const id = idOf(entity);
  const json = JSON.stringify(kind.toJson(entity));
  const write =
    expected.tag === "absent"
      ? insertIfAbsent(kind, tenant, json)
      : expected.tag === "any"
        ? insertOrUpdate(kind, tenant, json)
        : updateRevision(kind, tenant, id, json, expected.revision);
  try {
    const [, written, there] = await asTenant(database, tenant, [
      orm.execute(lockDraft(tenant)),
      orm.execute<Written>(write),
      orm
        .select({ one: sql`1` })
        .from(kind.table)
        .where(rowOf(kind, tenant, id)),
    ]);
    const [row] = written.rows;
    if (row !== undefined) return ok({ stored: storedOf(entity, row), created: row.created });
    return err({ tag: there.length === 0 ? "not_found" : "precondition_failed" });
  } catch (error) {
    // The tenant itself is missing.
    if (sqlState(error) === FOREIGN_KEY_VIOLATION) return err({ tag: "not_found" });
    throw error;
  }
}

type Removal = { readonly revision: number | null; readonly referrers: readonly string[]; readonly removed: boolean };

/** One statement, so that what is found and what is removed are the same state. */
async function remove(
  database: Database,
  tenant: TenantId,
  kind: ResourceKind,
  id: string,
  expected: Expected,
): Promise<Result<null, WriteProblem>> {
  const table = KINDS[kind];
  const isExpected =
    expected.tag === "revision" ? sql`revision = ${expected.revision}` : sql`${expected.tag === "any"}::boolean`;
  // Users name profiles.
  const lock = kind === "profiles" ? sql`select (${lockDraft(tenant)}), (${directoryLock(tenant)})` : lockDraft(tenant);
  const [, outcome] = await asTenant(database, tenant, [
    database.orm.execute(lock),
    database.orm.execute<Removal>(sql`
      with found as materialized (select revision from ${table.table} where ${rowOf(table, tenant, id)}),
        referrers as materialized (${referrersOf(tenant, kind, id)}),
        removed as (delete from ${table.table}
          where ${rowOf(table, tenant, id)} and ${isExpected} and not exists (select from referrers) returning 1)
      select (select revision::float8 from found) as revision,
        (select coalesce(jsonb_agg(name), '[]') from referrers) as referrers, exists (select from removed) as removed`),
  ]);
  const { revision, referrers, removed } = outcome.rows[0]!;
  if (removed) return ok(null);
  if (revision === null) return err({ tag: "not_found" });
  const isRefused = expected.tag === "absent" || (expected.tag === "revision" && expected.revision !== revision);
  return err(isRefused ? { tag: "precondition_failed" } : { tag: "in_use", by: referrers });
}

/** `%` and `_` of the text stand for themselves. */
const beginsWith = (prefix: string): string => `${prefix.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;

/** @throws DatabaseUnavailable from every function, when Postgres does not answer in time. */
export function createConfigurationStore(database: Database): ConfigurationStore {
  const { orm } = database;
  return {
    list: async (tenant, kind, { filters, afterKey, limit }) => {
      const table = kindTableOf(kind);
      const id = table.key["id"]!;
      const [, rows] = await asTenant(database, tenant, [
        orm.execute(walkAlongKey),
        orm
          .select({ ...table.content, ...table.stamps })
          .from(table.table)
          .where(
            and(
              eq(table.tenantId, tenant),
              ...conditionsOf(table.filters, filters),
              afterKey === null ? undefined : gt(id, afterKey),
            ),
          )
          .orderBy(asc(id))
          .limit(limit + 1),
      ]);
      return pageOf(
        rows,
        limit,
        (row) => String(row["id"]),
        (row) => storedFrom(table, row),
      );
    },

    listRows: async <Kind extends "rates" | "number-list-entries">(
      tenant: TenantId,
      kind: Kind,
      parent: string,
      { prefix, afterKey, limit }: { prefix: string | null; afterKey: string | null; limit: number },
    ): Promise<Page<EntityOf[Kind]>> => {
      const table = kindTableOf(kind);
      const [parentColumn, column] = Object.values(table.key);
      const property = Object.keys(table.key)[1]!;
      const [, rows] = await asTenant(database, tenant, [
        orm.execute(walkAlongKey),
        orm
          .select(table.content)
          .from(table.table)
          .where(
            and(
              eq(table.tenantId, tenant),
              eq(parentColumn!, parent),
              prefix === null ? undefined : like(column!, beginsWith(prefix)),
              afterKey === null ? undefined : gt(column!, afterKey),
            ),
          )
          .orderBy(asc(column!))
          .limit(limit + 1),
      ]);
      return pageOf(rows, limit, (row) => String(row[property]), table.fromRow);
    },

    get: async (tenant, kind, id) => {
      const table = kindTableOf(kind);
      const [[row]] = await asTenant(database, tenant, [
        orm
          .select({ ...table.content, ...table.stamps })
          .from(table.table)
          .where(rowOf(table, tenant, id)),
      ]);
      return row === undefined ? null : storedFrom(table, row);
    },

    put: (tenant, kind, entity, expected) => put(database, tenant, kindTableOf(kind), entity, expected),
    remove: (tenant, kind, id, expected) => remove(database, tenant, kind, id, expected),
    upload: (tenant, target, expected) => startUpload(database, tenant, target, expected),
    draftRevision: async (tenant) => draftRevision(database, tenant),
    readDraft: (tenant) => readDraft(database, tenant),
  };
}
