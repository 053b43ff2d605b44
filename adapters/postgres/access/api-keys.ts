/** API keys, in Postgres. */
import { type SQL, and, asc, eq, gt, isNotNull, isNull, lt, or, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import {
  type AccessStore,
  type ApiKey,
  ENDED_KEY_DAYS,
  MAX_API_KEYS,
  type NewApiKey,
} from "../../../domain/configuration/access-store.ts";
import type { Stored } from "../../../domain/configuration/store.ts";
import type { ApiKeyRecord } from "../../../domain/identity/api-key.ts";
import { PERMISSIONS } from "../../../domain/identity/principal.ts";
import type { TenantId, TrunkId } from "../../../domain/shared/ids.ts";
import { err, ok } from "../../../domain/shared/result.ts";
import { apiKeys } from "../../../schema/index.ts";
import { type Database, asTenant } from "../client.ts";
import { type Filter, conditionsOf, oneOf } from "../configuration/kind-table.ts";
import { pageOf } from "../page.ts";
import { REFUSED_BY_FUNCTION, sqlState } from "../unavailable.ts";
import { directoryLock, guardRoles, guardRoom, missedBy } from "./named.ts";
import { doneBefore, inRevision, inserted, msOf, outcome, stored } from "./rows-written.ts";

type KeyRow = typeof apiKeys.$inferSelect;

/** Whether the time is there at all. */
export const hasTime =
  (column: PgColumn): Filter =>
  (values) =>
    or(...values.map((value) => (value === "true" ? isNotNull(column) : isNull(column))));

const FILTERS = { trunk: oneOf(apiKeys.trunk), revoked: hasTime(apiKeys.revokedAt) };

/** How many keys of a tenant hold. */
const holding = (tenant: string): SQL =>
  sql`select count(*) from api_keys where tenant_id = ${tenant} and revoked_at is null and coalesce(expires_at > now(), true)`;

/** Keys that hold, or have ended not long ago. */
export const isInForce = sql`coalesce(least(${apiKeys.revokedAt}, ${apiKeys.expiresAt}) > now() - make_interval(days => ${ENDED_KEY_DAYS}), true)`;

/** A scope that this version does not know is none. */
const scopesOf = ({ scopes }: KeyRow) => (scopes === null ? null : PERMISSIONS.filter((one) => scopes.includes(one)));

function storedKey(row: KeyRow): Stored<ApiKey> {
  const { id, name, roles, allowedNetworks, publicKey, rotatedFrom, createdBy } = row;
  const key: ApiKey = {
    id,
    name,
    roles,
    trunk: row.trunk as TrunkId | null,
    scopes: scopesOf(row),
    allowedNetworks,
    publicKey,
    rotatedFrom,
    expiresAtMs: msOf(row.expiresAt),
    revokedAtMs: msOf(row.revokedAt),
    lastUsedAtMs: msOf(row.lastUsedAt),
    createdBy,
  };
  return stored(key, row);
}

/** What of a key is in force. When it was last used is not part of it. */
export function keyRecord(row: KeyRow): ApiKeyRecord {
  const { id, secretHash, roles, trunk, allowedNetworks, publicKey, expiresAt, revokedAt } = row;
  const scopes = scopesOf(row);
  return {
    id,
    tenant: row.tenantId as TenantId,
    secretHash,
    roles,
    ...(trunk === null ? {} : { trunk: trunk as TrunkId }),
    ...(scopes === null ? {} : { scopes }),
    ...(allowedNetworks.length === 0 ? {} : { allowedNetworks }),
    ...(publicKey === null ? {} : { publicKey }),
    ...(expiresAt === null ? {} : { expiresAt: expiresAt.toISOString() }),
    ...(revokedAt === null ? {} : { revokedAt: revokedAt.toISOString() }),
  };
}

const keyOf = (tenant: string, id: string): SQL | undefined => and(eq(apiKeys.tenantId, tenant), eq(apiKeys.id, id));

const dateOf = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));

function rowOf(tenant: string, { expiresAtMs, roles, scopes, allowedNetworks, ...key }: NewApiKey) {
  const lists = { roles: [...roles], scopes: scopes === null ? null : [...scopes], allowedNetworks: [...allowedNetworks] };
  return { ...key, ...lists, tenantId: tenant, expiresAt: dateOf(expiresAtMs) };
}

type KeyStore = Pick<
  AccessStore,
  "listApiKeys" | "getApiKey" | "createApiKey" | "rotateApiKey" | "revokeApiKey" | "noteKeyUse"
>;

export function createKeyStore(database: Database): KeyStore {
  const { orm } = database;
  return {
    listApiKeys: async (tenant, { filters, afterKey, limit }) => {
      const behind = afterKey === null ? undefined : gt(apiKeys.id, afterKey);
      const [rows] = await asTenant(database, tenant, [
        orm
          .select()
          .from(apiKeys)
          .where(and(eq(apiKeys.tenantId, tenant), ...conditionsOf(FILTERS, filters), behind))
          .orderBy(asc(apiKeys.id))
          .limit(limit + 1),
      ]);
      return pageOf(rows, limit, ({ id }) => id, storedKey);
    },
    getApiKey: async (tenant, id) => {
      const [[row]] = await asTenant(database, tenant, [orm.select().from(apiKeys).where(keyOf(tenant, id))]);
      return row === undefined ? null : storedKey(row);
    },
    createApiKey: (tenant, key) =>
      inserted(
        asTenant(database, tenant, [
          orm.execute(directoryLock(tenant)),
          orm.execute(guardRoles(tenant, key.roles)),
          orm.insert(apiKeys).values(rowOf(tenant, key)).onConflictDoNothing().returning(),
          orm.execute(guardRoom(holding(tenant), MAX_API_KEYS)),
        ]).then(([, , made]) => made),
        storedKey,
      ),
    rotateApiKey: async (tenant, id, revision, successor, untilMs) => {
      const until = new Date(untilMs);
      // The row's lock makes one of two rotations wait, and look again at what the other one has left.
      const isAsExpected = sql`exists (select 1 from api_keys
        where tenant_id = ${tenant} and id = ${id} and revision = ${revision} for update)`;
      try {
        const [, [old], [made]] = await asTenant(database, tenant, [
          orm.execute(sql`select case when not ${isAsExpected} then refuse('precondition_failed', null) end`),
          orm
            .update(apiKeys)
            // Null counts as never: whatever is least is a time.
            .set({ expiresAt: sql`least(${apiKeys.expiresAt}, ${until.toISOString()}::timestamptz)` })
            .where(keyOf(tenant, id))
            .returning(),
          orm.insert(apiKeys).values(rowOf(tenant, successor)).returning(),
          orm.execute(guardRoom(holding(tenant), MAX_API_KEYS)),
        ]);
        return ok({ old: storedKey(old!), made: storedKey(made!) });
      } catch (error) {
        const missed = missedBy(error);
        if (missed !== null) return err(missed);
        if (sqlState(error) === REFUSED_BY_FUNCTION) return err({ tag: "precondition_failed" });
        throw error;
      }
    },
    revokeApiKey: async (tenant, id, expected, nowMs) => {
      const key = keyOf(tenant, id);
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
    noteKeyUse: async (tenant, id, atMs) => {
      const at = new Date(atMs);
      const isNews = or(isNull(apiKeys.lastUsedAt), lt(apiKeys.lastUsedAt, at));
      await asTenant(database, tenant, [
        orm
          .update(apiKeys)
          .set({ lastUsedAt: at })
          .where(and(keyOf(tenant, id), isNews)),
      ]);
    },
  };
}
