/**
 * Prefix rules in a row: what large groups of rules consist of, in CSV uploads and in configuration files. A row is about one prefix
 * of the called number; what it leaves out is as in a rule. Its rule's id is made of group, prefix and trunk, unless it has one.
 */
import {
  DEFAULT_PRECEDENCE,
  type Rule,
  STRATEGIES,
  type Strategy,
  type WeightedDestination,
} from "../../domain/configuration/model.ts";
import { REROUTE_CAUSES } from "../../domain/routing/plan.ts";
import { DEFAULT_WEIGHT } from "./rule.ts";

export type PrefixRow = {
  readonly prefix: string;
  /** `gw-a|gw-b:3`: ids, with a weight where it is not the usual one. */
  readonly destinations: string;
  readonly id?: string;
  readonly trunk?: string;
  readonly precedence?: number;
  readonly strategy?: string;
  /** `unreachable|503`; empty for none. */
  readonly rerouteCauses?: string;
  readonly maxDurationMs?: number;
  readonly enabled?: boolean;
};

/** `+49` → `49`, `112` → `short-112`, `+` → `any`. */
function nameOf(prefix: string): string {
  if (prefix === "+") return "any";
  return prefix.startsWith("+") ? prefix.slice(1) : `short-${prefix.replaceAll("*", "s").replaceAll("#", "h")}`;
}

function idOf(group: string, prefix: string, trunk: string | undefined): string {
  return `${group}-${nameOf(prefix)}${trunk === undefined ? "" : `-${trunk}`}`;
}

const causeOf = (text: string): unknown => (/^\d{3}$/.test(text) ? Number(text) : text);

function destinationOf(text: string): unknown {
  const colon = text.indexOf(":");
  if (colon < 0) return { id: text };
  const weight = text.slice(colon + 1);
  return { id: text.slice(0, colon), weight: /^\d{1,3}$/.test(weight) ? Number(weight) : weight };
}

/** The row as JSON of a rule, to be parsed as one. */
export function ruleJsonOfRow(group: string, row: PrefixRow): Record<string, unknown> {
  const { prefix, destinations, trunk, precedence, strategy, rerouteCauses, maxDurationMs, enabled } = row;
  const causes = rerouteCauses === "" ? [] : rerouteCauses?.split("|").map(causeOf);
  return {
    id: row.id ?? idOf(group, prefix, trunk),
    group,
    ...(enabled === undefined ? {} : { enabled }),
    ...(precedence === undefined ? {} : { precedence }),
    when: { ...(trunk === undefined ? {} : { trunk: [trunk] }), callee: { prefix: [prefix] } },
    action: {
      type: "route",
      ...(strategy === undefined ? {} : { strategy }),
      destinations: destinations.split("|").map(destinationOf),
      ...(causes === undefined ? {} : { rerouteCauses: causes }),
    },
    ...(maxDurationMs === undefined ? {} : { maxDurationMs }),
  };
}

/** Fields of JSON of a rule, as in the row that it came from: mistakes are said in the words of the row. */
const FIELDS: readonly (readonly [RegExp, string])[] = [
  [/^\/id$/, "id"],
  [/^\/when\/trunk/, "trunk"],
  [/^\/when\/callee/, "prefix"],
  [/^\/action\/destinations/, "destinations"],
  [/^\/action\/rerouteCauses/, "rerouteCauses"],
  [/^\/action\/strategy/, "strategy"],
];

export function rowFieldOf(pointer: string): string {
  return FIELDS.find(([pattern]) => pattern.test(pointer))?.[1] ?? pointer.slice(1).split("/", 1)[0]!;
}

function destinationText({ id, weight }: WeightedDestination): string {
  return weight === DEFAULT_WEIGHT ? id : `${id}:${weight}`;
}

const USUAL_CAUSES = REROUTE_CAUSES.join("|");
const USUAL_STRATEGY: Strategy = STRATEGIES[0];

/** Whether the object has these fields and no others. */
function hasOnly(object: object, ...names: readonly string[]): boolean {
  return Object.keys(object).every((name) => names.includes(name));
}

/** The rule as a row of its group; null when a row cannot say all of it. */
export function rowOfRule(rule: Rule): PrefixRow | null {
  const { id, group, enabled, blocker, precedence, activeFromMs, activeUntilMs, when, unless, action, maxDurationMs } = rule;
  if (group === null || blocker || activeFromMs !== null || activeUntilMs !== null || unless !== null) return null;
  if (action.type !== "route" || action.callerIdentity !== null) return null;
  const prefixes = when.callee?.prefix ?? [];
  const trunks = when.trunk ?? [];
  if (!hasOnly(when, "trunk", "callee") || !hasOnly(when.callee ?? {}, "prefix")) return null;
  if (prefixes.length !== 1 || trunks.length > 1 || (when.trunk !== undefined && trunks.length === 0)) return null;
  const prefix = prefixes[0]!;
  const trunk = trunks[0];
  const causes = action.rerouteCauses.join("|");
  return {
    prefix,
    destinations: action.destinations.map(destinationText).join("|"),
    ...(id === idOf(group, prefix, trunk) ? {} : { id }),
    ...(trunk === undefined ? {} : { trunk }),
    ...(precedence === DEFAULT_PRECEDENCE ? {} : { precedence }),
    ...(action.strategy === USUAL_STRATEGY ? {} : { strategy: action.strategy }),
    ...(causes === USUAL_CAUSES ? {} : { rerouteCauses: causes }),
    ...(maxDurationMs === null ? {} : { maxDurationMs }),
    ...(enabled ? {} : { enabled }),
  };
}
