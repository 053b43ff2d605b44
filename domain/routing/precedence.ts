/** Which of the rules that match goes first. One number per rule and call, so that sorting compares integers. */
import type { Conditions, NumberCondition, Rule } from "../configuration/model.ts";

/**
 * How closely a condition names a party's number: `EXACT`, `LIST`, the length of the longest prefix in it that the number begins with
 * (at most `MAX_PREFIX_SPECIFICITY`), or `NONE`. Fields of one condition must all hold, so the closest field counts.
 */
export const SPECIFICITY = { EXACT: 255, LIST: 254, MAX_PREFIX: 253, NONE: 0 } as const;

const SPECIFICITY_BITS = 8;
const OTHERS_BITS = 4;
const PRECEDENCE_BITS = 10;
const MAX_OTHERS = 2 ** OTHERS_BITS - 1;

/** Bits from the right: other conditions, trunk, caller, callee, the rule's own precedence, blocker. */
const TRUNK_SHIFT = OTHERS_BITS;
const CALLER_SHIFT = TRUNK_SHIFT + 1;
const CALLEE_SHIFT = CALLER_SHIFT + SPECIFICITY_BITS;
const PRECEDENCE_SHIFT = CALLEE_SHIFT + SPECIFICITY_BITS;
const BLOCKER_SHIFT = PRECEDENCE_SHIFT + PRECEDENCE_BITS;

/** What a prefix of this many characters counts; an empty one names nobody. */
export function prefixSpecificity(length: number): number {
  return Math.min(length, SPECIFICITY.MAX_PREFIX);
}

/**
 * How closely the condition names the number with this key.
 * @param key null: of all the numbers that the condition could be about, the best that it can reach.
 */
export function specificityOf(condition: NumberCondition | undefined, key: string | null): number {
  if (condition === undefined) return SPECIFICITY.NONE;
  if (condition.exact !== undefined) return SPECIFICITY.EXACT;
  if (condition.list !== undefined) return SPECIFICITY.LIST;
  let longest = 0;
  for (const prefix of condition.prefix ?? []) {
    if (prefix.length > longest && (key === null || key.startsWith(prefix))) longest = prefix.length;
  }
  return prefixSpecificity(longest);
}

/** True when `specificityOf` depends on the number: prefixes of several lengths, and nothing that counts more. */
export function specificityVaries(condition: NumberCondition | undefined): boolean {
  if (condition?.prefix === undefined || condition.exact !== undefined || condition.list !== undefined) return false;
  return condition.prefix.some(({ length }) => length !== condition.prefix?.[0]?.length);
}

function othersOfParty(condition: NumberCondition | undefined): number {
  if (condition === undefined) return 0;
  const others = [condition.country, condition.type, condition.regex, condition.withheld];
  return others.filter((field) => field !== undefined).length;
}

/**
 * Conditions besides trunk and exact, list and prefix of the parties: channel, priority, country, type, regular expression and
 * withheld of each party, calendar, dates, percentage, every metadata condition; an exception (`unless`) and an activation interval
 * count one each. At most `MAX_OTHERS` are told apart.
 */
function otherConditions(rule: Rule): number {
  const when: Conditions = rule.when;
  const plain = [when.channel, when.priority, when.calendar, when.dates, when.percentage];
  const count =
    plain.filter((field) => field !== undefined).length +
    othersOfParty(when.caller) +
    othersOfParty(when.callee) +
    (when.metadata?.length ?? 0) +
    (rule.unless === null ? 0 : 1) +
    (rule.activeFromMs === null && rule.activeUntilMs === null ? 0 : 1);
  return Math.min(count, MAX_OTHERS);
}

/**
 * The place of a rule among those that match, as an unsigned 32-bit integer: smaller goes first, equal ones by rule id, compared as text
 * by UTF-16 code units. Blockers, then the rule's own `precedence`, then the callee's specificity, the caller's, a named trunk, the number
 * of other conditions.
 * @param callee as `specificityOf` says for the number of this call; in an index with an entry per value, that of the value. Of several
 *   entries of one rule that match, the smallest result is the rule's.
 * @param caller likewise.
 */
export function precedenceOf(rule: Rule, callee: number, caller: number): number {
  const place =
    ((rule.blocker ? 0 : 1) << BLOCKER_SHIFT) |
    (rule.precedence << PRECEDENCE_SHIFT) |
    ((SPECIFICITY.EXACT - callee) << CALLEE_SHIFT) |
    ((SPECIFICITY.EXACT - caller) << CALLER_SHIFT) |
    ((rule.when.trunk === undefined ? 1 : 0) << TRUNK_SHIFT) |
    (MAX_OTHERS - otherConditions(rule));
  return place >>> 0;
}

/** Orders rules by precedence, then id. */
export function comparePrecedence(a: number, aId: string, b: number, bId: string): number {
  if (a !== b) return a - b;
  if (aId === bId) return 0;
  return aId < bId ? -1 : 1;
}
