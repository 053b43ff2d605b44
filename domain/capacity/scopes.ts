/** What a call is counted against: bounded scopes of its tenant, its trunk, and the destination that it has come to. */
import type { CapacityPolicy, Destination } from "../configuration/model.ts";
import type { CapacityScope, Plan, PlannedDestination } from "../routing/plan.ts";
import type { RouterSource } from "../routing/router.ts";
import type { TenantId, TrunkId } from "../shared/ids.ts";
import type { Bound, ScopeKey } from "./lease.ts";

export type CapacitySource = Pick<RouterSource, "settings" | "trunk" | "destination">;

/** What bounds a call: in any case, and at each destination of its plan besides. */
export type CallBounds = { readonly always: readonly Bound[]; readonly places: readonly (readonly Bound[])[] };

export function isBounded({ maxCalls, maxCallsPerSecond }: CapacityPolicy): boolean {
  return maxCalls !== null || maxCallsPerSecond !== null;
}

/** Ids have no slash. */
export function scopeKey({ of, id }: Pick<CapacityScope, "of" | "id">): ScopeKey {
  return `${of}/${id}`;
}

/** Opposite of `scopeKey`; null: no key. */
export function scopeOf(key: ScopeKey): Pick<CapacityScope, "of" | "id"> | null {
  const [of = "", ...rest] = key.split("/");
  if (of !== "tenant" && of !== "trunk" && of !== "destination") return null;
  return { of, id: rest.join("/") };
}

function boundOf(of: CapacityScope["of"], id: string, policy: CapacityPolicy | undefined): readonly Bound[] {
  return policy !== undefined && isBounded(policy) ? [{ scope: scopeKey({ of, id }), policy }] : [];
}

/** A call to a number takes a line of the gateway that it leaves by, too. */
function placeOf(source: CapacitySource, destination: Destination | null): readonly Bound[] {
  if (destination === null) return [];
  const { id, capacity, target } = destination;
  const via = target.type === "number" ? source.destination(target.via) : null;
  return [...boundOf("destination", id, capacity), ...(via === null ? [] : boundOf("destination", via.id, via.capacity))];
}

/** Null: nothing bounds the call. */
export function boundsOf(
  source: CapacitySource,
  tenant: TenantId,
  trunk: TrunkId,
  destinations: readonly Pick<PlannedDestination, "id">[],
): CallBounds | null {
  const always = [
    ...boundOf("tenant", tenant, source.settings.capacity),
    ...boundOf("trunk", trunk, source.trunk(trunk)?.capacity),
  ];
  const places = destinations.map(({ id }) => placeOf(source, source.destination(id)));
  return always.length === 0 && places.every((bounds) => bounds.length === 0) ? null : { always, places };
}

/** As a plan has them. @param places of the destinations that the plan has in the end, in its order. */
export function plannedScopes({ always, places }: CallBounds): readonly CapacityScope[] {
  const at = new Map<ScopeKey, number[]>();
  for (const [index, bounds] of places.entries())
    for (const { scope } of bounds) at.set(scope, [...(at.get(scope) ?? []), index]);
  const fixed = always.flatMap(({ scope }) => scopeOf(scope) ?? []);
  const moving = [...at].flatMap(([scope, indexes]) => {
    const known = scopeOf(scope);
    return known === null ? [] : [{ ...known, at: indexes }];
  });
  return [...fixed, ...moving];
}

/** The plan, saying what it is counted against; the same one where that is nothing. */
export function countedPlan(plan: Plan, bounds: CallBounds | null): Plan {
  return plan.action === "reject" || bounds === null ? plan : { ...plan, capacity: plannedScopes(bounds) };
}

/** What a call is counted against while it is at this destination of its plan. */
export function scopesAt(capacity: readonly CapacityScope[], index: number): readonly ScopeKey[] {
  return capacity.filter(({ at }) => at === undefined || at.includes(index)).map(scopeKey);
}
