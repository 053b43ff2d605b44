/**
 * Routing as one would write it down on a page: every rule, one after the other, by plain loops, `Intl` and JavaScript's own regular
 * expressions. Slow, and with nothing of the real evaluation in it, except for the hash behind percentages and the classes of numbers.
 */
import type { Calendar, Conditions, NumberCondition, Rule } from "../../../domain/configuration/model.ts";
import { type Address, routingKey } from "../../../domain/numbers/address.ts";
import { countryOf, typeOf } from "../../../domain/numbers/number-class.ts";
import type { PlainConfiguration } from "../../../domain/routing/plain-router.ts";
import type { RouterSource, RoutingCall } from "../../../domain/routing/router.ts";
import { stableHash } from "../../../domain/routing/stable-hash.ts";

const formats = new Map<string, Intl.DateTimeFormat>();

function wallClock(timeZone: string, atMs: number): { date: string; weekday: string; time: string } {
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat("en-GB", {
      timeZone,
      weekday: "short",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    });
  formats.set(timeZone, format);
  const part = Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, value]));
  return {
    date: `${part["year"]}-${part["month"]}-${part["day"]}`,
    weekday: part["weekday"]!.toLowerCase(),
    time: `${part["hour"]}:${part["minute"]}`,
  };
}

function hoursOn(calendar: Calendar, date: string, weekday: string) {
  const holiday = calendar.holidays.find((day) => day.date === date);
  return holiday?.hours ?? calendar.weekly.filter(({ days }) => days.some((day) => day === weekday));
}

function isOpen(calendar: Calendar, atMs: number): boolean {
  const { date, weekday, time } = wallClock(calendar.timeZone, atMs);
  const midday = Date.parse(`${date}T12:00:00Z`) - 86_400_000;
  const dayBefore = wallClock("UTC", midday);
  return (
    hoursOn(calendar, date, weekday).some(({ from, to }) => time >= from && (to <= from || time < to)) ||
    hoursOn(calendar, dayBefore.date, dayBefore.weekday).some(({ from, to }) => to <= from && time < to)
  );
}

function listHas(configuration: PlainConfiguration, list: string, key: string): boolean {
  return configuration.listEntries.some(
    (entry) =>
      entry.list === list && (entry.number.endsWith("*") ? key.startsWith(entry.number.slice(0, -1)) : entry.number === key),
  );
}

function numberHolds(configuration: PlainConfiguration, condition: NumberCondition, address: Address): boolean {
  const key = routingKey(address);
  const { exact, prefix, list, country, type, regex, withheld } = condition;
  if (exact && !exact.includes(key)) return false;
  if (prefix && !prefix.some((text) => key.startsWith(text))) return false;
  if (list && !list.some((id) => listHas(configuration, id, key))) return false;
  if (country && !(address.kind === "e164" && country.includes(countryOf(key)!))) return false;
  if (type && !(address.kind === "e164" && type.includes(typeOf(key)))) return false;
  if (regex !== undefined && !new RegExp(`^(?:${regex})$`, "u").test(key)) return false;
  return withheld === undefined || withheld === (address.kind === "anonymous");
}

function conditionsHold(
  configuration: PlainConfiguration,
  ruleId: string,
  conditions: Conditions,
  call: RoutingCall,
  to: Address,
  nowMs: number,
): boolean {
  const { trunk, channel, priority, caller, callee, calendar, dates, percentage, metadata } = conditions;
  if (trunk && !trunk.includes(call.trunk)) return false;
  if (channel && !channel.includes(call.channel)) return false;
  if (priority && !priority.includes(call.priority)) return false;
  if (caller && !numberHolds(configuration, caller, call.from)) return false;
  if (callee && !numberHolds(configuration, callee, to)) return false;
  if (calendar) {
    const found = configuration.calendars.find(({ id }) => id === calendar.id);
    if ((found !== undefined && isOpen(found, nowMs)) !== (calendar.is === "open")) return false;
  }
  if (dates) {
    const { date } = wallClock(dates.timeZone, nowMs);
    if ((dates.from !== undefined && date < dates.from) || (dates.to !== undefined && date >= dates.to)) return false;
  }
  if (percentage !== undefined) {
    const share = stableHash(routingKey(call.from), stableHash(ruleId)) % 10_000;
    if (share >= Math.round(percentage * 100)) return false;
  }
  return (metadata ?? []).every((condition) => {
    const value = Object.hasOwn(call.metadata, condition.key) ? call.metadata[condition.key] : undefined;
    if ("equals" in condition) return value === condition.equals;
    if ("in" in condition) return condition.in.some((one) => one === value);
    return typeof value === "string" && value.startsWith(condition.prefix);
  });
}

