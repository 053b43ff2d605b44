/** Writes the configuration file that file.ts reads. */
import type { ConfigurationItem, Rate, Rule, RuleAction } from "../../domain/configuration/model.ts";
import { entityJson, itemJson, parseEntity } from "./entities.ts";
import { RULE_GROUPS, SECTIONS } from "./file.ts";
import { rowOfRule } from "./prefix-rule.ts";
import { DEFAULT_WEIGHT } from "./rule.ts";
import { DEFAULT_INCREMENT_S } from "./tables.ts";

type Json = Record<string, unknown>;
type Section = keyof typeof SECTIONS;

const ANY_DESTINATION = [{ id: "a", weight: DEFAULT_WEIGHT }];

/** The least that each entity is made of: what reading adds to it are the defaults. */
const LEAST = {
  settings: { defaultTrunk: "a" },
  trunks: { id: "a", dialProfile: { country: "US" } },
  destinations: { id: "a", target: { type: "reject", sipCode: 404, reason: "-" } },
  "emergency-routes": { id: "a", destinations: ["a"] },
  calendars: { id: "a", timeZone: "UTC" },
  "number-lists": { id: "a" },
  "rate-tables": { id: "a", currency: "USD" },
  profiles: { id: "a" },
  "decision-services": { id: "a", url: "https://decisions.example/" },
  "routing-rules": { id: "a", action: { type: "route", destinations: ANY_DESTINATION } },
} as const satisfies Readonly<Record<(typeof SECTIONS)[Section], Json>>;

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);

/** What is in `whole` and not in `part`, field by field. */
function added(whole: Json, part: Json): Json {
  return Object.fromEntries(
    Object.entries(whole).flatMap(([name, value]): [string, unknown][] => {
      const known = part[name];
      if (known === undefined) return [[name, value]];
      return isObject(value) && isObject(known) ? [[name, added(value, known)]] : [];
    }),
  );
}

/** Fields that equal their default are left out. A field that is an object is looked into. */
function withoutDefaults(json: Json, defaults: Json): Json {
  return Object.fromEntries(
    Object.entries(json).flatMap(([name, value]): [string, unknown][] => {
      const usual = defaults[name];
      if (usual === undefined) return [[name, value]];
      if (JSON.stringify(value) === JSON.stringify(usual)) return [];
      return [[name, isObject(value) && isObject(usual) ? withoutDefaults(value, usual) : value]];
    }),
  );
}

function defaultsOf(kind: keyof typeof LEAST): Json {
  const parsed = parseEntity(kind, LEAST[kind]);
  if (!parsed.ok) throw new Error(`the least of ${kind} is not valid`);
  return added(entityJson(kind, parsed.value), LEAST[kind]);
}

/** Made when it is first asked for: a Worker that writes no file has no use for it. */
const known = new Map<keyof typeof LEAST, Json>();
function usualOf(kind: keyof typeof LEAST): Json {
  const defaults = known.get(kind) ?? defaultsOf(kind);
  known.set(kind, defaults);
  return defaults;
}

/** Destinations as bare ids where no weight says more. */
function compactAction(action: RuleAction): Json {
  if (action.type === "ask")
    return { ...action, otherwise: action.otherwise === null ? null : compactAction(action.otherwise) };
  if (action.type !== "route" || action.destinations.some(({ weight }) => weight !== DEFAULT_WEIGHT)) return action;
  return { ...action, destinations: action.destinations.map(({ id }) => id) };
}

const compactRule = (rule: Rule): Json => ({ ...entityJson("routing-rules", rule), action: compactAction(rule.action) });

function rateRow({ prefix, perMinuteMicros, connectMicros, incrementS }: Rate): unknown[] {
  if (incrementS !== DEFAULT_INCREMENT_S) return [prefix, perMinuteMicros, connectMicros, incrementS];
  return connectMicros === 0 ? [prefix, perMinuteMicros] : [prefix, perMinuteMicros, connectMicros];
}

function push<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

function ruleRow(rule: Rule): unknown[] | null {
  const row = rowOfRule(rule);
  if (row === null) return null;
  const { prefix, destinations, ...others } = row;
  return Object.keys(others).length === 0 ? [prefix, destinations] : [prefix, destinations, others];
}

/**
 * The file of a configuration, in a fixed order; sections without entities are left out. Reading it gives the same items.
 * @param items in the order of `ENTITY_KINDS`, within a kind by key.
 */
export function configurationFile(items: Iterable<ConfigurationItem>): Json {
  const entities = new Map<string, Json[]>();
  const rows = new Map<string, unknown[]>();
  const groups = new Map<string, unknown[]>();
  for (const item of items) {
    if (item.kind === "rates") push(rows, `rates ${item.entity.table}`, rateRow(item.entity));
    else if (item.kind === "number-list-entries") push(rows, `numbers ${item.entity.list}`, item.entity.number);
    else {
      const row = item.kind === "routing-rules" ? ruleRow(item.entity) : null;
      if (row !== null && item.kind === "routing-rules") push(groups, item.entity.group!, row);
      else {
        const json = item.kind === "routing-rules" ? compactRule(item.entity) : itemJson(item).entity;
        push(entities, item.kind, withoutDefaults(json, usualOf(item.kind)));
      }
    }
  }
  const withRows = (table: Json, name: "rates" | "numbers"): Json => {
    const content = rows.get(`${name} ${String(table["id"])}`);
    return content === undefined ? table : { ...table, [name]: content };
  };
  const file: Json = {};
  for (const [section, kind] of Object.entries(SECTIONS)) {
    const content = entities.get(kind);
    if (content === undefined) continue;
    if (kind === "settings") file[section] = content[0];
    else if (kind === "rate-tables") file[section] = content.map((table) => withRows(table, "rates"));
    else if (kind === "number-lists") file[section] = content.map((table) => withRows(table, "numbers"));
    else file[section] = content;
  }
  if (groups.size > 0) file[RULE_GROUPS] = Object.fromEntries(groups);
  return file;
}
