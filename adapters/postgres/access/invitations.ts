/** Invitations in Postgres. */
import { type SQL, and, asc, eq, gt, isNull, or, sql } from "drizzle-orm";
import type { Stored } from "../../../domain/configuration/store.ts";
import type {
  AcceptProblem,
  Invitation,
  InvitationState,
  Joining,
  PeopleStore,
  User,
} from "../../../domain/identity/people-store.ts";
import type { TenantId } from "../../../domain/shared/ids.ts";
import { type Result, err, ok } from "../../../domain/shared/result.ts";
import { invitations, users } from "../../../schema/index.ts";
import type { DataKeys } from "../../identity/data-keys.ts";
import { type Database, asTenant } from "../client.ts";
import { pageOf } from "../page.ts";
import { UNIQUE_VIOLATION, sqlState } from "../unavailable.ts";
import { directoryLock, guardRoles, missedBy } from "./named.ts";
import { openPersonal, sealPersonal } from "./personal.ts";
import { inTenant, msOf, outcome, stored } from "./rows-written.ts";
import { guardRoomFor, openUser, sealedUser } from "./users.ts";

type InvitationRow = typeof invitations.$inferSelect;

async function openInvitation(keys: DataKeys, row: InvitationRow): Promise<Stored<Invitation>> {
  const { id, tenantId: tenant, email, roles, acceptedBy, createdBy } = row;
  const invitation: Invitation = {
    id,
    email: email === null ? null : (await openPersonal(keys, { column: "invitations.email", tenant, id }, email)) || null,
    name: await openPersonal(keys, { column: "invitations.name", tenant, id }, row.name),
    roles,
    expiresAtMs: row.expiresAt.getTime(),
    acceptedAtMs: msOf(row.acceptedAt),
    acceptedBy,
    revokedAtMs: msOf(row.revokedAt),
    createdBy,
  };
  return stored(invitation, row);
}

const keyOf = (tenant: string, id: string): SQL | undefined => and(eq(invitations.tenantId, tenant), eq(invitations.id, id));

const OPEN = sql`${invitations.acceptedAt} is null and ${invitations.revokedAt} is null`;

/** As `invitationState` in domain/identity has it. */
function inState(state: string, nowMs: number): SQL {
  const now = sql`${new Date(nowMs).toISOString()}::timestamptz`;
  const conditions: Readonly<Record<InvitationState, SQL>> = {
    accepted: sql`${invitations.acceptedAt} is not null`,
    revoked: sql`(${invitations.acceptedAt} is null and ${invitations.revokedAt} is not null)`,
    expired: sql`(${OPEN} and ${invitations.expiresAt} <= ${now})`,
    pending: sql`(${OPEN} and ${invitations.expiresAt} > ${now})`,
  };
  return conditions[state as InvitationState];
}

type InvitationStore = Pick<
  PeopleStore,
  "listInvitations" | "getInvitation" | "createInvitation" | "revokeInvitation" | "invitationHash" | "acceptInvitation"
>;

