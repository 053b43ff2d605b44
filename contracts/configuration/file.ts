/**
 * The whole configuration as one object, as people keep it in YAML or JSON:
 *
 *     settings:        {defaultTrunk: main}
 *     trunks:          [{id: main, dialProfile: {country: US}}]        entities, as in the REST API
 *     destinations, calendars, profiles, emergencyRoutes, decisionServices, routingRules: the same
 *     rateTables:      [{id: a, currency: EUR, rates: [["4930", 12000]]}]    rows [prefix, perMinuteMicros, connectMicros?, incrementS?]
 *     numberLists:     [{id: vip, numbers: ["+4930123", "+4989*"]}]
 *     ruleGroups:      {germany: [["+4930", "gw-a|gw-b:3", {trunk: main}]]}  rows [prefix, destinations, others?], see prefix-rule.ts
 *
 * Rules of a group that are more than a row stand among `routingRules`, with the group's name. What has its default is left out in
 * writing, and completed in reading.
 */
import { type ConfigurationItem, ENTITY_KINDS, type EntityKind, entityKey } from "../../domain/configuration/model.ts";
import { type Result, err, ok } from "../../domain/shared/result.ts";
import { type FieldError, pointerTo } from "../issues.ts";
import { itemOf, parseEntity, unknownField } from "./entities.ts";
import { MAX_REPORTED_ERRORS } from "./limits.ts";
import { type PrefixRow, rowFieldOf, ruleJsonOfRow } from "./prefix-rule.ts";

/** Names in the file, in its order, and what stands under them. */
export const SECTIONS = {
  settings: "settings",
  trunks: "trunks",
  destinations: "destinations",
  emergencyRoutes: "emergency-routes",
  calendars: "calendars",
  numberLists: "number-lists",
  rateTables: "rate-tables",
  profiles: "profiles",
  decisionServices: "decision-services",
  routingRules: "routing-rules",
} as const satisfies Readonly<Record<string, EntityKind>>;

export const RULE_GROUPS = "ruleGroups";
export const RATE_FIELDS = ["prefix", "perMinuteMicros", "connectMicros", "incrementS"] as const;
const ROW_FIELDS = new Set(["id", "trunk", "precedence", "strategy", "rerouteCauses", "maxDurationMs", "enabled"]);

type Path = readonly (string | number)[];

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Gathers what is read and what is wrong. */
class Reading {
  readonly items: { readonly item: ConfigurationItem; readonly key: string; readonly path: Path }[] = [];
  readonly errors: FieldError[] = [];

  fail(path: Path, code: string, detail: string): void {
    this.errors.push({ pointer: pointerTo(path), code, detail });
  }

  /** @param pointerOf where a mistake in the entity is in the file; by default at the same place below `path`. */
  entity(kind: EntityKind, json: unknown, path: Path, pointerOf = (pointer: string) => pointerTo(path) + pointer): void {
    const parsed = parseEntity(kind, json);
    if (parsed.ok) {
      const item = itemOf(kind, parsed.value);
      this.items.push({ item, key: entityKey(item), path });
    } else this.errors.push(...parsed.error.map((each) => ({ ...each, pointer: pointerOf(each.pointer) })));
  }

  /** Calls `read` for each entry of what must be a list; nothing is an empty one. */
  each(value: unknown, path: Path, read: (entry: unknown, path: Path) => void): void {
    if (value === undefined || value === null) return;
    if (!Array.isArray(value)) return this.fail(path, "wrong_type", "must be a list");
    for (const [index, entry] of value.entries()) {
      if (this.errors.length >= MAX_REPORTED_ERRORS) return;
      read(entry, [...path, index]);
    }
  }
}

function readRate(reading: Reading, table: unknown, row: unknown, path: Path): void {
  if (!Array.isArray(row) || row.length < 2 || row.length > RATE_FIELDS.length)
    return reading.fail(path, "wrong_type", `must be [${RATE_FIELDS.join(", ")}], of which the last two may be left out`);
  const named = Object.fromEntries(row.map((value, index) => [RATE_FIELDS[index]!, value]));
  const placeOf = (pointer: string): string => {
    const index = (RATE_FIELDS as readonly string[]).indexOf(pointer.slice(1));
    return pointerTo(index < 0 ? path : [...path, index]);
  };
  reading.entity("rates", { table, ...named }, path, placeOf);
}

