/** Which of a call's targets its trunk may call. */
import type { Trunk } from "../configuration/model.ts";
import { type TollClass, classOf } from "../numbers/number-class.ts";
import type { PartyFacts } from "./facts.ts";
import type { Observer } from "./notes.ts";
import type { PlannedDestination, Rejection, RerouteCause } from "./plan.ts";
import { type Target, planned } from "./targets.ts";
import { closedClass } from "./toll.ts";

export type Allowed = {
  readonly isOpen: readonly PlannedDestination[];
  /** The first refusal among the targets: what comes after it is never tried. */
  readonly otherwise: Rejection | null;
  readonly someClosed: boolean;
};

/** Most calls go to the number that was called, of which the rules may have asked already. */
const closedFor = (e164: string, callee: PartyFacts, trunk: Trunk | null): TollClass | null =>
  closedClass((e164 === callee.e164 ? callee.numberClass() : null) ?? classOf(e164), trunk);

/** What of the targets may be called, up to the first refusal among them. */
export function allowedOf(
  targets: readonly Target[],
  causes: readonly RerouteCause[],
  callee: PartyFacts,
  trunk: Trunk | null,
  observe: Observer | undefined,
): Allowed {
  const isOpen: PlannedDestination[] = [];
  let someClosed = false;
  // Most destinations of a call dial the same number: it is judged once.
  let judged: string | null = null;
  let closed: TollClass | null = null;
  for (const target of targets) {
    if (target.tag === "reject") {
      const { sipCode, reason } = target.reject;
      return { isOpen, otherwise: { sipCode, reason }, someClosed };
    }
    if (target.e164 !== judged) {
      judged = target.e164;
      closed = judged === null ? null : closedFor(judged, callee, trunk);
    }
    if (closed === null) {
      isOpen.push(planned(target, causes));
    } else {
      someClosed = true;
      observe?.({ tag: "toll_closed", destination: target.destination.id, class: closed });
    }
  }
  return { isOpen, otherwise: null, someClosed };
}
