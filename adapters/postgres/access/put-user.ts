/** Writing a user of the directory. */
import { and, eq, getTableColumns, sql } from "drizzle-orm";
import type { User, UserInput } from "../../../domain/configuration/access-store.ts";
import type { Expected, Stored, WriteProblem } from "../../../domain/configuration/store.ts";
import type { TenantId } from "../../../domain/shared/ids.ts";
import { type Result, err, ok } from "../../../domain/shared/result.ts";
import { users } from "../../../schema/index.ts";
import { type Database, asTenant } from "../client.ts";
import { FOREIGN_KEY_VIOLATION, sqlState } from "../unavailable.ts";
import { storedUser } from "./access-rows.ts";

/** See `AccessStore.putUser`. */
export async function putUser(
  database: Database,
  tenant: TenantId,
  { disabled, roles, ...user }: UserInput,
  expected: Expected,
  nowMs: number,
): Promise<Result<{ readonly stored: Stored<User>; readonly created: boolean }, WriteProblem>> {
  const { orm } = database;
  const disabledAt = disabled ? new Date(nowMs) : null;
  const row = { ...user, tenantId: tenant, roles: [...roles], disabledAt };
  const changes = {
    email: user.email,
    name: user.name,
    roles: [...roles],
    // Who is disabled already has been so since then.
    disabledAt: disabledAt === null ? null : sql`coalesce(${users.disabledAt}, ${disabledAt.toISOString()}::timestamptz)`,
  };
  const key = and(eq(users.tenantId, tenant), eq(users.id, user.id));
  const columns = { ...getTableColumns(users), created: sql<boolean>`xmax = 0` };
  const there = orm.select({ id: users.id }).from(users).where(key);
  const insertion = orm.insert(users).values(row);
  const write =
    expected.tag === "absent"
      ? insertion.onConflictDoNothing().returning(columns)
      : expected.tag === "any"
        ? insertion.onConflictDoUpdate({ target: [users.tenantId, users.id], set: changes }).returning(columns)
        : orm
            .update(users)
            .set(changes)
            .where(and(key, eq(users.revision, expected.revision)))
            .returning(columns);
  try {
    const [[written], found] = await asTenant(database, tenant, [write, there]);
    if (written !== undefined) return ok({ stored: storedUser(written), created: written.created });
    return err({ tag: found.length === 0 ? "not_found" : "precondition_failed" });
  } catch (error) {
    if (sqlState(error) === FOREIGN_KEY_VIOLATION) return err({ tag: "not_found" });
    throw error;
  }
}
