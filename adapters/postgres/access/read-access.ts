/** All that counts of who may act for a tenant, in one reading. */
import { and, asc, eq, isNull } from "drizzle-orm";
import type { AccessState } from "../../../domain/configuration/access-store.ts";
import { NO_POLICY, type TenantPolicy } from "../../../domain/identity/tenant-policy.ts";
import type { TenantId } from "../../../domain/shared/ids.ts";
import {
  apiKeys,
  issuers,
  revisionHeads,
  roles,
  tenants,
  trunkSecrets,
  users,
  webhookEndpoints,
} from "../../../schema/index.ts";
import { type Database, asTenant } from "../client.ts";
import { webhookTarget } from "../webhooks/webhook-rows.ts";
import { directoryUser, sealedSecrets } from "./access-rows.ts";
import { isInForce, keyRecord } from "./api-keys.ts";
import { issuerOf } from "./issuers.ts";
import { roleRecord } from "./roles.ts";

/** Nothing settled is the same as nothing there. */
function policyOf(settled: TenantPolicy | undefined): { readonly policy?: TenantPolicy } {
  const policy = { ...NO_POLICY, ...settled };
  const isSettled = [policy.corsOrigins, policy.signedPermissions, policy.signedTrunks, Object.keys(policy.limits)];
  return isSettled.every(({ length }) => length === 0) ? {} : { policy };
}

/**
 * See `AccessStore.readAccess`. The revision is read first: should something change meanwhile, the state is newer than its revision
 * says, and whoever made the change reads and writes it again under the next one.
 */
export async function readAccess(database: Database, tenant: TenantId): Promise<AccessState> {
  const { orm } = database;
  const [head, keys, secrets, directory, ownRoles, settled, hooks, trusted] = await asTenant(database, tenant, [
    orm
      .select({ revision: revisionHeads.revision })
      .from(revisionHeads)
      .where(and(eq(revisionHeads.tenantId, tenant), eq(revisionHeads.part, "access"))),
    orm
      .select()
      .from(apiKeys)
      .where(and(eq(apiKeys.tenantId, tenant), isInForce))
      .orderBy(asc(apiKeys.id)),
    orm
      .select()
      .from(trunkSecrets)
      .where(and(eq(trunkSecrets.tenantId, tenant), isNull(trunkSecrets.retiredAt)))
      .orderBy(asc(trunkSecrets.trunk), asc(trunkSecrets.id)),
    orm.select().from(users).where(eq(users.tenantId, tenant)).orderBy(asc(users.id)),
    orm.select().from(roles).where(eq(roles.tenantId, tenant)).orderBy(asc(roles.id)),
    orm.select({ policy: tenants.policy }).from(tenants).where(eq(tenants.id, tenant)),
    orm
      .select()
      .from(webhookEndpoints)
      .where(and(eq(webhookEndpoints.tenantId, tenant), isNull(webhookEndpoints.disabledAt)))
      .orderBy(asc(webhookEndpoints.id)),
    orm.select().from(issuers).where(eq(issuers.tenantId, tenant)).orderBy(asc(issuers.id)),
  ]);
  return {
    revision: head[0]?.revision ?? 0,
    apiKeys: keys.map(keyRecord),
    trunkSecrets: sealedSecrets(secrets),
    users: directory.map(directoryUser),
    ...(ownRoles.length === 0 ? {} : { roles: ownRoles.map(roleRecord) }),
    ...(trusted.length === 0 ? {} : { issuers: trusted.map(issuerOf) }),
    ...policyOf(settled[0]?.policy),
    ...(hooks.length === 0 ? {} : { webhooks: hooks.map(webhookTarget) }),
  };
}
