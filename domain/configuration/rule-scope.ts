/** Whether the conditions of one rule hold for every call for which those of another hold: field by field, and when in doubt not. */
import type { Conditions, MetadataCondition, NumberCondition, Rule } from "./model.ts";
import { SPECIFICITY, precedenceOf, prefixSpecificity, specificityOf } from "../routing/precedence.ts";

type Values = readonly (string | number | boolean)[];

const isSubset = (narrow: Values, wide: Values): boolean => narrow.every((value) => wide.includes(value));
const isLimited = (narrow: Values | undefined, wide: Values | undefined): boolean =>
  wide === undefined || (narrow !== undefined && isSubset(narrow, wide));

/** Whether every number that satisfies `narrow` begins with one of the prefixes. */
function begins(narrow: NumberCondition, prefixes: readonly string[]): boolean {
  const hasPrefix = (text: string): boolean => prefixes.some((prefix) => text.startsWith(prefix));
  return (narrow.exact?.every(hasPrefix) ?? false) || (narrow.prefix?.every(hasPrefix) ?? false);
}

function coversNumber(wide: NumberCondition | undefined, narrow: NumberCondition | undefined): boolean {
  if (wide === undefined) return true;
  if (narrow === undefined) return Object.keys(wide).length === 0;
  return (
    isLimited(narrow.exact, wide.exact) &&
    (wide.prefix === undefined || begins(narrow, wide.prefix)) &&
    isLimited(narrow.list, wide.list) &&
    isLimited(narrow.country, wide.country) &&
    isLimited(narrow.type, wide.type) &&
    (wide.regex === undefined || wide.regex === narrow.regex) &&
    (wide.withheld === undefined || wide.withheld === narrow.withheld)
  );
}

function coversDates(wide: Conditions["dates"], narrow: Conditions["dates"]): boolean {
  if (wide === undefined) return true;
  if (narrow === undefined || narrow.timeZone !== wide.timeZone) return false;
  // Dates compare as text; an open end is beyond every date.
  const starts = wide.from === undefined || (narrow.from !== undefined && narrow.from >= wide.from);
  const ends = wide.to === undefined || (narrow.to !== undefined && narrow.to <= wide.to);
  return starts && ends;
}

function coversMetadata(wide: readonly MetadataCondition[] = [], narrow: readonly MetadataCondition[] = []): boolean {
  const written = new Set(narrow.map((condition) => JSON.stringify(condition)));
  return wide.every((condition) => written.has(JSON.stringify(condition)));
}

/** Whether `wide` holds whenever `narrow` holds. */
export function coversConditions(wide: Conditions, narrow: Conditions): boolean {
  return (
    isLimited(narrow.trunk, wide.trunk) &&
    isLimited(narrow.channel, wide.channel) &&
    isLimited(narrow.priority, wide.priority) &&
    coversNumber(wide.caller, narrow.caller) &&
    coversNumber(wide.callee, narrow.callee) &&
    (wide.calendar === undefined || (wide.calendar.id === narrow.calendar?.id && wide.calendar.is === narrow.calendar.is)) &&
    coversDates(wide.dates, narrow.dates) &&
    // Two rules with the same percentage take different callers.
    (wide.percentage === undefined || wide.percentage >= 100) &&
    coversMetadata(wide.metadata, narrow.metadata)
  );
}

/**
 * Whether the rule decides whatever it matches, at any time. One that rewrites the number does not: a rule behind it may decide about the
 * new one.
 */
export function decidesAlways(rule: Rule): boolean {
  return (
    rule.enabled &&
    rule.activeFromMs === null &&
    rule.activeUntilMs === null &&
    rule.unless === null &&
    (rule.when.percentage === undefined || rule.when.percentage >= 100) &&
    rule.action.type !== "continue"
  );
}

/** The least that the condition can count for a number that satisfies it. */
function leastSpecificity(condition: NumberCondition | undefined): number {
  const best = specificityOf(condition, null);
  if (best >= SPECIFICITY.LIST || condition?.prefix === undefined) return best;
  return prefixSpecificity(condition.prefix.reduce((least, { length }) => Math.min(least, length), Infinity));
}

/** The best place that the rule can have among those that match, as `precedenceOf`. */
export function bestPlace(rule: Rule): number {
  return precedenceOf(rule, specificityOf(rule.when.callee, null), specificityOf(rule.when.caller, null));
}

/** The worst. */
export function worstPlace(rule: Rule): number {
  return precedenceOf(rule, leastSpecificity(rule.when.callee), leastSpecificity(rule.when.caller));
}
