/** Every rule of the parts that are in memory. */
import type { Rule } from "../../configuration/model.ts";
import type { RuleIndex, RulePart } from "./rule-index.ts";

/** Each once, though it may stand in several parts; in no order. */
export function* allRules(indexes: readonly RuleIndex[]): Generator<Rule> {
  const seen = new Set<number>();
  for (const index of indexes) {
    for (const part of index.slots.opened()) {
      for (const [entry, units] of entriesOf(part)) {
        const definition = part.definition(entry);
        // Only rules that have a definition of their own have several entries.
        if (definition === null || (definition.isWhole && seen.has(part.place(entry)))) continue;
        if (definition.isWhole) seen.add(part.place(entry));
        yield part.rule(entry, definition, units);
      }
    }
  }
}

function entriesOf(part: RulePart): readonly (readonly [number, string])[] {
  const entries: (readonly [number, string])[] = [];
  part.index.forEach((units, _, start, end) => {
    for (let entry = start; entry < end; entry++) entries.push([entry, units]);
  });
  return entries;
}
