/** What can be said of one routing rule, knowing the entities that it refers to. */
import { classifyEmergency, mayBeEmergency } from "../numbers/emergency.ts";
import { programSize, regexProblem, rewriteProblem } from "../routing/regex.ts";
import { isTimeZone } from "../routing/time-zone.ts";
import { type FindingList, pointerOf } from "./findings.ts";
import {
  type Capability,
  type Conditions,
  type DecisionService,
  type Destination,
  type NumberCondition,
  type Rule,
  type RuleAction,
  type Trunk,
  canDo,
} from "./model.ts";
import type { References } from "./references.ts";

export type RuleContext = {
  readonly problems: FindingList;
  readonly warnings: FindingList;
  readonly references: References;
  readonly trunks: ReadonlyMap<string, Trunk>;
  readonly destinations: ReadonlyMap<string, Destination>;
  readonly decisionServices: ReadonlyMap<string, DecisionService>;
  /** Of all rules so far, in instructions. */
  programsSize: number;
};

const KIND = "routing-rules";

function checkNumber(context: RuleContext, condition: NumberCondition | undefined, place: readonly string[]): void {
  if (condition === undefined) return;
  context.references.useAll("number-lists", condition.list, ...place, "list");
  const problem = condition.regex === undefined ? null : regexProblem(condition.regex);
  if (problem !== null) context.problems.add(pointerOf(...place, "regex"), "bad_regex", problem);
  else if (condition.regex !== undefined) context.programsSize += programSize(condition.regex);
}

function checkConditions(context: RuleContext, conditions: Conditions, place: readonly string[]): void {
  const { references, problems } = context;
  references.useAll("trunks", conditions.trunk, ...place, "trunk");
  checkNumber(context, conditions.callee, [...place, "callee"]);
  checkNumber(context, conditions.caller, [...place, "caller"]);
  const { calendar, dates } = conditions;
  if (calendar !== undefined) references.use("calendars", calendar.id, () => pointerOf(...place, "calendar", "id"));
  if (dates !== undefined && !isTimeZone(dates.timeZone))
    problems.add(pointerOf(...place, "dates", "timeZone"), "bad_time_zone", `there is no time zone "${dates.timeZone}"`);
}

/** Why the rule matches nothing, whatever the call; null: it may. */
function neverMatches({ when, activeFromMs, activeUntilMs }: Rule): string | null {
  if (activeFromMs !== null && activeUntilMs !== null && activeFromMs >= activeUntilMs)
    return "its activation ends before it begins";
  if (when.percentage === 0) return "its percentage is 0";
  const { from, to } = when.dates ?? {};
  if (from !== undefined && to !== undefined && from >= to) return "its dates end before they begin";
  const lists = [when.trunk, when.channel, when.priority, when.callee?.exact, when.callee?.prefix, when.callee?.list];
  return lists.some((list) => list?.length === 0) ? "one of its conditions allows no value" : null;
}

function checkAction(context: RuleContext, rule: Rule): void {
  const { action } = rule;
  const place = [KIND, rule.id, "action"];
  if (action.type !== "ask") return checkRoute(context, rule, action, place);
  const { references, warnings, decisionServices } = context;
  references.use("decision-services", action.service, () => pointerOf(...place, "service"));
  if (rule.enabled && decisionServices.get(action.service)?.enabled === false)
    warnings.add(pointerOf(...place, "service"), "not_asked", "the service is switched off: the fallback decides");
  if (action.otherwise !== null) return checkRoute(context, rule, action.otherwise, [...place, "otherwise"]);
  const detail = "calls that the service does not decide about have no route";
  warnings.add(pointerOf(...place, "otherwise"), "no_fallback", detail);
}

function checkRoute(context: RuleContext, rule: Rule, action: RuleAction, at: readonly string[]): void {
  const { references, warnings, destinations } = context;
  if (action.type !== "route") return;
  const { strategy, destinations: targets } = action;
  const place = [...at, "destinations"];
  targets.forEach(({ id }, index) => references.use("destinations", id, () => pointerOf(...place, index, "id")));
  const known = targets.flatMap(({ id }) => destinations.get(id) ?? []);
  if (rule.enabled && known.length > 0 && known.every(({ enabled }) => !enabled))
    warnings.add(pointerOf(...place), "leads_nowhere", "all destinations are switched off: its calls are rejected");
  if (strategy !== "least_cost") return;
  for (const { id, rateTable, target } of known) {
    if (rateTable === null && target.type !== "reject")
      warnings.add(pointerOf(...place), "no_rate", `destination "${id}" has no rate table and comes last`);
  }
}

/** What the rule asks of its trunks, beside trying one destination. */
function asked(rule: Rule): Capability[] {
  const action = rule.action.type === "ask" ? rule.action.otherwise : rule.action;
  const capabilities: Capability[] = [];
  if (action?.type === "route" && action.destinations.length > 1) capabilities.push("failover");
  if (action?.type === "route" && action.callerIdentity !== null) capabilities.push("caller_identity");
  if (rule.maxDurationMs !== null) capabilities.push("max_duration");
  return capabilities;
}

/** A rule that names its trunks knows whom it talks to; of one for any trunk, every trunk does what it can. */
function checkCapabilities(context: RuleContext, rule: Rule): void {
  for (const id of rule.when.trunk ?? []) {
    const trunk = context.trunks.get(id);
    for (const capability of trunk === undefined ? [] : asked(rule)) {
      if (!canDo(trunk!, capability))
        context.warnings.add(pointerOf(KIND, rule.id), "capability_missing", `trunk "${id}" cannot do ${capability}`);
    }
  }
}

/** Whether the number calls for help on any trunk. Hardly any number may, and there may be many rules. */
function isEmergencyFor({ trunks }: RuleContext, number: string): boolean {
  if (!mayBeEmergency(number)) return false;
  return (
    classifyEmergency(number, undefined, {
      countries: Array.from(trunks.values(), ({ dialProfile }) => dialProfile.country),
    }) !== null
  );
}

/** A rewritten call is routed like any other: not on the emergency lane, and to no answering point. */
function checkRewriting(context: RuleContext, { id, action }: Rule): void {
  const { problems, warnings } = context;
  if (action.type !== "continue") return;
  if (action.callee.type === "regex") {
    const problem = rewriteProblem(action.callee);
    if (problem !== null) problems.add(pointerOf(KIND, id, "action", "callee", "pattern"), "bad_regex", problem);
    else context.programsSize += programSize(action.callee.pattern);
  }
  if (action.callee.type === "replace" && isEmergencyFor(context, action.callee.number)) {
    const detail = "the number is an emergency number, and what is rewritten to it is routed as an ordinary call";
    warnings.add(pointerOf(KIND, id, "action", "callee", "number"), "rewrites_to_emergency", detail);
  }
}

/** @returns false when an expression in it is unsound, so that nobody may run it. */
export function checkRule(context: RuleContext, rule: Rule): boolean {
  const { problems, warnings } = context;
  const before = problems.count;
  checkConditions(context, rule.when, [KIND, rule.id, "when"]);
  if (rule.unless !== null) checkConditions(context, rule.unless, [KIND, rule.id, "unless"]);
  checkRewriting(context, rule);
  if (rule.blocker && rule.action.type !== "reject")
    problems.add(pointerOf(KIND, rule.id, "action"), "blocker_must_reject", "a blocker can only reject");
  checkAction(context, rule);
  checkCapabilities(context, rule);
  const never = rule.enabled ? neverMatches(rule) : null;
  if (never !== null) warnings.add(pointerOf(KIND, rule.id), "never_matches", `the rule matches no call: ${never}`);
  return problems.count === before;
}
