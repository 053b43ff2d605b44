/** Destinations that fail rest: they are tried last, and by one call at a time, until they take one. */
import type { Breakers } from "../resilience/targets.ts";
import { targetKey } from "../resilience/targets.ts";
import { groupsOf } from "../routing/groups.ts";
import type { PlannedDestination } from "../routing/plan.ts";
import type { TenantId } from "../shared/ids.ts";

/** By which a destination is known to the breakers. */
export function destinationTarget(tenant: TenantId, id: string): string {
  return targetKey({ kind: "destination", name: `${tenant}/${id}` });
}

/** Where it was dialled together with others, it is dialled alone. */
function alone(destination: PlannedDestination): PlannedDestination {
  const { together: _together, ...rest } = destination;
  return rest;
}

/**
 * In the order in which they are to be tried: those that rest behind all others, in the order that they had and one after the other.
 * Whoever is dialled together stays so, without those that rest. None is left out.
 * @returns the same list where none rests, or all do.
 */
export function restingLast(
  destinations: readonly PlannedDestination[],
  rests: (id: string) => boolean,
): readonly PlannedDestination[] {
  const resting = destinations.map(({ id }) => rests(id));
  if (!resting.includes(true) || !resting.includes(false)) return destinations;
  const groups = groupsOf(destinations);
  const begun = new Set<number>();
  const first: PlannedDestination[] = [];
  const last: PlannedDestination[] = [];
  for (const [index, destination] of destinations.entries()) {
    const group = groups[index]!;
    if (resting[index]) last.push(alone(destination));
    else {
      first.push(begun.has(group) ? destination : alone(destination));
      begun.add(group);
    }
  }
  return [...first, ...last];
}

/**
 * Orders by what breakers know. Only whoever would be tried first is let through as a probe: of the others nobody knows whether the call
 * will come to them.
 */
export function orderedByHealth(
  breakers: Pick<Breakers, "state" | "admit">,
  tenant: TenantId,
  destinations: readonly PlannedDestination[],
): readonly PlannedDestination[] {
  if (destinations.length < 2) return destinations;
  let hasFirst = false;
  return restingLast(destinations, (id) => {
    const target = destinationTarget(tenant, id);
    if (hasFirst) return breakers.state(target) !== "closed";
    hasFirst = breakers.admit(target);
    return !hasFirst;
  });
}
