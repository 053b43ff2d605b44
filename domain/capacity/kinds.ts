/** What weight a call has where lines are short. */
import type { SessionCall } from "../call/call.ts";
import type { Plan } from "../routing/plan.ts";

/** From the lightest to the one that is never refused. */
export const CAPACITY_KINDS = ["low", "normal", "high", "emergency"] as const;
export type CapacityKind = (typeof CAPACITY_KINDS)[number];

/** An answering point that calls back is not refused for want of a line either. */
export function kindOf({ priority, marks }: Pick<SessionCall, "priority" | "marks">, { decidedBy }: Plan): CapacityKind {
  const isEmergency = decidedBy === "emergency" || decidedBy === "static_emergency";
  return isEmergency || marks?.callback === true ? "emergency" : priority;
}

/** Whether somebody is in need as long as the call is not answered: neither a test nor a callback. */
export function needsAnswer(plan: Plan): boolean {
  return plan.action === "route" && plan.emergency?.isTest === false;
}
