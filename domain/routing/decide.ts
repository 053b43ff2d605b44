/**
 * Where an ordinary call goes: a pure function of a version of the configuration, the call and the time. Looked at in this order: where
 * the call has been, then for the called number and each one that it is rewritten to blockers, the called user's profile and the other
 * rules, then what the trunk may call and its peer can carry out.
 */
import {
  type AskAction,
  type CallerIdentity,
  type Capability,
  type Profile,
  type RuleAction,
  type Trunk,
  type WeightedDestination,
  canDo,
} from "../configuration/model.ts";
import { type Address, routingKey } from "../numbers/address.ts";
import { allowedOf } from "./allowed.ts";
import { type CallFacts, PartyFacts, factsOf } from "./facts.ts";
import {
  type Decider,
  type FallbackReason,
  type Plan,
  type PlannedDestination,
  type PlannedQuestion,
  REROUTE_CAUSES,
  type Rejection,
} from "./plan.ts";
import { addExecution } from "./execution.ts";
import type { Observer } from "./notes.ts";
import { type NumberBehind, numberBehind } from "./number-behind.ts";
import { type ProfileVerdict, judge } from "./profile.ts";
import { type Replies, type Reply, notedReply, routeTo } from "./question.ts";
import { CANNOT_HIDE, LOOP, NO_ROUTE, TOLL_CLOSED, TOO_MANY_HOPS, UNAVAILABLE } from "./rejections.ts";
import { MAX_REWRITES, addressOfKey, rewriteKey } from "./rewrite.ts";
import { type Decision, MAX_CANDIDATES, type RouterSource, type RoutingCall, type RuleMatch } from "./router.ts";
import { inOrder } from "./strategy.ts";
import { type Called, type Target, type Writable, targetOf } from "./targets.ts";
import { extendTrail, trailProblem } from "./trail.ts";

type RouteAction = Extract<RuleAction, { type: "route" }>;

const NO_NUMBERS: readonly string[] = [];
const NO_MATCHES: readonly RuleMatch[] = [];

const DIVERTED: Omit<RouteAction, "destinations"> = {
  type: "route",
  strategy: "ordered",
  rerouteCauses: REROUTE_CAUSES,
  callerIdentity: null,
};

/**
 * Decides an ordinary call.
 * @param observe is told each step; without it nothing is noted.
 * @param replies what services have said to the questions of this call. A call has one question at most: the rule that asks ends the way.
 * @returns the plan, or that without which there is none yet: chunks to load, a question to put to a service. Decide again with these.
 */
export function decide(
  source: RouterSource,
  call: RoutingCall,
  nowMs: number,
  observe?: Observer,
  replies?: Replies,
): Decision {
  return new Deciding(source, call, nowMs, observe, replies).decide();
}

/** One decision under way. */
class Deciding {
  readonly #source: RouterSource;
  readonly #call: RoutingCall;
  readonly #nowMs: number;
  readonly #observe: Observer | undefined;
  readonly #replies: Replies | undefined;
  readonly #dialledKey: string;
  readonly #trunk: Trunk | null;
  /** Of the number that is called now. */
  #facts: CallFacts;
  #called: Called;
  #key: string;
  /** Rules that have led on to another number. */
  #used: readonly RuleMatch[] = NO_MATCHES;
  /** Numbers that the call was led away from. */
  #left: readonly string[] = NO_NUMBERS;
  #candidates: readonly string[] = NO_NUMBERS;
  #profile: Profile | null = null;
  #turned = false;
  #asked: PlannedQuestion | null = null;

  constructor(
    source: RouterSource,
    call: RoutingCall,
    nowMs: number,
    observe: Observer | undefined,
    replies: Replies | undefined,
  ) {
    this.#source = source;
    this.#call = call;
    this.#nowMs = nowMs;
    this.#observe = observe;
    this.#replies = replies;
    this.#facts = factsOf(call, call.to);
    this.#key = this.#dialledKey = this.#facts.callee.key;
    this.#trunk = source.trunk(call.trunk);
    this.#called = this.#calledAt(call.to, null);
  }

