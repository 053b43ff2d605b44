/**
 * What rules are, apart from their place in an index. Rules that differ in id and called number or prefix alone (there may be hundreds of
 * thousands) share one definition without these; any other rule has one of its own.
 */
import type { Rule, RuleAction } from "../../configuration/model.ts";
import { fromUnits } from "../../packed/units.ts";
import type { TrunkId } from "../../shared/ids.ts";
import { type CompiledRule, compileRule } from "../conditions.ts";
import { specificityVaries } from "../precedence.ts";
import type { RuleOutcome } from "../router.ts";
import type { AccessPath } from "./access-path.ts";

/** Which field of `when.callee` the entry's key belongs in; null: the definition is a whole rule. */
type KeyField = "exact" | "prefix" | null;
type Json = { readonly key: KeyField; readonly rule: Omit<Rule, "action"> };
/** Between a definition's JSON and that of its action, which many definitions have in common. */
const SEPARATOR = "\n";

type Written = {
  readonly json: string;
  readonly isShared: boolean;
};

/**
 * The JSON of a rule's definition.
 * @param hasTrunk whether the entry says the rule's one trunk. @returns the same text for rules that can share one.
 */
export function writeDefinition(rule: Rule, access: AccessPath, hasTrunk: boolean): Written {
  const isShared = canShare(rule, access);
  const key = access.isPrefix ? "prefix" : "exact";
  const { action, ...rest } = isShared ? withoutEntry(rule, key, hasTrunk) : rule;
  const written: Json = { key: isShared ? key : null, rule: rest };
  return { json: JSON.stringify(written) + SEPARATOR + JSON.stringify(action), isShared };
}

/** A percentage depends on the rule's id, and a place that varies from call to call cannot be noted beside the entry. */
function canShare({ when, unless }: Rule, { index, keys }: AccessPath): boolean {
  return (
    index === "callee" &&
    keys.length === 1 &&
    when.percentage === undefined &&
    unless?.percentage === undefined &&
    !specificityVaries(when.caller)
  );
}

/** What the entry says is left out. */
function withoutEntry(rule: Rule, key: "exact" | "prefix", hasTrunk: boolean): Rule {
  const { callee, trunk, ...when } = rule.when;
  const { [key]: _, ...rest } = callee ?? {};
  return {
    ...rule,
    id: "",
    when: {
      ...when,
      ...(trunk === undefined || hasTrunk ? {} : { trunk }),
      ...(Object.keys(rest).length === 0 ? {} : { callee: rest }),
    },
  };
}

export class Definition {
  /** Asks what the index has not answered already. */
  readonly compiled: CompiledRule;
  /** The same for all rules that share the definition. */
  readonly outcome: RuleOutcome;
  /** Bytes of JSON without the action. */
  readonly size: number;
  /** Since the cache looked last: see `DefinitionCache`. */
  isUsed = true;
  readonly #key: KeyField;

  /**
   * @param text what `writeDefinition` wrote. @param actionOf decodes an action, or gives the one that is there already.
   * @throws on anything else: chunks are checked before they are read.
   */
  constructor(text: string, actionOf: (json: string) => RuleAction) {
    this.size = text.indexOf(SEPARATOR);
    const { key, rule } = JSON.parse(text.slice(0, this.size)) as Json;
    this.#key = key;
    this.compiled = compileRule({ ...rule, action: actionOf(text.slice(this.size + 1)) });
    this.outcome = this.compiled.rule;
  }

  get isWhole(): boolean {
    return this.#key === null;
  }

  /** The rule of an entry, unless the definition is whole. @param units the entry's key, @param trunk the one that the entry says. */
  ruleFor(id: string, units: string, trunk: TrunkId | null): Rule {
    const { rule } = this.compiled;
    const keys = [fromUnits(units)];
    const callee = this.#key === "prefix" ? { ...rule.when.callee, prefix: keys } : { ...rule.when.callee, exact: keys };
    const when = trunk === null ? { ...rule.when, callee } : { ...rule.when, trunk: [trunk], callee };
    return { ...rule, id, when };
  }
}
