/** The directory in Postgres. */
import { type SQL, and, asc, eq, gt, getTableColumns, inArray, isNotNull, isNull, or, sql } from "drizzle-orm";
import type { Expected, Filters, Stored } from "../../../domain/configuration/store.ts";
import {
  MAX_USERS,
  type PeopleStore,
  type User,
  type UserInput,
  type UserProblem,
} from "../../../domain/identity/people-store.ts";
import type { TenantId } from "../../../domain/shared/ids.ts";
import { type Result, err, ok } from "../../../domain/shared/result.ts";
import { users } from "../../../schema/index.ts";
import type { DataKeys } from "../../identity/data-keys.ts";
import { type Database, asTenant } from "../client.ts";
import { type Filter, conditionsOf, hasOneOf, oneOf } from "../configuration/kind-table.ts";
import { pageOf } from "../page.ts";
import { FOREIGN_KEY_VIOLATION, sqlState } from "../unavailable.ts";
import { directoryLock, guardProfile, guardRoles, guardRoom, missedBy } from "./named.ts";
import { emailIndexOf, openPersonal, sealPersonal } from "./personal.ts";
import { inRevision, msOf, stored } from "./rows-written.ts";

export type UserRow = typeof users.$inferSelect;

const isDisabled: Filter = (values) =>
  or(...values.map((value) => (value === "true" ? isNotNull(users.disabledAt) : isNull(users.disabledAt))));
const FILTERS = { role: hasOneOf(users.roles), profile: oneOf(users.profile), disabled: isDisabled };

const IS_ADMIN = sql<boolean>`(${users.disabledAt} is null and 'admin' = any(${users.roles}))`;

/** That the directory keeps an administrator when this user is none any more. Behind `directoryLock`. */
const hasAdminWithout = (tenant: string, id: string): SQL =>
  sql`(not ${IS_ADMIN} or exists (select 1 from users as others where others.tenant_id = ${tenant} and others.id <> ${id}
    and others.disabled_at is null and 'admin' = any(others.roles)))`;

export async function openUser(keys: DataKeys, row: UserRow): Promise<Stored<User>> {
  const { id, tenantId: tenant, issuer, email, profile, roles } = row;
  const user: User = {
    id,
    issuer,
    email: email === null ? null : (await openPersonal(keys, { column: "users.email", tenant, id }, email)) || null,
    name: await openPersonal(keys, { column: "users.name", tenant, id }, row.name),
    profile,
    roles,
    disabledAtMs: msOf(row.disabledAt),
  };
  return stored(user, row);
}

/** The personal columns of a user, as they are stored. */
export async function sealedUser(keys: DataKeys, tenant: string, { id, email, name }: Pick<User, "id" | "email" | "name">) {
  return {
    email: email === null ? null : await sealPersonal(keys, { column: "users.email", tenant, id }, email),
    emailIndex: email === null ? null : await emailIndexOf(keys, tenant, email),
    name: await sealPersonal(keys, { column: "users.name", tenant, id }, name),
  };
}

/** Addresses of rows that were written before there was encryption stand there as they are. */
async function byEmail(keys: DataKeys, tenant: string, emails: readonly string[]): Promise<SQL | undefined> {
  const indexes = await Promise.all(emails.map((email) => emailIndexOf(keys, tenant, email)));
  return or(inArray(users.emailIndex, indexes), and(isNull(users.emailIndex), inArray(users.email, [...emails])));
}

async function conditions(keys: DataKeys, tenant: string, filters: Filters): Promise<(SQL | undefined)[]> {
  const { email, ...others } = filters;
  return [...conditionsOf(FILTERS, others), email === undefined ? undefined : await byEmail(keys, tenant, email)];
}

const keyOf = (tenant: string, id: string): SQL | undefined => and(eq(users.tenantId, tenant), eq(users.id, id));

/** Undoes the write before it when the directory has more users than it may. */
export const guardRoomFor = (tenant: string): SQL =>
  guardRoom(sql`select count(*) from users where tenant_id = ${tenant}`, MAX_USERS);

type There = { readonly revision: number; readonly isAdmin: boolean };

/** Why nothing was written. @param leaves whether the write would have taken an administrator away. */
function refusal([there]: readonly There[], expected: Expected, leaves: boolean): UserProblem {
  if (there === undefined) return { tag: "not_found" };
  const isExpected = expected.tag === "any" || (expected.tag === "revision" && expected.revision === there.revision);
  return leaves && there.isAdmin && isExpected ? { tag: "last_admin" } : { tag: "precondition_failed" };
}

