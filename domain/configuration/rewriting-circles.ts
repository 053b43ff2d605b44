/** Finds rewritings of the called number that lead back to where they began, whatever else is there. */
import { rewriteKey } from "../routing/rewrite.ts";
import { type FindingList, pointerOf } from "./findings.ts";
import type { NumberCondition, NumberRewrite, Rule } from "./model.ts";
import { bestPlace } from "./rule-scope.ts";
import type { UnreachableRules } from "./unreachable-rules.ts";

/** Numbers that are followed; a plan of numbers that is longer than this is not written by hand. */
const MAX_FOLLOWED_NUMBERS = 50_000;

/** What happens to calls to one number, by the first of the rules that are about this number alone. */
type Step = { readonly rule: string; readonly place: number; readonly next: string | null };

/** Whether the rewriting leaves every number as it is that satisfies the condition. */
function changesNothing(rewrite: NumberRewrite, callee: NumberCondition | undefined): boolean {
  if (callee?.exact !== undefined) return callee.exact.every((number) => rewriteKey(number, rewrite) === number);
  if (rewrite.type !== "edit" || rewrite.strip !== rewrite.prepend.length) return false;
  return rewrite.strip === 0 || (callee?.prefix?.every((prefix) => prefix.startsWith(rewrite.prepend)) ?? false);
}

export class RewritingCircles {
  readonly #found: FindingList;
  readonly #steps = new Map<string, Step>();

  constructor(found: FindingList) {
    this.#found = found;
  }

  /** @param rule one whose expressions are sound. */
  add(rule: Rule): void {
    const { action, when } = rule;
    if (action.type === "continue" && changesNothing(action.callee, when.callee)) {
      const detail = "the number is the same after the rewriting, so that every such call would be a loop";
      return this.#found.add(pointerOf("routing-rules", rule.id, "action", "callee"), "rewriting_circle", detail);
    }
    const exact = when.callee?.exact;
    const isBare = Object.keys(when).length === 1 && exact !== undefined && Object.keys(when.callee!).length === 1;
    const isAlways = rule.enabled && rule.unless === null && rule.activeFromMs === null && rule.activeUntilMs === null;
    if (!isBare || !isAlways || this.#steps.size > MAX_FOLLOWED_NUMBERS) return;
    const place = bestPlace(rule);
    for (const number of exact) {
      const next = action.type === "continue" ? rewriteKey(number, action.callee) : null;
      const known = this.#steps.get(number);
      if (known === undefined || place < known.place) this.#steps.set(number, { rule: rule.id, place, next });
    }
  }

  /** @param others which rules always go before which: one that goes before a rewriting ends the circle. Finished. */
  finish(others: UnreachableRules): void {
    const done = new Set<string>();
    for (const start of this.#steps.keys()) {
      const way: string[] = [];
      let number: string | null = start;
      while (number !== null && !done.has(number) && !way.includes(number)) {
        way.push(number);
        number = this.#next(number, others);
      }
      if (number !== null && !done.has(number)) this.#report(way.slice(way.indexOf(number)));
      for (const passed of way) done.add(passed);
    }
  }

  #next(number: string, others: UnreachableRules): string | null {
    const step = this.#steps.get(number);
    if (step === undefined || step.next === null) return null;
    const when = { callee: { exact: [number] } };
    return others.winnerOver({ id: step.rule, place: step.place, when }) === null ? step.next : null;
  }

  #report(circle: readonly string[]): void {
    const rules = [...new Set(circle.map((number) => this.#steps.get(number)!.rule))];
    const detail = `the rules ${rules.map((id) => `"${id}"`).join(", ")} lead a call round in a circle`;
    this.#found.add(pointerOf("routing-rules", rules[0]!, "action", "callee"), "rewriting_circle", detail);
  }
}
