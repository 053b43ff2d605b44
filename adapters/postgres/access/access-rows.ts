/** Rows of who may act for a tenant, as the model has them. */
import type { TrunkSecret } from "../../../domain/configuration/access-store.ts";
import type { Stored } from "../../../domain/configuration/store.ts";
import type { DirectoryUser } from "../../../domain/identity/principal.ts";
import type { SealedSecrets } from "../../../domain/routing/snapshot.ts";
import type { TrunkId } from "../../../domain/shared/ids.ts";
import type { trunkSecrets } from "../../../schema/index.ts";
import { msOf, stored } from "./rows-written.ts";
import type { UserRow } from "./users.ts";

export type SecretRow = typeof trunkSecrets.$inferSelect;

export function storedSecret(row: SecretRow): Stored<TrunkSecret> {
  const { id, createdBy } = row;
  return stored({ trunk: row.trunk as TrunkId, id, retiredAtMs: msOf(row.retiredAt), createdBy }, row);
}

export function directoryUser(row: UserRow): DirectoryUser {
  const { id, roles, disabledAt, issuer } = row;
  return { id, roles, disabled: disabledAt !== null, ...(issuer === null ? {} : { issuer }) };
}

/** @param rows sorted by trunk. */
export function sealedSecrets(rows: readonly SecretRow[]): SealedSecrets[] {
  const byTrunk = Map.groupBy(rows, ({ trunk }) => trunk);
  return [...byTrunk].map(([trunk, secrets]) => ({
    trunk: trunk as TrunkId,
    sealed: secrets.map(({ sealed }) => sealed),
    ids: secrets.map(({ id }) => id),
  }));
}
