/** Every rule that the indexes reach for a call, whether it matches or not: for explanations. */
import type { Rule } from "../../configuration/model.ts";
import type { CallFacts } from "../conditions.ts";
import type { EntrySink, RulePart } from "./rule-index.ts";

type Reached = { readonly rule: Rule; readonly precedence: number; readonly place: number };

export class ReachedRules implements EntrySink {
  readonly #facts: CallFacts;
  readonly #reached = new Map<number, Reached>();

  constructor(facts: CallFacts) {
    this.#facts = facts;
  }

  add(part: RulePart, start: number, end: number, units: string, length: number): void {
    for (let entry = start; entry < end; entry++) this.#add(part, entry, units.slice(0, length));
  }

  #add(part: RulePart, entry: number, units: string): void {
    const place = part.place(entry);
    const definition = part.definition(entry);
    if (definition === null || this.#reached.has(place)) return;
    const precedence = definition.isWhole ? definition.compiled.precedenceFor(this.#facts) : part.precedence(entry);
    this.#reached.set(place, {
      rule: part.rule(entry, definition, units),
      precedence,
      place,
    });
  }

  /** In order of precedence. */
  take(): readonly Rule[] {
    return [...this.#reached.values()].sort((a, b) => a.precedence - b.precedence || a.place - b.place).map(({ rule }) => rule);
  }
}
