/** The tenant itself, in Postgres. */
import { and, eq } from "drizzle-orm";
import type { Stored } from "../../../domain/configuration/store.ts";
import type { PeopleStore, Tenant } from "../../../domain/identity/people-store.ts";
import { NO_POLICY } from "../../../domain/identity/tenant-policy.ts";
import type { TenantId } from "../../../domain/shared/ids.ts";
import { tenants } from "../../../schema/index.ts";
import { type Database, asTenant } from "../client.ts";
import { inRevision, outcome, stored } from "./rows-written.ts";

type TenantRow = typeof tenants.$inferSelect;

/** A policy has all its members, also where it was written before one of them existed. */
const storedTenant = (row: TenantRow): Stored<Tenant> =>
  stored({ id: row.id as TenantId, name: row.name, policy: { ...NO_POLICY, ...row.policy } }, row);

export function createTenantStore(database: Database): Pick<PeopleStore, "getTenant" | "updateTenant"> {
  const { orm } = database;
  return {
    getTenant: async (tenant) => {
      const [[row]] = await asTenant(database, tenant, [orm.select().from(tenants).where(eq(tenants.id, tenant))]);
      return row === undefined ? null : storedTenant(row);
    },
    updateTenant: async (tenant, { name, policy }, expected) => {
      const key = eq(tenants.id, tenant);
      const [written, there] = await asTenant(database, tenant, [
        orm
          .update(tenants)
          .set({ name, policy })
          .where(and(key, inRevision(tenants.revision, expected)))
          .returning(),
        orm.select({ id: tenants.id }).from(tenants).where(key),
      ]);
      return outcome(written, there, storedTenant);
    },
  };
}
