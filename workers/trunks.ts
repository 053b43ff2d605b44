/** Which trunk a request speaks for. */
import { type Principal, mayUseTrunk } from "../domain/identity/principal.ts";
import type { Trunk } from "../domain/routing/snapshot.ts";
import type { RoutingTable } from "../domain/routing/table.ts";

export { mayUseTrunk as mayUse };

/** What a request says about its trunk, strongest first. */
export type TrunkHints = { readonly requested?: string | undefined; readonly source?: string | undefined };

/** The trunk that is named, else the one that the credentials belong to, else the one at this address, else the tenant's default. */
export function trunkFor(table: RoutingTable, principal: Principal | null, hints: TrunkHints): Trunk | null {
  if (hints.requested !== undefined) return table.trunks.get(hints.requested) ?? null;
  if (principal?.trunk !== undefined) return table.trunks.get(principal.trunk) ?? null;
  const bySource = hints.source === undefined ? undefined : table.trunkBySource.get(hints.source);
  return bySource ?? table.trunks.get(table.snapshot.defaultTrunk) ?? null;
}