type UserStore = Pick<PeopleStore, "listUsers" | "getUser" | "putUser" | "removeUser">;

export function createUserStore(database: Database, keys: DataKeys): UserStore {
  const { orm } = database;
  const there = (tenant: string, id: string) =>
    orm.select({ revision: users.revision, isAdmin: IS_ADMIN }).from(users).where(keyOf(tenant, id));

  async function put(
    tenant: TenantId,
    { disabled, roles, ...user }: UserInput,
    expected: Expected,
    nowMs: number,
  ): Promise<Result<{ readonly stored: Stored<User>; readonly created: boolean }, UserProblem>> {
    const disabledAt = disabled ? new Date(nowMs) : null;
    const { issuer, profile } = user;
    const content = {
      ...(await sealedUser(keys, tenant, user)),
      ...(issuer === undefined ? {} : { issuer }),
      profile,
      roles: [...roles],
    };
    // Who is disabled already has been so since then.
    const since = disabledAt === null ? null : sql`coalesce(${users.disabledAt}, ${disabledAt.toISOString()}::timestamptz)`;
    const changes = { ...content, disabledAt: since };
    const leaves = disabled || !roles.includes("admin");
    const keepsAdmin = leaves ? hasAdminWithout(tenant, user.id) : undefined;
    const columns = { ...getTableColumns(users), created: sql<boolean>`xmax = 0` };
    const insertion = orm.insert(users).values({ ...content, id: user.id, tenantId: tenant, disabledAt });
    const target = [users.tenantId, users.id];
    const write =
      expected.tag === "absent"
        ? insertion.onConflictDoNothing().returning(columns)
        : expected.tag === "any"
          ? insertion
              .onConflictDoUpdate({ target, set: changes, ...(keepsAdmin === undefined ? {} : { setWhere: keepsAdmin }) })
              .returning(columns)
          : orm
              .update(users)
              .set(changes)
              .where(and(keyOf(tenant, user.id), eq(users.revision, expected.revision), keepsAdmin))
              .returning(columns);
    const [, , , [written], , found] = await asTenant(database, tenant, [
      orm.execute(directoryLock(tenant)),
      orm.execute(guardRoles(tenant, roles)),
      orm.execute(guardProfile(tenant, user.profile)),
      write,
      orm.execute(guardRoomFor(tenant)),
      there(tenant, user.id),
    ]);
    if (written === undefined) return err(refusal(found, expected, leaves));
    return ok({ stored: await openUser(keys, written), created: written.created });
  }

  return {
    listUsers: async (tenant, { filters, afterKey, limit }) => {
      const behind = afterKey === null ? undefined : gt(users.id, afterKey);
      const [rows] = await asTenant(database, tenant, [
        orm
          .select()
          .from(users)
          .where(and(eq(users.tenantId, tenant), ...(await conditions(keys, tenant, filters)), behind))
          .orderBy(asc(users.id))
          .limit(limit + 1),
      ]);
      const { items, nextKey } = pageOf(
        rows,
        limit,
        ({ id }) => id,
        (row) => openUser(keys, row),
      );
      return { items: await Promise.all(items), nextKey };
    },
    getUser: async (tenant, id) => {
      const [[row]] = await asTenant(database, tenant, [orm.select().from(users).where(keyOf(tenant, id))]);
      return row === undefined ? null : openUser(keys, row);
    },
    putUser: async (tenant, user, expected, nowMs) => {
      try {
        return await put(tenant, user, expected, nowMs);
      } catch (error) {
        if (sqlState(error) === FOREIGN_KEY_VIOLATION) return err({ tag: "not_found" });
        const missed = missedBy(error);
        if (missed !== null) return err(missed);
        throw error;
      }
    },
    removeUser: async (tenant, id, expected) => {
      const [, removed, found] = await asTenant(database, tenant, [
        orm.execute(directoryLock(tenant)),
        orm
          .delete(users)
          .where(and(keyOf(tenant, id), inRevision(users.revision, expected), hasAdminWithout(tenant, id)))
          .returning({ id: users.id }),
        there(tenant, id),
      ]);
      return removed.length > 0 ? ok(null) : err(refusal(found, expected, true));
    },
  };
}
