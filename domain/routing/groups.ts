/** Destinations that ring at the same time. */
import type { PlannedDestination } from "./plan.ts";

/** Those that are dialled together, from a place in the plan on; none: the plan ends before it. */
export function groupAt(destinations: readonly PlannedDestination[], index: number): readonly PlannedDestination[] {
  const behind = destinations.slice(index + 1);
  const others = behind.findIndex(({ together }) => together !== true);
  return destinations.slice(index, index + 1 + (others === -1 ? behind.length : others));
}

/** For each destination, the number of its group, from 0 and in order. */
export function groupsOf(destinations: readonly PlannedDestination[]): readonly number[] {
  let group = -1;
  return destinations.map(({ together }, index) => (index > 0 && together === true ? group : ++group));
}
