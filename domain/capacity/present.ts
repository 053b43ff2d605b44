/** At which destination of its plan a call is, as far as anybody has said. */
import { type Legs, currentOf } from "../call/leg-step.ts";
import type { CallState } from "../call/state.ts";
import type { Tried } from "../call/tried.ts";
import type { Plan } from "../routing/plan.ts";

export type Whereabouts = {
  readonly plan: Plan | null;
  readonly state: Pick<CallState, "failovers">;
  readonly tried?: Tried | undefined;
  readonly legs?: Legs | undefined;
};

/** Its place in the plan, from zero; null: somewhere that the plan does not have. Before anything was tried: the first. */
export function presentDestination({ plan, state, tried, legs }: Whereabouts): number | null {
  if (plan?.action !== "route") return null;
  const leg = legs === undefined ? undefined : currentOf(legs);
  if (leg !== undefined) return leg.routeIndex;
  if (tried?.answered === true && tried.index !== null) return tried.index;
  // A failover names the destination that was given up; one that names none has given up one more.
  const failed = Math.max(-1, ...state.failovers.map(({ routeIndex }) => routeIndex ?? -1));
  const index = Math.max(tried?.index ?? 0, failed + 1, state.failovers.length);
  return Math.min(index, plan.destinations.length - 1);
}
