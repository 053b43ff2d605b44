/** What becomes of an ordinary call when an answering point calls somebody back with it ([EMG-15]). */
import type { Call, CallMarks } from "../domain/call/call.ts";
import { type Address, routingKey } from "../domain/numbers/address.ts";
import type { Plan } from "../domain/routing/plan.ts";
import type { SessionId } from "../domain/shared/ids.ts";
import { type Configured, planFor } from "./call-routing.ts";
import type { Deps } from "./deps.ts";

/** @property to whom it is to reach; null: as it was dialled. */
export type Called = { readonly call: Call; readonly to: Address | null };

function marked({ marks, ...call }: Call, isCallback: boolean): Call {
  const { callback: _said, ...others } = marks ?? {};
  const kept: CallMarks = isCallback ? { ...others, callback: true } : others;
  return Object.keys(kept).length === 0 ? call : { ...call, marks: kept };
}

/** The call with its priority and mark, where it is one; that it says so of itself is not enough. */
export async function withCallback({ callbacks, meter, log }: Deps, { snapshot }: Configured, call: Call): Promise<Called> {
  // A carrier's word is the network's; anybody else's is anybody's.
  const isSaid = call.marks?.callback === true && snapshot.router.trunk(call.trunk)?.kind === "carrier";
  const callback = await callbacks.calledBackBy(call, isSaid, snapshot.router.settings.emergency);
  if (callback === null) return { call: call.marks === undefined ? call : marked(call, false), to: null };
  const { caller, isAnsweringPoint } = callback;
  meter.count("trunkline_callbacks_total", {});
  log("info", "an answering point calls back", { tenant: call.tenant, trunk: call.trunk, emergency: caller.session });
  const isOther = caller.from.kind !== "anonymous" && routingKey(caller.from) !== routingKey(call.to);
  return {
    call: { ...marked(call, isAnsweringPoint), priority: "high" },
    to: isAnsweringPoint && isOther ? caller.from : null,
  };
}

/** Leads to whoever called for help from behind the number, where the rules know a way there; else as it was dialled. */
export async function planForCallback(
  deps: Deps,
  configured: Configured,
  call: Call,
  to: Address | null,
  session: SessionId,
): Promise<Plan> {
  if (to !== null) {
    const plan = await planFor(deps, configured, { ...call, to }, session);
    if (plan.action === "route") return { ...plan, rewrittenTo: plan.rewrittenTo ?? routingKey(to) };
  }
  return planFor(deps, configured, call, session);
}
