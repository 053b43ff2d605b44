/**
 * Tables as CSV (RFC 4180, UTF-8, comma, with a header row that names the columns in any order). A download is an upload again.
 *
 * rates: `prefix`, and either `perMinuteMicros` or `perMinute` (in units of the currency, at most six decimals); optional `connectMicros`
 *   or `connect`, `incrementS`. A plus sign before the prefix may stand there.
 * entries of a number list: `number`.
 * rules of a group: `prefix`, `destinations` (`gw-a|gw-b:3`); optional `id`, `trunk`, `precedence`, `strategy`, `rerouteCauses`
 *   (`unreachable|503`, or `none`), `maxDurationMs`, `enabled`; `rule` alone has a whole rule as JSON, where columns cannot say it.
 */
import type { EntityOf } from "../../domain/configuration/model.ts";
import { type Result, err, ok } from "../../domain/shared/result.ts";
import type { FieldError } from "../issues.ts";
import { entityJson, parseEntity } from "./entities.ts";
import { type RuleReader, createRuleReader } from "./rule-reader.ts";
import { type PrefixRow, rowFieldOf, rowOfRule, ruleJsonOfRow } from "./prefix-rule.ts";

export type CsvKind = "rates" | "number-list-entries" | "routing-rules";

/** The fields of a row that are not empty, by column. */
export type CsvRow = ReadonlyMap<string, string>;

/** `column` is one of the header; empty when the row as a whole is meant. */
export type CsvError = { readonly column: string; readonly code: string; readonly detail: string };

export type CsvTable<Kind extends CsvKind> = {
  readonly kind: Kind;
  /** All columns; `written` of them, from the front, are in downloads. */
  readonly columns: readonly string[];
  readonly written: number;
  readonly isComplete: (header: readonly string[]) => boolean;
  readonly required: string;
  readonly parse: (row: CsvRow) => Result<EntityOf[Kind], readonly CsvError[]>;
  readonly write: (entity: EntityOf[Kind]) => readonly string[];
};

const wrong = (column: string, code: string, detail: string) => err([{ column, code, detail }]);

/** Whole numbers as numbers; what is none stays text and is refused by the schema, in its words. */
const numberOf = (text: string): number | string => (/^\d{1,15}$/.test(text) ? Number(text) : text);

const DECIMAL = /^(\d{1,9})(?:\.(\d{1,6}))?$/;

/** "0.0125" of a currency in micro-units, without binary fractions. */
function microsOf(text: string): number | null {
  const match = DECIMAL.exec(text);
  return match === null ? null : Number(match[1]) * 1_000_000 + Number((match[2] ?? "").padEnd(6, "0"));
}

/** An amount from either of two columns: micro-units, or units. */
function amount(row: CsvRow, micros: string, units: string): Result<number | string | undefined, readonly CsvError[]> {
  const inMicros = row.get(micros);
  const inUnits = row.get(units);
  if (inUnits === undefined) return ok(inMicros === undefined ? undefined : numberOf(inMicros));
  if (inMicros !== undefined) return wrong(units, "not_allowed", `stands beside ${micros}`);
  const value = microsOf(inUnits);
  return value === null ? wrong(units, "bad_format", "must be a decimal number with at most six decimals") : ok(value);
}

function inColumns(errors: readonly FieldError[], columnOf: (pointer: string) => string): readonly CsvError[] {
  return errors.map(({ pointer, code, detail }) => ({ column: columnOf(pointer), code, detail }));
}

const firstPart = (pointer: string): string => pointer.slice(1).split("/", 1)[0]!;

export function ratesCsv(table: string): CsvTable<"rates"> {
  return {
    kind: "rates",
    columns: ["prefix", "perMinuteMicros", "connectMicros", "incrementS", "perMinute", "connect"],
    written: 4,
    required: "prefix and one of perMinuteMicros and perMinute",
    isComplete: (header) => header.includes("prefix") && (header.includes("perMinuteMicros") || header.includes("perMinute")),
    parse: (row) => {
      const perMinute = amount(row, "perMinuteMicros", "perMinute");
      if (!perMinute.ok) return perMinute;
      const connect = amount(row, "connectMicros", "connect");
      if (!connect.ok) return connect;
      const increment = row.get("incrementS");
      const parsed = parseEntity("rates", {
        table,
        prefix: row.get("prefix")?.replace(/^\+/, ""),
        perMinuteMicros: perMinute.value,
        ...(connect.value === undefined ? {} : { connectMicros: connect.value }),
        ...(increment === undefined ? {} : { incrementS: numberOf(increment) }),
      });
      return parsed.ok ? parsed : err(inColumns(parsed.error, firstPart));
    },
    write: ({ prefix, perMinuteMicros, connectMicros, incrementS }) => [
      prefix,
      String(perMinuteMicros),
      String(connectMicros),
      String(incrementS),
    ],
  };
}

