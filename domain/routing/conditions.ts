/**
 * A rule made ready to be asked whether it matches. Each condition becomes one small check; deciding asks them in order until one fails,
 * explaining shows all of them.
 */
import type { Conditions, MetadataCondition, Rule } from "../configuration/model.ts";
import { compileDates } from "./calendar.ts";
import { type Check, type Lookups, oneOf } from "./check.ts";
import { type CallFacts, factsOf } from "./facts.ts";
import { partyChecks } from "./number-conditions.ts";
import { precedenceOf, specificityOf, specificityVaries } from "./precedence.ts";
import { stableHash } from "./stable-hash.ts";
import { localMs } from "./time-zone.ts";

export { type CallFacts, type Check, type Lookups, factsOf };

/** Shares of callers are told apart in hundredths of a percent. */
const SHARES = 10_000;

/** In which of `SHARES` equal shares the caller is, for this rule. All callers who withhold their number are one. */
function shareOf(ruleId: string, callerKey: string): number {
  return stableHash(callerKey, stableHash(ruleId)) % SHARES;
}

function metadataCheck(condition: MetadataCondition): Check {
  const { key } = condition;
  const valueOf = ({ call }: CallFacts): unknown => (Object.hasOwn(call.metadata, key) ? call.metadata[key] : undefined);
  const base = { field: `metadata.${key}`, actual: (facts: CallFacts) => valueOf(facts) ?? null };
  if ("equals" in condition) {
    const { equals } = condition;
    return { ...base, expected: { equals }, holds: (facts) => valueOf(facts) === equals };
  }
  if ("in" in condition) {
    const isIn = oneOf<unknown>(condition.in);
    return { ...base, expected: { in: condition.in }, holds: (facts) => isIn(valueOf(facts)) };
  }
  const { prefix } = condition;
  const begins = (value: unknown): boolean => typeof value === "string" && value.startsWith(prefix);
  return { ...base, expected: { prefix }, holds: (facts) => begins(valueOf(facts)) };
}

function calendarCheck({ id, is }: NonNullable<Conditions["calendar"]>): Check {
  return {
    field: "calendar",
    expected: { id, is },
    holds: (_, lookups, nowMs) => lookups.isOpen(id, nowMs) === (is === "open"),
    actual: (_, lookups, nowMs) => (lookups.isOpen(id, nowMs) ? "open" : "closed"),
  };
}

function datesCheck(dates: NonNullable<Conditions["dates"]>): Check {
  // The years around the first look are worked out at that look: what they are is not known before.
  let inDates: ((atMs: number) => boolean) | null = null;
  return {
    field: "dates",
    expected: dates,
    holds: (_, __, nowMs) => (inDates ??= compileDates(dates, nowMs))(nowMs),
    actual: (_, __, nowMs) => writtenDate(nowMs, dates.timeZone),
  };
}

/** `YYYY-MM-DD`. */
function writtenDate(nowMs: number, timeZone: string): string {
  return new Date(localMs(timeZone, [], nowMs)).toISOString().slice(0, "YYYY-MM-DD".length);
}

function percentageCheck(percentage: number, ruleId: string): Check {
  const share = Math.round((percentage * SHARES) / 100);
  return {
    field: "percentage",
    expected: percentage,
    holds: ({ caller }) => shareOf(ruleId, caller.key) < share,
    actual: ({ caller }) => (shareOf(ruleId, caller.key) * 100) / SHARES,
  };
}

