/** Why a call goes where it goes, and why not elsewhere. Made of the same checks and the same `decide` that calls take. */
import type { Rule } from "../configuration/model.ts";
import type { Address } from "../numbers/address.ts";
import type { Check, Lookups } from "./check.ts";
import { type CompiledRule, compileRule } from "./conditions.ts";
import { decide } from "./decide.ts";
import { type CallFacts, factsOf } from "./facts.ts";
import type { Note } from "./notes.ts";
import { comparePrecedence } from "./precedence.ts";
import { NOBODY_ASKED } from "./question.ts";
import { addressOfKey } from "./rewrite.ts";
import type { Decision, RouterSource, RoutingCall } from "./router.ts";

export type ExplainedCondition = {
  /** Where it stands in the rule: "callee.prefix", "activeFrom"; "unless.calendar" in the exception. */
  readonly field: string;
  readonly expected: unknown;
  readonly actual: unknown;
  /** In the exception: whether this part of it holds. The rule is kept from matching when all parts do. */
  readonly holds: boolean;
};

export type RuleExplanation = {
  readonly ruleId: string;
  readonly matches: boolean;
  /** See `precedenceOf`: smaller goes first. Of a rule that does not match, the best that it can have. */
  readonly precedence: number;
  readonly conditions: readonly ExplainedCondition[];
};

/** The rules as they were for one called number; a rewriting leads to another look. */
export type ExplainedLook = { readonly called: string; readonly rules: readonly RuleExplanation[] };

export type Explanation = {
  readonly decision: Decision;
  readonly looks: readonly ExplainedLook[];
  /** What else had a say, in the order in which it happened. */
  readonly notes: readonly Note[];
};

/** Explanations that are kept while looking through rules, in multiples of those asked for. */
const SLACK = 4;

function explained(checks: readonly Check[], prefix: string, facts: CallFacts, lookups: Lookups, nowMs: number) {
  return checks.map(({ field, expected, holds, actual }) => ({
    field: prefix + field,
    expected,
    actual: actual(facts, lookups, nowMs),
    holds: holds(facts, lookups, nowMs),
  }));
}

function placeOf(rule: CompiledRule, matches: boolean, facts: CallFacts): number {
  return matches ? rule.precedenceFor(facts) : rule.precedence;
}

function explainCompiled(rule: CompiledRule, facts: CallFacts, lookups: Lookups, nowMs: number): RuleExplanation {
  const matches = rule.holds(facts, lookups, nowMs);
  return {
    ruleId: rule.rule.id,
    matches,
    precedence: placeOf(rule, matches, facts),
    conditions: [
      ...explained(rule.checks, "", facts, lookups, nowMs),
      ...explained(rule.unless ?? [], "unless.", facts, lookups, nowMs),
    ],
  };
}

/** Every condition of a rule, with what it expects, what the call has, and whether it holds. */
export function explainRule(rule: Rule, facts: CallFacts, lookups: Lookups, nowMs: number): RuleExplanation {
  return explainCompiled(compileRule(rule), facts, lookups, nowMs);
}

/** How far a rule is from matching: 0 when it does, else how many conditions would have to be otherwise. */
function distance(rule: CompiledRule, facts: CallFacts, lookups: Lookups, nowMs: number): number {
  const failing = rule.checks.filter((check) => !check.holds(facts, lookups, nowMs)).length;
  return failing + (rule.isExcepted(facts, lookups, nowMs) ? 1 : 0);
}

type Near = { readonly rule: CompiledRule; readonly distance: number; readonly precedence: number };

function compareNearness(a: Near, b: Near): number {
  return a.distance - b.distance || comparePrecedence(a.precedence, a.rule.rule.id, b.precedence, b.rule.rule.id);
}

/** Rules that match, then those that fail by the fewest conditions: at most `limit`, in order of precedence. */
function nearest(
  rules: Iterable<Rule>,
  facts: CallFacts,
  lookups: Lookups,
  nowMs: number,
  limit: number,
): readonly CompiledRule[] {
  let near: Near[] = [];
  for (const rule of rules) {
    const compiled = compileRule(rule);
    const apart = distance(compiled, facts, lookups, nowMs);
    near.push({ rule: compiled, distance: apart, precedence: placeOf(compiled, apart === 0, facts) });
    if (near.length >= limit * SLACK) near = near.sort(compareNearness).slice(0, limit);
  }
  return near
    .sort(compareNearness)
    .slice(0, limit)
    .sort((a, b) => comparePrecedence(a.precedence, a.rule.rule.id, b.precedence, b.rule.rule.id))
    .map(({ rule }) => rule);
}

/**
 * Decides a call and says why. Services are not asked: a rule that asks goes by its fallback.
 * @param rulesFor the rules to look at for a called number: all of the version, or those that it can find for it.
 * @param limit how many rules to explain per called number: those that match, then those that come nearest to it. At least 1.
 * @returns without looks when chunks are missing: load them and ask again.
 */
export function explain(
  source: RouterSource & Lookups,
  rulesFor: (to: Address) => Iterable<Rule>,
  call: RoutingCall,
  nowMs: number,
  limit: number,
): Explanation {
  const notes: Note[] = [];
  const decision = decide(source, call, nowMs, (note) => notes.push(note), NOBODY_ASKED);
  if (decision.tag !== "decided") return { decision, looks: [], notes: [] };
  const looks = notes.flatMap((note, index) => {
    if (note.tag !== "looked") return [];
    const to = calledIn(notes, index, call.to);
    const facts = factsOf(call, to);
    const near = nearest(rulesFor(to), facts, source, nowMs, limit);
    return [{ called: note.called, rules: near.map((rule) => explainCompiled(rule, facts, source, nowMs)) }];
  });
  return { decision, looks, notes };
}

/** The number that a look was for: as dialled until something rewrote it. */
function calledIn(notes: readonly Note[], index: number, dialled: Address): Address {
  const rewritten = notes.slice(0, index).findLast((note) => note.tag === "rewritten" && note.to !== note.from);
  const key = rewritten?.tag === "rewritten" ? rewritten.to : null;
  return (key === null ? null : addressOfKey(key)) ?? dialled;
}
