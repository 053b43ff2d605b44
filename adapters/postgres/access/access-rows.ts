/** Rows of who may act for a tenant, as the model has them. */
import type { ApiKey, TrunkSecret, User } from "../../../domain/configuration/access-store.ts";
import type { Stored } from "../../../domain/configuration/store.ts";
import type { ApiKeyRecord } from "../../../domain/identity/api-key.ts";
import { type DirectoryUser, knownRoles } from "../../../domain/identity/principal.ts";
import type { SealedSecrets } from "../../../domain/routing/snapshot.ts";
import type { TenantId, TrunkId } from "../../../domain/shared/ids.ts";
import type { apiKeys, trunkSecrets, users } from "../../../schema/index.ts";

export type KeyRow = typeof apiKeys.$inferSelect;
export type UserRow = typeof users.$inferSelect;
export type SecretRow = typeof trunkSecrets.$inferSelect;

type Stamps = { readonly revision: number; readonly createdAt: Date; readonly updatedAt: Date };

const stored = <Entity>(entity: Entity, { revision, createdAt, updatedAt }: Stamps): Stored<Entity> => ({
  entity,
  revision,
  createdAtMs: createdAt.getTime(),
  updatedAtMs: updatedAt.getTime(),
});

const msOf = (date: Date | null): number | null => date?.getTime() ?? null;

export function storedKey(row: KeyRow): Stored<ApiKey> {
  const key: ApiKey = {
    id: row.id,
    name: row.name,
    roles: knownRoles(row.roles),
    trunk: row.trunk as TrunkId | null,
    expiresAtMs: msOf(row.expiresAt),
    revokedAtMs: msOf(row.revokedAt),
    createdBy: row.createdBy,
  };
  return stored(key, row);
}

export function storedUser(row: UserRow): Stored<User> {
  const { id, email, name } = row;
  return stored({ id, email, name, roles: knownRoles(row.roles), disabledAtMs: msOf(row.disabledAt) }, row);
}

export function storedSecret(row: SecretRow): Stored<TrunkSecret> {
  const { id, createdBy } = row;
  return stored({ trunk: row.trunk as TrunkId, id, retiredAtMs: msOf(row.retiredAt), createdBy }, row);
}

export function keyRecord(row: KeyRow): ApiKeyRecord {
  return {
    id: row.id,
    tenant: row.tenantId as TenantId,
    secretHash: row.secretHash,
    roles: knownRoles(row.roles),
    ...(row.trunk === null ? {} : { trunk: row.trunk as TrunkId }),
    ...(row.expiresAt === null ? {} : { expiresAt: row.expiresAt.toISOString() }),
    ...(row.revokedAt === null ? {} : { revokedAt: row.revokedAt.toISOString() }),
  };
}

export function directoryUser(row: UserRow): DirectoryUser {
  return { id: row.id, roles: knownRoles(row.roles), disabled: row.disabledAt !== null };
}

/** @param rows sorted by trunk. */
export function sealedSecrets(rows: readonly SecretRow[]): SealedSecrets[] {
  const byTrunk = Map.groupBy(rows, ({ trunk }) => trunk);
  return [...byTrunk].map(([trunk, secrets]) => ({
    trunk: trunk as TrunkId,
    sealed: secrets.map(({ sealed }) => sealed),
  }));
}
