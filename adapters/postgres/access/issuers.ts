/** Issuers of tokens that speak for a tenant, in Postgres. */
import { type SQL, and, asc, count, eq, getTableColumns, gt, sql } from "drizzle-orm";
import type { IssuerStore } from "../../../domain/configuration/issuer-store.ts";
import type { Stored } from "../../../domain/configuration/store.ts";
import type { TenantIssuer } from "../../../domain/identity/tenant-issuer.ts";
import { issuers } from "../../../schema/index.ts";
import { type Database, asTenant } from "../client.ts";
import { pageOf } from "../page.ts";
import { directoryLock, guardRoles } from "./named.ts";
import { inRevision, inTenant, outcome, stored } from "./rows-written.ts";

type IssuerRow = typeof issuers.$inferSelect;

export const issuerOf = ({ id, config }: IssuerRow): TenantIssuer => ({ id, ...config });

const storedIssuer = (row: IssuerRow): Stored<TenantIssuer> => stored(issuerOf(row), row);

const keyOf = (tenant: string, id: string): SQL | undefined => and(eq(issuers.tenantId, tenant), eq(issuers.id, id));

/** @throws DatabaseUnavailable from every function, when Postgres does not answer in time. */
export function createIssuerStore(database: Database): IssuerStore {
  const { orm } = database;
  return {
    list: async (tenant, { afterKey, limit }) => {
      const behind = afterKey === null ? undefined : gt(issuers.id, afterKey);
      const [rows] = await asTenant(database, tenant, [
        orm
          .select()
          .from(issuers)
          .where(and(eq(issuers.tenantId, tenant), behind))
          .orderBy(asc(issuers.id))
          .limit(limit + 1),
      ]);
      return pageOf(rows, limit, ({ id }) => id, storedIssuer);
    },
    get: async (tenant, id) => {
      const [[row]] = await asTenant(database, tenant, [orm.select().from(issuers).where(keyOf(tenant, id))]);
      return row === undefined ? null : storedIssuer(row);
    },
    count: async (tenant) => {
      const [[row]] = await asTenant(database, tenant, [
        orm.select({ many: count() }).from(issuers).where(eq(issuers.tenantId, tenant)),
      ]);
      return row?.many ?? 0;
    },
    put: (tenant, { id, ...config }, expected) => {
      const columns = { ...getTableColumns(issuers), created: sql<boolean>`xmax = 0` };
      const insertion = orm.insert(issuers).values({ id, config, tenantId: tenant });
      const write =
        expected.tag === "absent"
          ? insertion.onConflictDoNothing().returning(columns)
          : expected.tag === "any"
            ? insertion.onConflictDoUpdate({ target: [issuers.tenantId, issuers.id], set: { config } }).returning(columns)
            : orm
                .update(issuers)
                .set({ config })
                .where(and(keyOf(tenant, id), eq(issuers.revision, expected.revision)))
                .returning(columns);
      const there = orm.select({ id: issuers.id }).from(issuers).where(keyOf(tenant, id));
      const guard = guardRoles(tenant, [...Object.values(config.roleNames), ...config.defaultRoles]);
      const writing = asTenant(database, tenant, [orm.execute(directoryLock(tenant)), orm.execute(guard), write, there]).then(
        ([, , written, found]) => outcome(written, found, (row) => ({ stored: storedIssuer(row), created: row.created })),
      );
      return inTenant(writing);
    },
    remove: async (tenant, id, expected) => {
      const [removed, there] = await asTenant(database, tenant, [
        orm
          .delete(issuers)
          .where(and(keyOf(tenant, id), inRevision(issuers.revision, expected)))
          .returning({ id: issuers.id }),
        orm.select({ id: issuers.id }).from(issuers).where(keyOf(tenant, id)),
      ]);
      return outcome(removed, there, () => null);
    },
  };
}
