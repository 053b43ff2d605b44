/** Who carries out the plans of a trunk's calls, and when silence ends them. */
import type { Trunk } from "../configuration/model.ts";
import type { Plan, PlannedSilence } from "./plan.ts";
import type { Writable } from "./targets.ts";

function silenceOf({ setupMs, activeMs }: Trunk["silence"]): PlannedSilence {
  return { ...(setupMs === null ? {} : { setupMs }), ...(activeMs === null ? {} : { activeMs }) };
}

/**
 * Completes a plan that the peer executes by what its trunk says.
 * @param trunk null when the configuration does not have it: whoever asked has to carry the call.
 */
export function addExecution(plan: Writable<Plan>, trunk: Trunk | null): void {
  if (trunk === null) return;
  const { carrier, silence } = trunk;
  if (carrier !== null) {
    plan.executor = "self";
    plan.carrier = carrier;
  }
  if (silence.setupMs !== null || silence.activeMs !== null) plan.silence = silenceOf(silence);
}