/** The checks of a set of conditions, the cheap ones first. */
function checksOf(conditions: Conditions, ruleId: string): Check[] {
  const checks: Check[] = [];
  const { trunk, channel, priority } = conditions;
  if (trunk !== undefined) {
    const isIn = oneOf(trunk);
    checks.push({ field: "trunk", expected: trunk, holds: ({ call }) => isIn(call.trunk), actual: ({ call }) => call.trunk });
  }
  if (channel !== undefined) {
    const isIn = oneOf(channel);
    checks.push({
      field: "channel",
      expected: channel,
      holds: ({ call }) => isIn(call.channel),
      actual: ({ call }) => call.channel,
    });
  }
  if (priority !== undefined) {
    const isIn = oneOf(priority);
    checks.push({
      field: "priority",
      expected: priority,
      holds: ({ call }) => isIn(call.priority),
      actual: ({ call }) => call.priority,
    });
  }
  if (conditions.dates !== undefined) checks.push(datesCheck(conditions.dates));
  if (conditions.callee !== undefined) checks.push(...partyChecks("callee", conditions.callee));
  if (conditions.caller !== undefined) checks.push(...partyChecks("caller", conditions.caller));
  if (conditions.percentage !== undefined) checks.push(percentageCheck(conditions.percentage, ruleId));
  for (const condition of conditions.metadata ?? []) checks.push(metadataCheck(condition));
  if (conditions.calendar !== undefined) checks.push(calendarCheck(conditions.calendar));
  return checks;
}

/** That a rule is in force at all: neither disabled nor outside of its activation interval. */
function activationChecks({ enabled, activeFromMs, activeUntilMs }: Rule): Check[] {
  const checks: Check[] = [];
  if (!enabled) checks.push({ field: "enabled", expected: true, holds: () => false, actual: () => false });
  const now = (_: CallFacts, __: Lookups, nowMs: number): number => nowMs;
  if (activeFromMs !== null)
    checks.push({ field: "activeFrom", expected: activeFromMs, holds: (_, __, at) => at >= activeFromMs, actual: now });
  if (activeUntilMs !== null)
    checks.push({ field: "activeUntil", expected: activeUntilMs, holds: (_, __, at) => at < activeUntilMs, actual: now });
  return checks;
}

function allHold(checks: readonly Check[], facts: CallFacts, lookups: Lookups, nowMs: number): boolean {
  for (const check of checks) if (!check.holds(facts, lookups, nowMs)) return false;
  return true;
}

export class CompiledRule {
  readonly rule: Rule;
  /** The best place (`precedenceOf`) that the rule can have for any call; for this one it may be a later one: `precedenceFor`. */
  readonly precedence: number;
  /** What must hold: being in force, and `when`. */
  readonly checks: readonly Check[];
  /** What must not hold all together; null: no exception. */
  readonly unless: readonly Check[] | null;
  readonly #varies: boolean;

  constructor(rule: Rule) {
    const { caller, callee } = rule.when;
    this.rule = rule;
    this.precedence = precedenceOf(rule, specificityOf(callee, null), specificityOf(caller, null));
    this.checks = [...activationChecks(rule), ...checksOf(rule.when, rule.id)];
    this.unless = rule.unless === null ? null : checksOf(rule.unless, rule.id);
    this.#varies = specificityVaries(callee) || specificityVaries(caller);
  }

  /** The rule's place among those that match this call: a rule with prefixes of several lengths counts by the longest that matches. */
  precedenceFor(facts: CallFacts): number {
    if (!this.#varies) return this.precedence;
    const { caller, callee } = this.rule.when;
    return precedenceOf(this.rule, specificityOf(callee, facts.callee.key), specificityOf(caller, facts.caller.key));
  }

  /** Whether the rule matches, activation and exception included. What `lookups` could not answer makes the result void. */
  holds(facts: CallFacts, lookups: Lookups, nowMs: number): boolean {
    return allHold(this.checks, facts, lookups, nowMs) && !this.isExcepted(facts, lookups, nowMs);
  }

  isExcepted(facts: CallFacts, lookups: Lookups, nowMs: number): boolean {
    return this.unless !== null && allHold(this.unless, facts, lookups, nowMs);
  }
}

/** @param rule of a configuration that has been checked: calendars' zones, dates and regular expressions in it are valid. */
export function compileRule(rule: Rule): CompiledRule {
  return new CompiledRule(rule);
}
