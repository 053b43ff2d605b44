/**
 * A configuration that is all in memory, its rules looked through one after the other: for drafts, explanations and replays of small
 * configurations. The compiled router (domain/routing/compiled) gives the same decisions from packed chunks.
 */
import type {
  Calendar,
  DecisionService,
  Destination,
  EmergencyRoute,
  NumberListEntry,
  Profile,
  Rate,
  Rule,
  Settings,
  Trunk,
} from "../configuration/model.ts";
import { calendarState, compileCalendar, isOpen } from "./calendar.ts";
import type { Lookups } from "./check.ts";
import { compileRule } from "./conditions.ts";
import { comparePrecedence } from "./precedence.ts";
import type { RouterSource } from "./router.ts";

export type PlainConfiguration = {
  /** Null for a draft. */
  readonly version: string | null;
  readonly settings: Settings;
  readonly trunks: readonly Trunk[];
  readonly destinations: readonly Destination[];
  readonly emergencyRoutes: readonly EmergencyRoute[];
  readonly profiles: readonly Profile[];
  readonly calendars: readonly Calendar[];
  readonly listEntries: readonly NumberListEntry[];
  readonly rates: readonly Rate[];
  readonly rules: readonly Rule[];
  /** Absent: none. */
  readonly decisionServices?: readonly DecisionService[];
};

export type PlainRouter = RouterSource & Lookups;

const NOTHING_MISSING: readonly string[] = [];

function byId<T extends { readonly id: string }>(entities: readonly T[]): (id: string) => T | null {
  const map = new Map(entities.map((entity) => [entity.id, entity]));
  return (id) => map.get(id) ?? null;
}

/** Gives the value of the longest prefix of a text that is there; null: of none. */
function longestPrefix<T>(values: ReadonlyMap<string, T>, text: string): T | null {
  for (let length = text.length; length >= 0; length--) {
    const value = values.get(text.slice(0, length));
    if (value !== undefined) return value;
  }
  return null;
}

function rateLookup(rates: readonly Rate[]): RouterSource["rate"] {
  const tables = Map.groupBy(rates, ({ table }) => table);
  const prefixes = new Map([...tables].map(([table, own]) => [table, new Map(own.map((rate) => [rate.prefix, rate]))]));
  return (table, e164) => {
    const own = prefixes.get(table);
    return own === undefined ? null : longestPrefix(own, e164.slice(1));
  };
}

function listLookup(entries: readonly NumberListEntry[]): Lookups["inList"] {
  const lists = new Map<string, { readonly keys: Set<string>; readonly prefixes: Map<string, true> }>();
  for (const { list, number } of entries) {
    const own = lists.get(list) ?? { keys: new Set(), prefixes: new Map() };
    lists.set(list, own);
    if (number.endsWith("*")) own.prefixes.set(number.slice(0, -1), true);
    else own.keys.add(number);
  }
  return (list, key) => {
    const own = lists.get(list);
    return own !== undefined && (own.keys.has(key) || longestPrefix(own.prefixes, key) === true);
  };
}

/**
 * @param configuration one that has been checked; what refers to nothing never matches and leads nowhere.
 * @param aroundMs calendars are quick in the years around this moment.
 */
export function plainRouter(configuration: PlainConfiguration, aroundMs: number): PlainRouter {
  const calendars = byId(configuration.calendars.map((calendar) => compileCalendar(calendar, aroundMs)));
  const lookups: Lookups = {
    inList: listLookup(configuration.listEntries),
    isOpen: (id, atMs) => {
      const calendar = calendars(id);
      return calendar !== null && isOpen(calendar, atMs);
    },
  };
  const rules = configuration.rules.map((rule) => compileRule(rule));
  return {
    ...lookups,
    version: configuration.version,
    settings: configuration.settings,
    emergencyRoutes: configuration.emergencyRoutes,
    calendarState: (id, atMs) => calendarState(calendars(id), atMs),
    trunk: byId(configuration.trunks),
    destination: byId(configuration.destinations),
    decisionService: byId(configuration.decisionServices ?? []),
    profile: byId(configuration.profiles),
    rate: rateLookup(configuration.rates),
    takeMissing: () => NOTHING_MISSING,
    matches: (facts, nowMs, limit) => {
      const found = rules
        .filter((rule) => rule.holds(facts, lookups, nowMs))
        .map((rule) => ({ id: rule.rule.id, outcome: rule.rule, precedence: rule.precedenceFor(facts) }));
      found.sort((a, b) => comparePrecedence(a.precedence, a.id, b.precedence, b.id));
      return found.slice(0, limit);
    },
  };
}
