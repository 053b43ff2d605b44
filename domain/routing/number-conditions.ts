/** Checks on one party's number. */
import type { NumberCondition } from "../configuration/model.ts";
import { type Check, oneOf } from "./check.ts";
import type { CallFacts, PartyFacts } from "./facts.ts";
import { fullMatch } from "./regex.ts";

export type Side = "caller" | "callee";

const key = (party: PartyFacts): string => party.key;

/** What is cheap to ask comes first. */
export function partyChecks(side: Side, condition: NumberCondition): Check[] {
  const { exact, prefix, list, country, type, regex, withheld } = condition;
  const checks: Check[] = [];
  const party = (facts: CallFacts): PartyFacts => (side === "caller" ? facts.caller : facts.callee);
  const add = (field: string, expected: unknown, holds: Check["holds"], actual: (of: PartyFacts) => unknown): void => {
    checks.push({ field: `${side}.${field}`, expected, holds, actual: (facts) => actual(party(facts)) });
  };

  if (withheld !== undefined)
    add(
      "withheld",
      withheld,
      (facts) => party(facts).withheld === withheld,
      (of) => of.withheld,
    );
  if (exact !== undefined) {
    const isIn = oneOf(exact);
    add("exact", exact, (facts) => isIn(party(facts).key), key);
  }
  if (prefix !== undefined) add("prefix", prefix, (facts) => beginsWithOne(party(facts).key, prefix), key);
  if (list !== undefined) {
    add(
      "list",
      list,
      (facts, lookups) => {
        for (const name of list) if (lookups.inList(name, party(facts).key)) return true;
        return false;
      },
      key,
    );
  }
  if (country !== undefined) {
    const isIn = oneOf<string | null>(country);
    add(
      "country",
      country,
      (facts) => isIn(party(facts).country()),
      (of) => of.country(),
    );
  }
  if (type !== undefined) {
    const isIn = oneOf<string | null>(type);
    add(
      "type",
      type,
      (facts) => isIn(party(facts).type()),
      (of) => of.type(),
    );
  }
  if (regex !== undefined) add("regex", regex, (facts) => fullMatch(regex, party(facts).key), key);
  return checks;
}

function beginsWithOne(text: string, prefixes: readonly string[]): boolean {
  for (const prefix of prefixes) if (text.startsWith(prefix)) return true;
  return false;
}
