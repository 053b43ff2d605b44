/** Who may act for a tenant, in Postgres. */
import { type SQL, and, asc, eq, isNull, sql } from "drizzle-orm";
import type { AccessStore } from "../../../domain/configuration/access-store.ts";
import { tenants, trunkSecrets } from "../../../schema/index.ts";
import { type Database, asTenant } from "../client.ts";
import { conditionsOf, oneOf } from "../configuration/kind-table.ts";
import { pageOf } from "../page.ts";
import { storedSecret } from "./access-rows.ts";
import { createKeyStore, hasTime } from "./api-keys.ts";
import { readAccess } from "./read-access.ts";
import { doneBefore, inRevision, inserted, outcome } from "./rows-written.ts";

const SECRET_FILTERS = { trunk: oneOf(trunkSecrets.trunk), retired: hasTime(trunkSecrets.retiredAt) };

const secretOf = (tenant: string, trunk: string, id: string): SQL | undefined =>
  and(eq(trunkSecrets.tenantId, tenant), eq(trunkSecrets.trunk, trunk), eq(trunkSecrets.id, id));

/** @throws DatabaseUnavailable from every function, when Postgres does not answer in time. */
export function createAccessStore(database: Database): AccessStore {
  const { orm } = database;
  return {
    createTenant: async (tenant, name) => {
      const row = { id: tenant, name };
      const [made] = await asTenant(database, tenant, [orm.insert(tenants).values(row).onConflictDoNothing().returning()]);
      return made.length > 0;
    },
    ...createKeyStore(database),

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
        ]).then(([made]) => made),
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
