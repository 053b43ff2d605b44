/** All that counts of who may act for a tenant, in one reading. */
import { and, asc, eq, isNull } from "drizzle-orm";
import type { AccessState } from "../../../domain/configuration/access-store.ts";
import type { TenantId } from "../../../domain/shared/ids.ts";
import { apiKeys, revisionHeads, trunkSecrets, users } from "../../../schema/index.ts";
import { type Database, asTenant } from "../client.ts";
import { directoryUser, keyRecord, sealedSecrets } from "./access-rows.ts";

/**
 * See `AccessStore.readAccess`. The revision is read first: should something change meanwhile, the state is newer than its revision
 * says, and whoever made the change reads and writes it again under the next one.
 */
export async function readAccess(database: Database, tenant: TenantId): Promise<AccessState> {
  const { orm } = database;
  const [head, keys, secrets, directory] = await asTenant(database, tenant, [
    orm
      .select({ revision: revisionHeads.revision })
      .from(revisionHeads)
      .where(and(eq(revisionHeads.tenantId, tenant), eq(revisionHeads.part, "access"))),
    orm.select().from(apiKeys).where(eq(apiKeys.tenantId, tenant)).orderBy(asc(apiKeys.id)),
    orm
      .select()
      .from(trunkSecrets)
      .where(and(eq(trunkSecrets.tenantId, tenant), isNull(trunkSecrets.retiredAt)))
      .orderBy(asc(trunkSecrets.trunk), asc(trunkSecrets.id)),
    orm.select().from(users).where(eq(users.tenantId, tenant)).orderBy(asc(users.id)),
  ]);
  return {
    revision: head[0]?.revision ?? 0,
    apiKeys: keys.map(keyRecord),
    trunkSecrets: sealedSecrets(secrets),
    users: directory.map(directoryUser),
  };
}