export function numbersCsv(list: string): CsvTable<"number-list-entries"> {
  return {
    kind: "number-list-entries",
    columns: ["number"],
    written: 1,
    required: "number",
    isComplete: (header) => header.includes("number"),
    parse: (row) => {
      const parsed = parseEntity("number-list-entries", { list, number: row.get("number") });
      return parsed.ok ? parsed : err(inColumns(parsed.error, firstPart));
    },
    write: ({ number }) => [number],
  };
}

const RULE_COLUMNS = [
  "prefix",
  "destinations",
  "id",
  "trunk",
  "precedence",
  "strategy",
  "rerouteCauses",
  "maxDurationMs",
  "enabled",
  "rule",
] as const;

/** An empty field is one that was left out, so that "no causes" needs a word. */
const NO_CAUSES = "none";

const flagOf = (text: string): boolean | string => (text === "true" ? true : text === "false" ? false : text);

function parseWholeRule(group: string, row: CsvRow): Result<EntityOf["routing-rules"], readonly CsvError[]> {
  if (row.size > 1) return wrong("rule", "not_allowed", "stands beside other columns");
  let json: unknown;
  try {
    json = JSON.parse(row.get("rule")!);
  } catch {
    return wrong("rule", "bad_format", "is not JSON");
  }
  const parsed = parseEntity("routing-rules", json);
  if (!parsed.ok)
    return err(parsed.error.map(({ pointer, code, detail }) => ({ column: "rule", code, detail: `${pointer}: ${detail}` })));
  return parsed.value.group === group ? parsed : wrong("rule", "not_allowed", `is not of the group "${group}"`);
}

function parsePrefixRow(group: string, row: CsvRow, read: RuleReader): Result<EntityOf["routing-rules"], readonly CsvError[]> {
  const missing = ["prefix", "destinations"].find((column) => !row.has(column));
  if (missing !== undefined) return wrong(missing, "missing", "is required");
  const numbers = ["precedence", "maxDurationMs"].flatMap((name) => (row.has(name) ? [[name, numberOf(row.get(name)!)]] : []));
  const texts = ["id", "trunk", "strategy"].flatMap((name) => (row.has(name) ? [[name, row.get(name)]] : []));
  const causes = row.get("rerouteCauses");
  const enabled = row.get("enabled");
  const json = ruleJsonOfRow(group, {
    prefix: row.get("prefix")!,
    destinations: row.get("destinations")!,
    ...(Object.fromEntries([...numbers, ...texts]) as Partial<PrefixRow>),
    ...(causes === undefined ? {} : { rerouteCauses: causes === NO_CAUSES ? "" : causes }),
    ...(enabled === undefined ? {} : { enabled: flagOf(enabled) as boolean }),
  });
  const parsed = read(json);
  return parsed.ok ? parsed : err(inColumns(parsed.error, rowFieldOf));
}

export function rulesCsv(group: string): CsvTable<"routing-rules"> {
  const read = createRuleReader();
  return {
    kind: "routing-rules",
    columns: RULE_COLUMNS,
    written: RULE_COLUMNS.length,
    required: "prefix and destinations, or rule",
    isComplete: (header) => (header.includes("prefix") && header.includes("destinations")) || header.includes("rule"),
    parse: (row) => (row.has("rule") ? parseWholeRule(group, row) : parsePrefixRow(group, row, read)),
    write: (rule) => {
      const row = rowOfRule(rule);
      if (row === null) return [...RULE_COLUMNS.slice(1).map(() => ""), JSON.stringify(entityJson("routing-rules", rule))];
      const { rerouteCauses, ...rest } = row;
      const fields: Record<string, unknown> = { ...rest, rerouteCauses: rerouteCauses === "" ? NO_CAUSES : rerouteCauses };
      return RULE_COLUMNS.map((column) => String(fields[column] ?? ""));
    },
  };
}

/** One line of CSV, with its end. Only what needs quotes gets them. */
export function csvLine(fields: readonly string[]): string {
  const quoted = fields.map((field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field));
  return `${quoted.join(",")}\r\n`;
}