function matches(configuration: PlainConfiguration, rule: Rule, call: RoutingCall, to: Address, nowMs: number): boolean {
  if (!rule.enabled) return false;
  if (rule.activeFromMs !== null && nowMs < rule.activeFromMs) return false;
  if (rule.activeUntilMs !== null && nowMs >= rule.activeUntilMs) return false;
  if (!conditionsHold(configuration, rule.id, rule.when, call, to, nowMs)) return false;
  return rule.unless === null || !conditionsHold(configuration, rule.id, rule.unless, call, to, nowMs);
}

/** Exact, list, prefixes from the longest to the shortest, none: as numbers of which a larger one goes first. */
function closeness(condition: NumberCondition | undefined, key: string): number {
  if (condition?.exact) return 1_000;
  if (condition?.list) return 999;
  return Math.max(0, ...(condition?.prefix ?? []).filter((prefix) => key.startsWith(prefix)).map(({ length }) => length));
}

function otherConditions({ when, unless, activeFromMs, activeUntilMs }: Rule): number {
  const ofParty = ({ country, type, regex, withheld }: NumberCondition) => [country, type, regex, withheld];
  const fields = [when.channel, when.priority, when.calendar, when.dates, when.percentage, ...(when.metadata ?? [])];
  const all = [...fields, ...ofParty(when.caller ?? {}), ...ofParty(when.callee ?? {})];
  const timed = activeFromMs !== null || activeUntilMs !== null;
  return all.filter((field) => field !== undefined).length + (unless ? 1 : 0) + (timed ? 1 : 0);
}

function places(rule: Rule, callerKey: string, calleeKey: string): readonly number[] {
  return [
    rule.blocker ? 0 : 1,
    rule.precedence,
    -closeness(rule.when.callee, calleeKey),
    -closeness(rule.when.caller, callerKey),
    rule.when.trunk ? 0 : 1,
    -otherConditions(rule),
  ];
}

function compare(a: readonly number[], b: readonly number[]): number {
  return a.map((value, index) => value - b[index]!).find((difference) => difference !== 0) ?? 0;
}

/** The configuration as a source of decisions, evaluated naively. */
export function referenceSource(configuration: PlainConfiguration): RouterSource {
  const { trunks, destinations, profiles, rates } = configuration;
  return {
    version: configuration.version,
    settings: configuration.settings,
    emergencyRoutes: configuration.emergencyRoutes,
    calendarState: (id, atMs) => {
      const calendar = configuration.calendars.find((one) => one.id === id);
      if (calendar === undefined) return null;
      return isOpen(calendar, atMs) ? "open" : "closed";
    },
    trunk: (id) => trunks.find((trunk) => trunk.id === id) ?? null,
    destination: (id) => destinations.find((destination) => destination.id === id) ?? null,
    decisionService: (id) => configuration.decisionServices?.find((service) => service.id === id) ?? null,
    profile: (key) => profiles.find(({ id }) => id === key) ?? null,
    rate: (table, e164) =>
      rates
        .filter((rate) => rate.table === table && e164.startsWith(`+${rate.prefix}`))
        .toSorted((a, b) => b.prefix.length - a.prefix.length)[0] ?? null,
    takeMissing: () => [],
    matches: ({ call, callee: { address: to } }, nowMs, limit) => {
      const place = (rule: Rule) => places(rule, routingKey(call.from), routingKey(to));
      return configuration.rules
        .filter((rule) => matches(configuration, rule, call, to, nowMs))
        .toSorted((a, b) => compare(place(a), place(b)) || (a.id < b.id ? -1 : 1))
        .slice(0, limit)
        .map((rule) => ({ id: rule.id, outcome: rule }));
    },
  };
}
