/**
 * Finds rules that can never win because others go before them, whatever the call and the time. What it names is certain; it does not find
 * what only several rules together cover.
 */
import { type FindingList, pointerOf } from "./findings.ts";
import type { Conditions, NumberCondition, Rule } from "./model.ts";
import { type PrefixRule, PrefixRules, prefixRuleOf } from "./prefix-rules.ts";
import { bestPlace, coversConditions, decidesAlways, worstPlace } from "./rule-scope.ts";

/** Rules with other conditions than one prefix are kept as they are, so many at most; what is beyond is not looked at. */
export const MAX_COMPARED_RULES = 20_000;
/** Comparisons of one rule with another; some hundred nanoseconds each. */
const MAX_COMPARISONS = 5_000_000;
const ANY = "*";

type Coverer = { readonly rule: Rule; readonly worst: number };
/** Conditions, and the best place that a rule with them has. */
type Covered = { readonly id: string; readonly place: number; readonly when: Conditions };

/** Under which keys a rule stands that covers others. One that covers a rule stands under one of the covered rule's probes. */
function keysOf({ callee, caller }: Conditions): readonly string[] {
  for (const [party, condition] of [["to", callee] as const, ["from", caller] as const]) {
    for (const field of ["exact", "prefix", "list"] as const) {
      const values = condition?.[field];
      if (values !== undefined) return values.map((value) => `${party} ${field} ${value}`);
    }
  }
  return [ANY];
}

function probesOf(party: string, condition: NumberCondition | undefined, into: string[]): void {
  const [exact, prefix, list] = [condition?.exact?.[0], condition?.prefix?.[0], condition?.list?.[0]];
  if (exact !== undefined) into.push(`${party} exact ${exact}`);
  for (const text of [exact, prefix]) {
    for (let length = 0; text !== undefined && length <= text.length; length++)
      into.push(`${party} prefix ${text.slice(0, length)}`);
  }
  if (list !== undefined) into.push(`${party} list ${list}`);
}

export class UnreachableRules {
  readonly #prefixRules = new PrefixRules();
  readonly #others: Rule[] = [];
  readonly #found: FindingList;
  readonly #byKey = new Map<string, Coverer[]>();
  #left = MAX_COMPARISONS;
  #isComplete = true;

  constructor(found: FindingList) {
    this.#found = found;
  }

  /** Rules come in the order of their ids. One that is switched off is left out: it is not expected to win. */
  add(rule: Rule): void {
    if (!rule.enabled) return;
    const simple = prefixRuleOf(rule);
    if (simple !== null && decidesAlways(rule)) {
      const pair = this.#prefixRules.add(rule, simple.trunk, simple.prefix);
      if (pair !== null) this.#report(pair.loser, pair.winner);
    } else if (this.#others.length < MAX_COMPARED_RULES) this.#others.push(rule);
    else this.#isComplete = false;
  }

  #report(id: string, winner: string): void {
    this.#found.add(pointerOf("routing-rules", id), "unreachable_rule", () => `rule "${winner}" always goes before it`);
  }

  finish(): void {
    for (const rule of this.#others) if (decidesAlways(rule)) this.#index({ rule, worst: worstPlace(rule) });
    for (const coverers of this.#byKey.values()) coverers.sort((a, b) => a.worst - b.worst);
    for (const rule of this.#others) {
      const winner = this.winnerOver({ id: rule.id, place: bestPlace(rule), when: rule.when });
      if (winner !== null) this.#report(rule.id, winner);
    }
    this.#comparePrefixRules();
    if (this.#left <= 0 || !this.#isComplete)
      this.#found.add("routing-rules", "not_all_compared", "there are too many rules to compare each with all others");
  }

  #index(coverer: Coverer): void {
    for (const key of keysOf(coverer.rule.when)) {
      const known = this.#byKey.get(key);
      if (known === undefined) this.#byKey.set(key, [coverer]);
      else known.push(coverer);
    }
  }

  #comparePrefixRules(): void {
    const rules = this.#prefixRules;
    const amongThemselves = rules.precedencesDiffer();
    if (this.#byKey.size === 0 && !amongThemselves) return;
    for (let row = 0; row < rules.length && this.#left > 0; row++) {
      const rule = rules.at(row);
      const covered: Covered = { id: rule.id, place: rule.place, when: conditionsOf(rule) };
      const before = amongThemselves ? rules.before(rule.place, rule.trunk, rule.prefix) : null;
      // Another one with the same prefix has been reported when the later of the two came.
      const winner = before !== null && before.prefix !== rule.prefix ? before.id : this.#otherBefore(covered);
      if (winner !== null) this.#report(rule.id, winner);
    }
  }

  /** The id of a rule that always goes before what is given; null: none is known. After `finish`. */
  winnerOver(covered: Covered): string | null {
    return this.#simpleBefore(covered) ?? this.#otherBefore(covered);
  }

  /** A prefix rule that always goes before. */
  #simpleBefore({ place, when }: Covered): string | null {
    const text = when.callee?.exact?.[0] ?? when.callee?.prefix?.[0];
    if (text === undefined) return null;
    const trunk = when.trunk?.length === 1 ? when.trunk[0]! : "";
    const before = this.#prefixRules.before(place, trunk, text);
    return before !== null && coversConditions(conditionsOf(before), when) ? before.id : null;
  }

  /** One of the other rules that always goes before. */
  #otherBefore({ id, place, when }: Covered): string | null {
    if (this.#byKey.size === 0) return null;
    const probes: string[] = [ANY];
    probesOf("to", when.callee, probes);
    probesOf("from", when.caller, probes);
    for (const probe of probes) {
      for (const { rule, worst } of this.#byKey.get(probe) ?? []) {
        if (worst > place || this.#left <= 0) break;
        this.#left -= 1;
        if (worst === place && rule.id >= id) continue;
        if (rule.id !== id && coversConditions(rule.when, when)) return rule.id;
      }
    }
    return null;
  }
}

function conditionsOf({ trunk, prefix }: PrefixRule): Conditions {
  return { ...(trunk === "" ? {} : { trunk: [trunk as never] }), callee: { prefix: [prefix] } };
}
