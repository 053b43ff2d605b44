/** Which trunk a request speaks for, and whether it may. */
import type { LoadedSnapshot } from "../adapters/r2/snapshot-loaded.ts";
import type { Problem } from "../contracts/problem.ts";
import type { Trunk, TrunkCredential } from "../domain/configuration/model.ts";
import { type Principal, mayUseTrunk } from "../domain/identity/principal.ts";
import { NO_POLICY, type TenantPolicy } from "../domain/identity/tenant-policy.ts";
import { type SessionId, type TrunkId, laneOf } from "../domain/shared/ids.ts";
import type { AppContext } from "./context.ts";

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

const UNSIGNED_REPORT: Problem = {
  code: "signature_required",
  detail: "the tenant takes reports on calls of this trunk from signed requests alone",
};

/**
 * Why what is said of a session is not taken; null: it is, or there is no such session, or it is about an emergency, of which nothing is
 * refused for want of a signature. Looks at the session only where the tenant's policy makes a difference.
 */
export async function reportRefusal(c: AppContext, id: SessionId): Promise<Problem | null> {
  const { signedTrunks } = c.get("entry")?.policy ?? NO_POLICY;
  if (signedTrunks.length === 0 || c.get("principal").via === "signature" || laneOf(id) === "emergency") return null;
  const view = await c.get("deps").sessions.view(id);
  if (!view.ok) return { code: "unavailable", detail: "the session could not be reached" };
  const isOwn = view.value?.tenant === c.get("principal").tenant;
  const trunk = isOwn ? (view.value?.call?.trunk ?? null) : null;
  return trunk !== null && signedTrunks.includes(trunk) ? UNSIGNED_REPORT : null;
}