/** A table with its rows under `rows`, which are no part of its own entity. */
function readTable(
  reading: Reading,
  kind: "rate-tables" | "number-lists",
  rows: "rates" | "numbers",
  entry: unknown,
  path: Path,
) {
  if (!isObject(entry)) return reading.entity(kind, entry, path);
  const { [rows]: content, ...table } = entry;
  const before = reading.errors.length;
  reading.entity(kind, table, path);
  // Rows of a table that has no proper id would each repeat its mistake.
  if (reading.errors.length > before) return;
  reading.each(content, [...path, rows], (row, place) => {
    if (rows === "rates") readRate(reading, table["id"], row, place);
    else reading.entity("number-list-entries", { list: table["id"], number: row }, place, () => pointerTo(place));
  });
}

function readRuleRow(reading: Reading, group: string, row: unknown, path: Path): void {
  const [prefix, destinations, others = {}, ...more] = Array.isArray(row) ? (row as unknown[]) : [];
  if (typeof prefix !== "string" || typeof destinations !== "string" || !isObject(others) || more.length > 0)
    return reading.fail(path, "wrong_type", "must be [prefix, destinations, {other fields}?] with texts in front");
  const unknown = Object.keys(others).find((name) => !ROW_FIELDS.has(name));
  if (unknown !== undefined) return void reading.errors.push(unknownField(pointerTo([...path, 2, unknown.slice(0, 64)])));
  if (others["rerouteCauses"] !== undefined && typeof others["rerouteCauses"] !== "string")
    return reading.fail([...path, 2, "rerouteCauses"], "wrong_type", "must be text such as unreachable|503");
  const placeOf = (pointer: string): string => {
    const field = rowFieldOf(pointer);
    const place = field === "prefix" ? [0] : field === "destinations" ? [1] : ROW_FIELDS.has(field) ? [2, field] : [];
    return pointerTo([...path, ...place]);
  };
  // Checked as JSON of a rule: what is of a wrong type is refused there, under the name that it has here.
  reading.entity("routing-rules", ruleJsonOfRow(group, { prefix, destinations, ...others } as PrefixRow), path, placeOf);
}

function readGroups(reading: Reading, value: unknown): void {
  if (value === undefined || value === null) return;
  if (!isObject(value)) return reading.fail([RULE_GROUPS], "wrong_type", "must be an object of lists");
  for (const [group, rows] of Object.entries(value))
    reading.each(rows, [RULE_GROUPS, group], (row, path) => readRuleRow(reading, group, row, path));
}

function readSection(reading: Reading, section: keyof typeof SECTIONS, value: unknown): void {
  const kind = SECTIONS[section];
  if (kind === "settings") return reading.entity(kind, value, [section]);
  reading.each(value, [section], (entry, path) => {
    if (kind === "rate-tables") readTable(reading, kind, "rates", entry, path);
    else if (kind === "number-lists") readTable(reading, kind, "numbers", entry, path);
    else reading.entity(kind, entry, path);
  });
}

/** In the order of `ENTITY_KINDS` and of keys, by code units: the same for everybody, whatever the language. */
function sorted(reading: Reading): readonly ConfigurationItem[] {
  const order = new Map(ENTITY_KINDS.map((kind, index) => [kind, index]));
  const entries = reading.items.sort(
    (a, b) => order.get(a.item.kind)! - order.get(b.item.kind)! || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0),
  );
  for (const [index, { item, key, path }] of entries.entries()) {
    const before = entries[index - 1];
    if (before?.item.kind !== item.kind || before.key !== key) continue;
    reading.fail(path, "duplicate", `${item.kind}: "${key}" stands twice, also at ${pointerTo(before.path)}`);
  }
  return entries.map(({ item }) => item);
}

/** Reads a configuration file that YAML or JSON has been made a value of. Errors have pointers into the file. */
export function parseConfigurationFile(value: unknown): Result<readonly ConfigurationItem[], readonly FieldError[]> {
  if (!isObject(value)) return err([{ pointer: "", code: "wrong_type", detail: "must be an object" }]);
  const reading = new Reading();
  for (const name of Object.keys(value))
    if (!Object.hasOwn(SECTIONS, name) && name !== RULE_GROUPS)
      reading.errors.push(unknownField(pointerTo([name.slice(0, 64)])));
  for (const section of Object.keys(SECTIONS) as (keyof typeof SECTIONS)[]) readSection(reading, section, value[section]);
  readGroups(reading, value[RULE_GROUPS]);
  const items = sorted(reading);
  return reading.errors.length === 0 ? ok(items) : err(reading.errors.slice(0, MAX_REPORTED_ERRORS));
}
