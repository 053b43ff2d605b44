/** Who has access, as isolates look it up. */
import type { ApiKeyRecord } from "../../domain/identity/api-key.ts";
import type { DirectoryUser, Permission } from "../../domain/identity/principal.ts";
import type { TenantIssuer } from "../../domain/identity/tenant-issuer.ts";
import { NO_POLICY, type TenantPolicy } from "../../domain/identity/tenant-policy.ts";
import type { Access, SealedSecrets } from "../../domain/routing/snapshot.ts";
import type { WebhookTarget } from "../../domain/webhooks/target.ts";

/** Who may act for the tenant, laid out for look-up. */
export type AccessMaps = {
  readonly apiKeys: ReadonlyMap<string, ApiKeyRecord>;
  readonly users: ReadonlyMap<string, DirectoryUser>;
  /** By trunk. */
  readonly trunkSecrets: ReadonlyMap<string, Omit<SealedSecrets, "trunk">>;
  readonly policy: TenantPolicy;
  /** The tenant's own roles: what each grants. */
  readonly roles: ReadonlyMap<string, readonly Permission[]>;
  /** By the `iss` of their tokens; several of one differ in their audience. */
  readonly issuers: ReadonlyMap<string, readonly TenantIssuer[]>;
  readonly webhooks: readonly WebhookTarget[];
};

export function accessMapsOf({ apiKeys, users, trunkSecrets, roles, issuers, policy, webhooks }: Access): AccessMaps {
  return {
    apiKeys: new Map(apiKeys.map((key) => [key.id, key])),
    users: new Map(users.map((user) => [user.id, user])),
    trunkSecrets: new Map(trunkSecrets.map(({ trunk, ...secrets }) => [trunk, secrets])),
    policy: policy ?? NO_POLICY,
    roles: new Map((roles ?? []).map(({ id, permissions }) => [id, permissions])),
    issuers: Map.groupBy(issuers ?? [], ({ issuer }) => issuer),
    webhooks: webhooks ?? [],
  };
}
