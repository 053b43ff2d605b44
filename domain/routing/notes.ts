/** What happened on the way to a decision. */
import type { Capability } from "../configuration/model.ts";
import type { TollClass } from "../numbers/number-class.ts";
import type { PlannedQuestion } from "./plan.ts";
import type { ProfileVerdict } from "./profile.ts";
import type { Unusable } from "./targets.ts";

/** One step, for people who ask why; a decision tells them in order. */
export type Note =
  | { readonly tag: "trail"; readonly problem: "loop" | "too_many_hops" }
  /** Rules were looked for; `ruleIds` are those that match, best first. */
  | { readonly tag: "looked"; readonly called: string; readonly ruleIds: readonly string[] }
  | { readonly tag: "blocker"; readonly ruleId: string }
  | { readonly tag: "profile"; readonly profile: string; readonly verdict: ProfileVerdict["tag"]; readonly because: string }
  | { readonly tag: "preferred"; readonly profile: string; readonly destination: string }
  /** `to` is null when what came out is no number. */
  | { readonly tag: "rewritten"; readonly ruleId: string; readonly from: string; readonly to: string | null }
  | { readonly tag: "rewriting_loop"; readonly ruleId: string; readonly called: string }
  | { readonly tag: "passed_over"; readonly destination: string; readonly because: Unusable }
  /** A rule asks a service; what came of it. */
  | ({ readonly tag: "asked"; readonly ruleId: string } & PlannedQuestion)
  | { readonly tag: "toll_closed"; readonly destination: string; readonly class: TollClass }
  | { readonly tag: "capability_missing"; readonly capability: Capability };

export type Observer = (note: Note) => void;