  #calledAt(to: Address, before: NumberBehind): Called {
    const profile = this.#trunk?.dialProfile;
    return { to, behind: numberBehind(to, profile, before), profile };
  }

  decide(): Decision {
    const problem = trailProblem(this.#call.trail, this.#dialledKey);
    if (problem !== null) {
      this.#observe?.({ tag: "trail", problem });
      return this.#reject("loop", problem === "loop" ? LOOP : TOO_MANY_HOPS);
    }
    for (;;) {
      const rule = this.#look();
      if (!("id" in rule)) return rule;
      const { action } = rule.outcome;
      if (action.type !== "continue") return this.#follow(rule, action);
      const refusal = this.#rewrite(rule, action);
      if (refusal !== null) return refusal;
    }
  }

  /** The best rule for the number as it is now, unless something before the rules decides. Fewer rules lead on than are looked for. */
  #look(): RuleMatch | Decision {
    const profile = this.#source.profile(this.#key);
    const found = this.#source.matches(this.#facts, this.#nowMs, MAX_CANDIDATES);
    const missing = this.#source.takeMissing();
    if (missing.length > 0) return { tag: "missing", chunks: missing };

    const rules = this.#used.length === 0 ? found : found.filter(({ id }) => !this.#used.some((used) => used.id === id));
    this.#candidates = candidatesOf(this.#used, rules);
    this.#observe?.({ tag: "looked", called: this.#key, ruleIds: rules.map(({ id }) => id) });
    const best = rules[0];
    if (best?.outcome.blocker === true) {
      const { action } = best.outcome;
      this.#observe?.({ tag: "blocker", ruleId: best.id });
      return this.#reject("blocker", action.type === "reject" ? action : NO_ROUTE, best);
    }
    if (profile !== null && this.#call.isCallback !== true) {
      this.#profile = profile;
      const decision = this.#consult(profile);
      if (decision !== null) return decision;
    }
    return best ?? this.#reject("no_route", NO_ROUTE);
  }

  #consult(profile: Profile): Decision | null {
    const verdict = judge(profile, this.#facts.caller);
    if (verdict === null) return null;
    const { tag } = verdict;
    this.#observe?.({ tag: "profile", profile: profile.id, verdict: tag, because: because(verdict) });
    if (verdict.tag === "refused") return this.#reject("profile", verdict.reject);
    const diversion: RouteAction = { ...DIVERTED, destinations: [{ id: verdict.destination, weight: 0 }] };
    return this.#route("profile", null, diversion, this.#targets(diversion, null));
  }

  /** Goes on with another number; or the refusal, when that one was there before or is none. */
  #rewrite(rule: RuleMatch, { callee }: Extract<RuleAction, { type: "continue" }>): Decision | null {
    const from = this.#key;
    const text = rewriteKey(from, callee);
    this.#used = [...this.#used, rule];
    const to = text === from ? this.#called.to : addressOfKey(text);
    const key = to === null ? null : routingKey(to);
    this.#observe?.({ tag: "rewritten", ruleId: rule.id, from, to: key });
    if (to === null || key === null) return this.#reject("no_route", NO_ROUTE);
    if (this.#used.length > MAX_REWRITES || (key !== from && this.#left.includes(key))) {
      this.#observe?.({ tag: "rewriting_loop", ruleId: rule.id, called: key });
      return this.#reject("loop", LOOP);
    }
    this.#called = this.#calledAt(to, this.#called.behind);
    this.#facts = { ...this.#facts, callee: new PartyFacts(to) };
    if (key !== from) this.#left = [...this.#left, from];
    this.#key = key;
    return null;
  }

  #follow(rule: RuleMatch, action: Exclude<RuleAction, { type: "continue" }>): Decision {
    if (action.type === "reject") return this.#reject("rule", action, rule);
    if (action.type === "ask") return this.#ask(rule, action);
    return this.#route("rule", rule, action, this.#targets(action, this.#preferred()));
  }

  /** Where the called user wants to be tried first; null: nowhere of their own. */
  #preferred(): string | null {
    const preferred = this.#profile?.preferredDestination ?? null;
    if (this.#profile !== null && preferred !== null)
      this.#observe?.({ tag: "preferred", profile: this.#profile.id, destination: preferred });
    return preferred;
  }

  #ask(rule: RuleMatch, action: AskAction): Decision {
    const service = this.#source.decisionService(action.service);
    if (service === null || !service.enabled) return this.#fallBack(rule, action, { tag: "none", because: "disabled" });
    const reply = this.#replies?.({ ruleId: rule.id, service, called: this.#called.to }) ?? null;
    if (reply === null) return { tag: "ask", question: { ruleId: rule.id, service, called: this.#called.to } };
    if (reply.tag === "none") return this.#fallBack(rule, action, reply);
    const { answer } = reply;
    if (answer.action === "decline") return this.#fallBack(rule, action, reply, "declined");
    if (answer.action === "reject") {
      this.#noteAsked(rule, notedReply(service.id, reply));
      return this.#reject("decision_service", answer, rule);
    }
    const route = routeTo(answer.destinations);
    const targets = this.#targets(route, this.#preferred());
    // A preferred destination alone is not what the service has decided.
    const isUsable = targets.some(({ destination }) => answer.destinations.includes(destination.id));
    if (!isUsable) return this.#fallBack(rule, action, reply, "bad_answer");
    this.#noteAsked(rule, notedReply(service.id, reply));
    return this.#route("decision_service", rule, route, targets);
  }

  /** What the rule says itself, since the service has not decided. */
  #fallBack(rule: RuleMatch, { service, otherwise }: AskAction, reply: Reply, reason?: FallbackReason): Decision {
    this.#noteAsked(rule, notedReply(service, reply, reason));
    return otherwise === null ? this.#reject("no_route", NO_ROUTE) : this.#follow(rule, otherwise);
  }

  #noteAsked(rule: RuleMatch, asked: PlannedQuestion): void {
    this.#asked = asked;
    this.#observe?.({ tag: "asked", ruleId: rule.id, ...asked });
  }

  #route(
    by: "rule" | "profile" | "decision_service",
    rule: RuleMatch | null,
    action: RouteAction,
    targets: readonly Target[],
  ): Decision {
    const missing = this.#source.takeMissing();
    if (missing.length > 0) return { tag: "missing", chunks: missing };

    const { isOpen, otherwise, someClosed } = allowedOf(
      targets,
      action.rerouteCauses,
      this.#facts.callee,
      this.#trunk,
      this.#observe,
    );
    if (isOpen.length === 0) {
      if (someClosed) return this.#reject("toll_policy", TOLL_CLOSED);
      if (otherwise !== null) return this.#reject(by, otherwise, rule);
      return by === "profile" ? this.#reject(by, UNAVAILABLE) : this.#reject("no_route", NO_ROUTE);
    }
    return this.#routed(by, rule, isOpen, otherwise, action.callerIdentity);
  }

  #routed(
    by: Decider,
    rule: RuleMatch | null,
    isOpen: readonly PlannedDestination[],
    otherwise: Rejection | null,
    caller: CallerIdentity | null,
  ): Decision {
    const hides = caller?.isPrivate === true;
    const showsCaller = caller !== null && (hides || caller.number !== null) && this.#can("caller_identity");
    if (hides && !showsCaller) return this.#reject(by, CANNOT_HIDE, rule);
    const failover = (isOpen.length === 1 && otherwise === null) || this.#can("failover");
    const maxDurationMs = this.#maxDurationMs(rule);
    const plan: Writable<Extract<Plan, { action: "route" }>> = {
      action: "route",
      executor: "peer",
      decidedBy: by,
      ruleId: rule === null ? null : rule.id,
      candidates: this.#candidates,
      snapshotVersion: this.#source.version,
      destinations: failover ? isOpen : isOpen.slice(0, 1),
      trail: extendTrail(this.#call.trail, this.#dialledKey),
    };
    if (failover && otherwise !== null) plan.otherwise = otherwise;
    if (showsCaller) plan.caller = caller;
    if (maxDurationMs !== null) plan.maxDurationMs = maxDurationMs;
    this.#complete(plan);
    return { tag: "decided", plan };
  }

  /** The usable destinations in the order in which they are to be tried. */
  #targets(action: RouteAction, preferred: string | null): readonly Target[] {
    const targets: Target[] = [];
    for (const choice of action.destinations) {
      const target = choice.id === preferred ? null : this.#target(choice);
      if (target !== null) targets.push(target);
    }
    const ordered = inOrder(action.strategy, targets, this.#call.seed, this.#call.turn);
    if (action.strategy === "round_robin" && targets.length > 1) this.#turned = true;
    const first = preferred === null ? null : this.#target({ id: preferred, weight: 0 });
    return first === null ? ordered : [first, ...ordered];
  }

  #target(choice: WeightedDestination): Target | null {
    const target = targetOf(this.#source, choice, this.#called);
    if (typeof target !== "string") return target;
    this.#observe?.({ tag: "passed_over", destination: choice.id, because: target });
    return null;
  }

  #maxDurationMs(rule: RuleMatch | null): number | null {
    const ofRule = rule?.outcome.maxDurationMs ?? null;
    const ofTrunk = this.#trunk?.maxDurationMs ?? null;
    if (ofRule === null && ofTrunk === null) return null;
    return this.#can("max_duration") ? Math.min(ofRule ?? Infinity, ofTrunk ?? Infinity) : null;
  }

  #can(capability: Capability): boolean {
    const can = this.#trunk !== null && canDo(this.#trunk, capability);
    if (!can) this.#observe?.({ tag: "capability_missing", capability });
    return can;
  }

  #reject(by: Decider, { sipCode, reason }: Rejection, rule: RuleMatch | null = null): Decision {
    const plan: Writable<Extract<Plan, { action: "reject" }>> = {
      action: "reject",
      executor: "peer",
      decidedBy: by,
      ruleId: rule === null ? null : rule.id,
      candidates: this.#candidates,
      snapshotVersion: this.#source.version,
      destinations: [],
      reject: { sipCode, reason },
    };
    this.#complete(plan);
    return { tag: "decided", plan };
  }

  #complete(plan: Writable<Plan>): void {
    addExecution(plan, this.#trunk);
    if (this.#key !== this.#dialledKey) plan.rewrittenTo = this.#key;
    if (this.#turned) plan.turn = this.#call.turn;
    if (this.#asked !== null) plan.asked = this.#asked;
  }
}

/** The rules that led here, then those that match. */
function candidatesOf(used: readonly RuleMatch[], found: readonly RuleMatch[]): readonly string[] {
  const ids = found.map(({ id }) => id);
  return used.length === 0 ? ids : [...used.map(({ id }) => id), ...ids].slice(0, MAX_CANDIDATES);
}

function because(verdict: ProfileVerdict): string {
  return verdict.tag === "refused" ? verdict.because : "do_not_disturb";
}
