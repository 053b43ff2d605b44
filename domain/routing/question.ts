/** Rules that ask a service outside: what it is asked, what it may say, and what that means for the call. */
import type { DecisionService, EntityId, RuleAction } from "../configuration/model.ts";
import type { Address } from "../numbers/address.ts";
import { type FallbackReason, type PlannedQuestion, REROUTE_CAUSES, type ServiceAnswer } from "./plan.ts";

/** What a decision lacks. The call itself is what whoever asks has in hand. */
export type Question = {
  readonly ruleId: EntityId;
  readonly service: DecisionService;
  /** Who is called where the rule was reached: other than dialled after a rewriting. */
  readonly called: Address;
};

export type Reply =
  | { readonly tag: "answer"; readonly from: "service" | "cache"; readonly answer: ServiceAnswer }
  | { readonly tag: "none"; readonly because: FallbackReason };

/** What is known of the answer to a question; null: nothing yet, ask. */
export type Replies = (question: Question) => Reply | null;

const NOT_ASKED: Reply = { tag: "none", because: "not_asked" };

/** For explanations: nobody is asked, the rule's fallback counts. */
export const NOBODY_ASKED: Replies = () => NOT_ASKED;

/** For replays: what was said to the call then, wherever a rule asks the same service. */
export function recordedReplies(asked: PlannedQuestion | null): Replies {
  if (asked === null) return NOBODY_ASKED;
  const { service, answer, because = "not_asked" } = asked;
  const reply: Reply =
    answer === undefined
      ? { tag: "none", because }
      : { tag: "answer", from: asked.outcome === "cached" ? "cache" : "service", answer };
  return (question) => (question.service.id === service ? reply : NOT_ASKED);
}

/** The route that a service has named, as a rule would say it. */
export function routeTo(destinations: readonly EntityId[]): Extract<RuleAction, { type: "route" }> {
  return {
    type: "route",
    strategy: "ordered",
    destinations: destinations.map((id) => ({ id, weight: 1 })),
    rerouteCauses: REROUTE_CAUSES,
    callerIdentity: null,
  };
}

/** For the plan: the service decided, or its answer was of no use. */
export function notedReply(service: EntityId, reply: Reply, because?: FallbackReason): PlannedQuestion {
  if (reply.tag === "none") return { service, outcome: "fallback", because: reply.because };
  const { answer, from } = reply;
  if (because !== undefined) return { service, outcome: "fallback", because, answer };
  return { service, outcome: from === "cache" ? "cached" : "answered", answer };
}
