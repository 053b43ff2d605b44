/** Who may act for a tenant, in Postgres. */
import { type SQL, and, asc, eq, gt, isNotNull, isNull, or, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import type { AccessStore } from "../../../domain/configuration/access-store.ts";
import type { Expected, WriteProblem } from "../../../domain/configuration/store.ts";
import { type Result, err, ok } from "../../../domain/shared/result.ts";
import { apiKeys, tenants, trunkSecrets, users } from "../../../schema/index.ts";
import { type Database, asTenant } from "../client.ts";
import { type Filter, conditionsOf, hasOneOf, oneOf } from "../configuration/kind-table.ts";
import { pageOf } from "../page.ts";
import { FOREIGN_KEY_VIOLATION, sqlState } from "../unavailable.ts";
import { storedKey, storedSecret, storedUser } from "./access-rows.ts";
import { putUser } from "./put-user.ts";
import { readAccess } from "./read-access.ts";

/** Whether the time is there at all. */
const hasTime =
  (column: PgColumn): Filter =>
  (values) =>
    or(...values.map((value) => (value === "true" ? isNotNull(column) : isNull(column))));

const KEY_FILTERS = { trunk: oneOf(apiKeys.trunk), revoked: hasTime(apiKeys.revokedAt) };
const USER_FILTERS = { email: oneOf(users.email), role: hasOneOf(users.roles), disabled: hasTime(users.disabledAt) };
const SECRET_FILTERS = { trunk: oneOf(trunkSecrets.trunk), retired: hasTime(trunkSecrets.retiredAt) };

const inRevision = (column: PgColumn, expected: Expected): SQL | undefined =>
  expected.tag === "revision" ? eq(column, expected.revision) : expected.tag === "any" ? undefined : sql`false`;

const secretOf = (tenant: string, trunk: string, id: string): SQL | undefined =>
  and(eq(trunkSecrets.tenantId, tenant), eq(trunkSecrets.trunk, trunk), eq(trunkSecrets.id, id));

/** A row that an update left alone because its work was done before; as long as it is the one that was expected. */
function doneBefore<Row extends { readonly revision: number }>(
  [row]: readonly Row[],
  doneAt: (row: Row) => Date | null,
  expected: Expected,
): readonly Row[] {
  if (row === undefined || doneAt(row) === null || expected.tag === "absent") return [];
  return expected.tag === "any" || expected.revision === row.revision ? [row] : [];
}

/** @param written what the write answered. @param there whether the row exists, whatever its revision. */
function outcome<Row, Item>(
  written: readonly Row[],
  there: readonly unknown[],
  itemOf: (row: Row) => Item,
): Result<Item, WriteProblem> {
  const [row] = written;
  if (row !== undefined) return ok(itemOf(row));
  return err({ tag: there.length === 0 ? "not_found" : "precondition_failed" });
}

/** An insertion that found its key taken, or its tenant missing. */
async function inserted<Row, Item>(
  insertion: Promise<readonly [readonly Row[]]>,
  itemOf: (row: Row) => Item,
): Promise<Result<Item, WriteProblem>> {
  try {
    const [[row]] = await insertion;
    return row === undefined ? err({ tag: "precondition_failed" }) : ok(itemOf(row));
  } catch (error) {
    if (sqlState(error) === FOREIGN_KEY_VIOLATION) return err({ tag: "not_found" });
    throw error;
  }
}

/** @throws DatabaseUnavailable from every function, when Postgres does not answer in time. */
export function createAccessStore(database: Database): AccessStore {
  const { orm } = database;
  return {
    createTenant: async (tenant, name) => {
      const row = { id: tenant, name };
      const [made] = await asTenant(database, tenant, [orm.insert(tenants).values(row).onConflictDoNothing().returning()]);
      return made.length > 0;
    },
    listApiKeys: async (tenant, { filters, afterKey, limit }) => {
      const behind = afterKey === null ? undefined : gt(apiKeys.id, afterKey);
      const [rows] = await asTenant(database, tenant, [
        orm
          .select()
          .from(apiKeys)
          .where(and(eq(apiKeys.tenantId, tenant), ...conditionsOf(KEY_FILTERS, filters), behind))
          .orderBy(asc(apiKeys.id))
          .limit(limit + 1),
      ]);
      return pageOf(rows, limit, ({ id }) => id, storedKey);
    },
    getApiKey: async (tenant, id) => {
      const key = and(eq(apiKeys.tenantId, tenant), eq(apiKeys.id, id));
      const [[row]] = await asTenant(database, tenant, [orm.select().from(apiKeys).where(key)]);
      return row === undefined ? null : storedKey(row);
    },
    createApiKey: (tenant, { expiresAtMs, roles, ...key }) => {
      const expiresAt = expiresAtMs === null ? null : new Date(expiresAtMs);
      const row = { ...key, tenantId: tenant, roles: [...roles], expiresAt };
      return inserted(
        asTenant(database, tenant, [orm.insert(apiKeys).values(row).onConflictDoNothing().returning()]),
        storedKey,
      );
    },
    revokeApiKey: async (tenant, id, expected, nowMs) => {
      const key = and(eq(apiKeys.tenantId, tenant), eq(apiKeys.id, id));
      const [written, there] = await asTenant(database, tenant, [
        orm
          .update(apiKeys)
          .set({ revokedAt: new Date(nowMs) })
          .where(and(key, isNull(apiKeys.revokedAt), inRevision(apiKeys.revision, expected)))
          .returning(),
        orm.select().from(apiKeys).where(key),
      ]);
      return outcome([...written, ...doneBefore(there, ({ revokedAt }) => revokedAt, expected)], there, storedKey);
    },

    listUsers: async (tenant, { filters, afterKey, limit }) => {
      const behind = afterKey === null ? undefined : gt(users.id, afterKey);
      const [rows] = await asTenant(database, tenant, [
        orm
          .select()
          .from(users)
          .where(and(eq(users.tenantId, tenant), ...conditionsOf(USER_FILTERS, filters), behind))
          .orderBy(asc(users.id))
          .limit(limit + 1),
      ]);
      return pageOf(rows, limit, ({ id }) => id, storedUser);
    },
    getUser: async (tenant, id) => {
      const user = and(eq(users.tenantId, tenant), eq(users.id, id));
      const [[row]] = await asTenant(database, tenant, [orm.select().from(users).where(user)]);
      return row === undefined ? null : storedUser(row);
    },
    putUser: (tenant, user, expected, nowMs) => putUser(database, tenant, user, expected, nowMs),
    removeUser: async (tenant, id, expected) => {
      const user = and(eq(users.tenantId, tenant), eq(users.id, id));
      const [removed, there] = await asTenant(database, tenant, [
        orm
          .delete(users)
          .where(and(user, inRevision(users.revision, expected)))
          .returning({ id: users.id }),
        orm.select({ id: users.id }).from(users).where(user),
      ]);
      return outcome(removed, there, () => null);
    },

    listTrunkSecrets: async (tenant, { filters, afterKey, limit }) => {
      const [afterTrunk, ...afterId] = afterKey?.split(" ") ?? [];
      const behind =
        afterKey === null
          ? undefined
          : sql`(${trunkSecrets.trunk}, ${trunkSecrets.id}) > (${afterTrunk}, ${afterId.join(" ")})`;
      const [rows] = await asTenant(database, tenant, [
        orm
          .select()
          .from(trunkSecrets)
          .where(and(eq(trunkSecrets.tenantId, tenant), ...conditionsOf(SECRET_FILTERS, filters), behind))
          .orderBy(asc(trunkSecrets.trunk), asc(trunkSecrets.id))
          .limit(limit + 1),
      ]);
      return pageOf(rows, limit, ({ trunk, id }) => `${trunk} ${id}`, storedSecret);
    },
    getTrunkSecret: async (tenant, trunk, id) => {
      const [[row]] = await asTenant(database, tenant, [
        orm
          .select()
          .from(trunkSecrets)
          .where(secretOf(tenant, trunk, id)),
      ]);
      return row === undefined ? null : storedSecret(row);
    },
    addTrunkSecret: (tenant, secret) =>
      inserted(
        asTenant(database, tenant, [
          orm
            .insert(trunkSecrets)
            .values({ ...secret, tenantId: tenant })
            .onConflictDoNothing()
            .returning(),
        ]),
        storedSecret,
      ),
    retireTrunkSecret: async (tenant, trunk, id, expected, nowMs) => {
      const secret = secretOf(tenant, trunk, id);
      const [written, there] = await asTenant(database, tenant, [
        orm
          .update(trunkSecrets)
          .set({ retiredAt: new Date(nowMs) })
          .where(and(secret, isNull(trunkSecrets.retiredAt), inRevision(trunkSecrets.revision, expected)))
          .returning(),
        orm.select().from(trunkSecrets).where(secret),
      ]);
      return outcome([...written, ...doneBefore(there, ({ retiredAt }) => retiredAt, expected)], there, storedSecret);
    },

    readAccess: (tenant) => readAccess(database, tenant),
  };
}
