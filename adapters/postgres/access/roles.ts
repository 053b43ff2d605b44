/** Roles of the tenant's own, in Postgres. */
import { type SQL, and, asc, eq, getTableColumns, sql } from "drizzle-orm";
import type { Stored } from "../../../domain/configuration/store.ts";
import type { OwnRole, PeopleStore } from "../../../domain/identity/people-store.ts";
import { type CustomRole, PERMISSIONS } from "../../../domain/identity/principal.ts";
import { err, ok } from "../../../domain/shared/result.ts";
import { roles } from "../../../schema/index.ts";
import { type Database, asTenant } from "../client.ts";
import { directoryLock } from "./named.ts";
import { inRevision, inTenant, outcome, stored } from "./rows-written.ts";

export type RoleRow = typeof roles.$inferSelect;

/** How many of those that have a role are named. */
const MAX_NAMED = 10;

/** What a row grants; a permission that this version does not know grants nothing. */
export const roleRecord = ({ id, permissions }: RoleRow): CustomRole => ({
  id,
  permissions: PERMISSIONS.filter((permission) => permissions.includes(permission)),
});

const storedRole = (row: RoleRow): Stored<OwnRole> => stored({ ...roleRecord(row), description: row.description }, row);

const keyOf = (tenant: string, id: string): SQL | undefined => and(eq(roles.tenantId, tenant), eq(roles.id, id));

/** Everybody who has the role now, as `kind/id`. Revoked keys and closed invitations have none. */
const holdersOf = (tenant: string, id: string): SQL => sql`
  (select 'users/' || id as name from users where tenant_id = ${tenant} and ${id} = any(roles) limit ${MAX_NAMED})
  union all (select 'api-keys/' || id from api_keys where tenant_id = ${tenant} and ${id} = any(roles) and revoked_at is null
    limit ${MAX_NAMED})
  union all (select 'issuers/' || id from issuers where tenant_id = ${tenant} and (config -> 'defaultRoles' @> to_jsonb(array[${id}]::text[])
    or exists (select 1 from jsonb_each_text(coalesce(config -> 'roleNames', '{}')) as names where names.value = ${id})) limit ${MAX_NAMED})
  union all (select 'invitations/' || id from invitations where tenant_id = ${tenant} and ${id} = any(roles) and accepted_at is null
    and revoked_at is null and expires_at > now() limit ${MAX_NAMED})`;

type RoleStore = Pick<PeopleStore, "listRoles" | "getRole" | "ownRoles" | "putRole" | "removeRole">;

export function createRoleStore(database: Database): RoleStore {
  const { orm } = database;
  const all = (tenant: string) =>
    asTenant(database, tenant, [orm.select().from(roles).where(eq(roles.tenantId, tenant)).orderBy(asc(roles.id))]);
  return {
    listRoles: async (tenant) => (await all(tenant))[0].map(storedRole),
    getRole: async (tenant, id) => {
      const [[row]] = await asTenant(database, tenant, [orm.select().from(roles).where(keyOf(tenant, id))]);
      return row === undefined ? null : storedRole(row);
    },
    ownRoles: async (tenant) =>
      new Map((await all(tenant))[0].map(roleRecord).map(({ id, permissions }) => [id, permissions] as const)),
    putRole: (tenant, { id, description, permissions }, expected) => {
      const changes = { description, permissions: [...permissions] };
      const columns = { ...getTableColumns(roles), created: sql<boolean>`xmax = 0` };
      const insertion = orm.insert(roles).values({ ...changes, id, tenantId: tenant });
      const write =
        expected.tag === "absent"
          ? insertion.onConflictDoNothing().returning(columns)
          : expected.tag === "any"
            ? insertion.onConflictDoUpdate({ target: [roles.tenantId, roles.id], set: changes }).returning(columns)
            : orm
                .update(roles)
                .set(changes)
                .where(and(keyOf(tenant, id), eq(roles.revision, expected.revision)))
                .returning(columns);
      const there = orm.select({ id: roles.id }).from(roles).where(keyOf(tenant, id));
      const writing = asTenant(database, tenant, [write, there]).then(([written, found]) =>
        outcome(written, found, (row) => ({ stored: storedRole(row), created: row.created })),
      );
      return inTenant(writing);
    },
    removeRole: async (tenant, id, expected) => {
      const [, removed, there, holders] = await asTenant(database, tenant, [
        // Nobody gets it meanwhile.
        orm.execute(directoryLock(tenant)),
        orm
          .delete(roles)
          .where(and(keyOf(tenant, id), inRevision(roles.revision, expected), sql`not exists (${holdersOf(tenant, id)})`))
          .returning({ id: roles.id }),
        orm.select({ revision: roles.revision }).from(roles).where(keyOf(tenant, id)),
        orm.execute<{ name: string }>(sql`select name from (${holdersOf(tenant, id)}) as holders limit ${MAX_NAMED}`),
      ]);
      const [row] = there;
      const isExpected = expected.tag === "any" || (expected.tag === "revision" && row?.revision === expected.revision);
      const by = holders.rows.map(({ name }) => name);
      if (removed.length === 0 && row !== undefined && isExpected && by.length > 0) return err({ tag: "in_use", by });
      const result = outcome(removed, there, () => null);
      return result.ok ? ok(null) : result;
    },
  };
}
