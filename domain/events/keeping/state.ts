/**
 * What is kept of a tenant's policy, holds in force and erasures under way: one object, so that a hold and an erasure that contradict
 * each other cannot both be accepted. What is over has objects of its own.
 */
import { type Result, err, ok } from "../../shared/result.ts";
import { type ActiveErasure, MAX_ACTIVE_ERASURES } from "./erasure.ts";
import { type Hold, MAX_ACTIVE_HOLDS, holdOfCalls, holdOfNumber } from "./hold.ts";
import { DEFAULT_POLICY, type RetentionPolicy } from "./policy.ts";

export type KeepingState = {
  readonly format: 1;
  readonly policy: RetentionPolicy;
  /** Grows with every change of the policy, and of nothing else. */
  readonly policyRevision: number;
  readonly holds: readonly Hold[];
  readonly erasures: readonly ActiveErasure[];
};

/** Of a tenant that never said anything. */
export const INITIAL_STATE: KeepingState = { format: 1, policy: DEFAULT_POLICY, policyRevision: 0, holds: [], erasures: [] };

export type KeepingProblem =
  | { readonly tag: "not_found" }
  | { readonly tag: "precondition_failed" }
  | { readonly tag: "held"; readonly hold: Hold }
  | { readonly tag: "being_erased"; readonly erasure: string }
  | { readonly tag: "too_many"; readonly limit: number }
  /** Whether a hold forbids it could not be found out in the time that there is. */
  | { readonly tag: "undecided" };

export type Change = Result<KeepingState, KeepingProblem>;

/** @param revision what the policy must be of; null: any. */
export function withPolicy(state: KeepingState, policy: RetentionPolicy, revision: number | null): Change {
  if (revision !== null && revision !== state.policyRevision) return err({ tag: "precondition_failed" });
  return ok({ ...state, policy, policyRevision: state.policyRevision + 1 });
}

/** @param numberHash of the hold's number, where it is of one: what is being erased cannot be held any more. */
export function withHold(state: KeepingState, hold: Hold, numberHash: string | null): Change {
  const { scope } = hold;
  const isBeingErased = (active: ActiveErasure): boolean =>
    (numberHash !== null && active.numberHash === numberHash) ||
    (scope.tag === "call" && active.calls?.includes(scope.callId) === true);
  const erasure = state.erasures.find(isBeingErased);
  if (erasure !== undefined) return err({ tag: "being_erased", erasure: erasure.id });
  if (state.holds.length >= MAX_ACTIVE_HOLDS) return err({ tag: "too_many", limit: MAX_ACTIVE_HOLDS });
  return ok({ ...state, holds: [...state.holds, hold] });
}

export function withoutHold(state: KeepingState, id: string): Change {
  const holds = state.holds.filter((hold) => hold.id !== id);
  return holds.length === state.holds.length ? err({ tag: "not_found" }) : ok({ ...state, holds });
}

export function withErasure(state: KeepingState, erasure: ActiveErasure, digits: string): Change {
  const hold = holdOfNumber(digits, state.holds);
  if (hold !== null) return err({ tag: "held", hold });
  if (state.erasures.length >= MAX_ACTIVE_ERASURES) return err({ tag: "too_many", limit: MAX_ACTIVE_ERASURES });
  return ok({ ...state, erasures: [...state.erasures, erasure] });
}

/** An erasure of calls, or the same with more of them. What holds say of numbers has to be looked up in the calls' events. */
export function withCallErasure(state: KeepingState, erasure: ActiveErasure): Change {
  const hold = holdOfCalls(erasure.calls ?? [], state.holds);
  if (hold !== null) return err({ tag: "held", hold });
  if (state.erasures.some(({ id }) => id === erasure.id)) return withProgress(state, erasure);
  if (state.erasures.length >= MAX_ACTIVE_ERASURES) return err({ tag: "too_many", limit: MAX_ACTIVE_ERASURES });
  return ok({ ...state, erasures: [...state.erasures, erasure] });
}

/** The erasure is begun with, unless calls have joined it since it was looked at. */
export function withBegun(state: KeepingState, erasure: ActiveErasure): Change {
  const known = state.erasures.find(({ id }) => id === erasure.id);
  const isSame = known?.untilMs === erasure.untilMs && known.calls?.length === erasure.calls?.length;
  return isSame ? withProgress(state, erasure) : err({ tag: "precondition_failed" });
}

/** The same erasure, further on. */
export function withProgress(state: KeepingState, erasure: ActiveErasure): Change {
  if (!state.erasures.some(({ id }) => id === erasure.id)) return err({ tag: "not_found" });
  return ok({ ...state, erasures: state.erasures.map((known) => (known.id === erasure.id ? erasure : known)) });
}

export function withoutErasure(state: KeepingState, id: string): Change {
  return ok({ ...state, erasures: state.erasures.filter((erasure) => erasure.id !== id) });
}