export function createInvitationStore(database: Database, keys: DataKeys): InvitationStore {
  const { orm } = database;

  async function read(tenant: string, id: string): Promise<InvitationRow | undefined> {
    const [[row]] = await asTenant(database, tenant, [orm.select().from(invitations).where(keyOf(tenant, id))]);
    return row;
  }

  async function accept(
    tenant: TenantId,
    invitation: Invitation,
    { subject, issuer }: Joining,
    nowMs: number,
  ): Promise<Result<Stored<User>, AcceptProblem>> {
    const { email, emailIndex, name } = await sealedUser(keys, tenant, { ...invitation, id: subject });
    const now = new Date(nowMs);
    const user = and(eq(users.tenantId, tenant), eq(users.id, subject));
    // Both or neither: whoever finds the invitation open joins, and nobody after them.
    const joining = sql`with taken as (
        update invitations set accepted_at = ${now.toISOString()}::timestamptz, accepted_by = ${subject}
        where tenant_id = ${tenant} and id = ${invitation.id} and accepted_at is null and revoked_at is null
          and expires_at > ${now.toISOString()}::timestamptz
          and not exists (select 1 from users where tenant_id = ${tenant} and id = ${subject})
        returning roles
      )
      insert into users (tenant_id, id, issuer, email, email_index, name, roles)
      select ${tenant}::text, ${subject}::text, ${issuer}::text, ${email}::text, ${emailIndex}::text, ${name}::text, taken.roles from taken
      returning id`;
    const before = orm.select({ id: users.id }).from(users).where(user);
    const [, known, joined, , [row]] = await asTenant(database, tenant, [
      orm.execute(directoryLock(tenant)),
      before,
      orm.execute(joining),
      orm.execute(guardRoomFor(tenant)),
      orm.select().from(users).where(user),
    ]);
    if (joined.rows.length === 0 || row === undefined) return err({ tag: known.length > 0 ? "known" : "gone" });
    return ok(await openUser(keys, row));
  }

  return {
    listInvitations: async (tenant, { filters, afterKey, limit }, nowMs) => {
      const behind = afterKey === null ? undefined : gt(invitations.id, afterKey);
      const states = filters["state"]?.map((state) => inState(state, nowMs));
      const [rows] = await asTenant(database, tenant, [
        orm
          .select()
          .from(invitations)
          .where(and(eq(invitations.tenantId, tenant), states === undefined ? undefined : or(...states), behind))
          .orderBy(asc(invitations.id))
          .limit(limit + 1),
      ]);
      const { items, nextKey } = pageOf(
        rows,
        limit,
        ({ id }) => id,
        (row) => openInvitation(keys, row),
      );
      return { items: await Promise.all(items), nextKey };
    },
    getInvitation: async (tenant, id) => {
      const row = await read(tenant, id);
      return row === undefined ? null : openInvitation(keys, row);
    },
    createInvitation: async (tenant, { expiresAtMs, roles, email, name, ...rest }) => {
      const { id } = rest;
      const row = {
        ...rest,
        tenantId: tenant,
        email: email === null ? null : await sealPersonal(keys, { column: "invitations.email", tenant, id }, email),
        name: await sealPersonal(keys, { column: "invitations.name", tenant, id }, name),
        roles: [...roles],
        expiresAt: new Date(expiresAtMs),
      };
      const writing = asTenant(database, tenant, [
        orm.execute(directoryLock(tenant)),
        orm.execute(guardRoles(tenant, roles)),
        orm.insert(invitations).values(row).onConflictDoNothing().returning(),
      ]).then(([, , written]) => outcome(written, [id], (made) => openInvitation(keys, made)));
      const made = await inTenant(writing);
      return made.ok ? ok(await made.value) : made;
    },
    revokeInvitation: async (tenant, id, nowMs) => {
      const [written, [there]] = await asTenant(database, tenant, [
        orm
          .update(invitations)
          .set({ revokedAt: new Date(nowMs) })
          .where(and(keyOf(tenant, id), isNull(invitations.acceptedAt), isNull(invitations.revokedAt)))
          .returning(),
        orm.select().from(invitations).where(keyOf(tenant, id)),
      ]);
      const row = written[0] ?? there;
      if (row === undefined) return err({ tag: "not_found" });
      if (row.acceptedBy !== null) return err({ tag: "in_use", by: [`users/${row.acceptedBy}`] });
      return ok(await openInvitation(keys, row));
    },
    invitationHash: async (tenant, id) => (await read(tenant, id))?.tokenHash ?? null,
    acceptInvitation: async (tenant, id, joining, nowMs) => {
      const row = await read(tenant, id);
      if (row === undefined) return err({ tag: "gone" });
      try {
        return await accept(tenant, (await openInvitation(keys, row)).entity, joining, nowMs);
      } catch (error) {
        // Somebody has written the same user at the same moment.
        if (sqlState(error) === UNIQUE_VIOLATION) return err({ tag: "known" });
        const missed = missedBy(error);
        if (missed?.tag === "full") return err(missed);
        throw error;
      }
    },
  };
}
