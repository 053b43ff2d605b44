/** Whether a rule's definition has anything to be asked, besides what its place in an index and its entry answer already. */
import type { Conditions, NumberCondition, Rule } from "../../configuration/model.ts";
import { specificityVaries } from "../precedence.ts";
import type { AccessPath } from "./access-path.ts";
import { withoutPlain } from "./plain-conditions.ts";

/**
 * @param hasTrunk whether the entry says the rule's one trunk. @param calendarNumber as for `plainConditions`.
 * @returns true when the rule matches every call that the index leads to it and that fits its entry, always with the same precedence.
 */
export function isAnswered(
  { enabled, activeFromMs, activeUntilMs, when, unless }: Rule,
  access: AccessPath,
  hasTrunk: boolean,
  calendarNumber: (id: string) => number,
): boolean {
  if (!enabled || activeFromMs !== null || activeUntilMs !== null || unless !== null) return false;
  if (specificityVaries(when.callee) || specificityVaries(when.caller)) return false;
  const { trunk, ...rest } = withoutPlain(withoutAccess(when, access), calendarNumber);
  return (trunk === undefined || hasTrunk) && Object.keys(rest).length === 0;
}

/** Without the condition that the rule is found by. */
function withoutAccess(when: Conditions, { index, isPrefix, tags }: AccessPath): Conditions {
  if (index !== "tags") return { ...when, [index]: without(when[index], isPrefix ? "prefix" : "exact") };
  if (tags === undefined) return when;
  if ("metadata" in tags) {
    const { metadata, ...rest } = when;
    return metadata?.length === 1 ? rest : when;
  }
  switch (tags.kind) {
    case "trunk": {
      const { trunk: _, ...rest } = when;
      return rest;
    }
    case "to":
      return { ...when, callee: without(when.callee, "country") };
    case "from":
      return { ...when, caller: without(when.caller, "country") };
    default:
      return when;
  }
}

function without(condition: NumberCondition | undefined, field: keyof NumberCondition): NumberCondition {
  const { [field]: _, ...rest } = condition ?? {};
  return rest;
}
