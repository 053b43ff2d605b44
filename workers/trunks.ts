/** Which trunk a request speaks for, and whether it may. */
import type { LoadedSnapshot } from "../adapters/r2/snapshot-loaded.ts";
import type { Problem } from "../contracts/problem.ts";
import type { Trunk, TrunkCredential } from "../domain/configuration/model.ts";
import { type Principal, mayUseTrunk } from "../domain/identity/principal.ts";
import type { TenantPolicy } from "../domain/identity/tenant-policy.ts";
import type { TrunkId } from "../domain/shared/ids.ts";

/** What a request says about its trunk, strongest first. */
export type TrunkHints = { readonly requested?: string | undefined; readonly source?: string | undefined };

/** The trunk that is named, else the one that the credentials belong to, else the one at this address, else the tenant's default. */
export function trunkFor(snapshot: LoadedSnapshot, principal: Principal | null, hints: TrunkHints): Trunk | null {
  const { router, trunkBySource } = snapshot;
  if (hints.requested !== undefined) return router.trunk(hints.requested);
  if (principal?.trunk !== undefined) return router.trunk(principal.trunk);
  const bySource = hints.source === undefined ? undefined : trunkBySource.get(hints.source);
  return bySource ?? router.trunk(router.settings.defaultTrunk);
}

const CREDENTIAL: Record<Principal["via"], TrunkCredential> = { jwt: "token", api_key: "api_key", signature: "signature" };

/** Why the principal may not place calls on the trunk; null when it may. @param policy the tenant's. */
export function trunkRefusal(
  snapshot: LoadedSnapshot,
  principal: Principal,
  id: TrunkId,
  { signedTrunks }: TenantPolicy,
): Problem | null {
  if (!mayUseTrunk(principal, id)) return { code: "forbidden", detail: "this identity is bound to another trunk" };
  if (principal.via !== "signature" && signedTrunks.includes(id))
    return { code: "signature_required", detail: "the tenant takes calls of this trunk from signed requests alone" };
  const takes = snapshot.router.trunk(id)?.auth.includes(CREDENTIAL[principal.via]) ?? false;
  return takes ? null : { code: "forbidden", detail: "the trunk does not take credentials of this kind" };
}
