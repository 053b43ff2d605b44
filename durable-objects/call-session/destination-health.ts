/** Tells breakers how the destinations of calls do, as far as their events say: those that fail rest ([CAP-7]). */
import { destinationOutcome } from "../../domain/capacity/outcomes.ts";
import { presentDestination } from "../../domain/capacity/present.ts";
import { destinationTarget } from "../../domain/capacity/resting.ts";
import type { Breakers } from "../../domain/resilience/targets.ts";
import type { SessionRow } from "./row.ts";

/** @param before the row before the commit; null: there was no session. */
export function noteDestinations(
  breakers: Pick<Breakers, "probed" | "note">,
  before: SessionRow | null,
  { plan, tenant, events }: SessionRow,
): void {
  if (plan?.action !== "route") return;
  const present = before === null ? 0 : presentDestination(before);
  for (const { name, data, sequence } of events) {
    if (sequence <= (before?.sequence ?? 0)) continue;
    // What the caller was told in the end may be the rule's word, not the destination's.
    const outcome = name === "call.failed" && plan.otherwise !== undefined ? null : destinationOutcome(name, data, present);
    const destination = outcome === null ? undefined : plan.destinations[outcome.index];
    if (outcome === null || destination === undefined) continue;
    const target = destinationTarget(tenant, destination.id);
    // Wherever the call was let through: its failure makes the next pause longer.
    breakers.probed(target);
    breakers.note(target, outcome.outcome);
  }
}
