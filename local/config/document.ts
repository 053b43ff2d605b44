/**
 * A configuration as YAML text, with the lines on which things stand. What a file may say is a matter of contracts/configuration/file.ts;
 * this is about the text around it.
 */
import { Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from "yaml";
import { parseConfigurationFile, RULE_GROUPS, SECTIONS } from "../../contracts/configuration/file.ts";
import { ruleJsonOfRow } from "../../contracts/configuration/prefix-rule.ts";
import { configurationFile } from "../../contracts/configuration/write-file.ts";
import type { FieldError } from "../../contracts/issues.ts";
import { type ConfigurationItem, type EntityKind, entityKey } from "../../domain/configuration/model.ts";
import { err, ok, type Result } from "../../domain/shared/result.ts";

/** @property line from 1. */
export type Mistake = { readonly line: number; readonly text: string };

export type ConfigurationText = {
  /** In the order of `ENTITY_KINDS`, within a kind by key. */
  readonly items: readonly ConfigurationItem[];
  /** Where the item is written, as far as that can be found. */
  readonly lineOf: (item: ConfigurationItem) => number;
};

type Path = readonly (string | number)[];

const SECTION_NAMES = [...Object.keys(SECTIONS), RULE_GROUPS];
/** A map of at most so many characters stands on one line. */
const MAX_FLOW_CHARS = 80;
/** Document, section, list and entity: maps further inside may be folded. */
const ENTITY_DEPTH = 4;

const pathOf = (pointer: string): Path =>
  pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));

/** The node at the path, or the closest one around it that is there. A field is where its name stands. */
function nodeAt(root: unknown, path: Path): { readonly at: Node | null; readonly value: unknown } {
  let at = root as Node | null;
  let value = root;
  for (const part of path) {
    if (isMap(value)) {
      const pair = value.items.find(({ key }) => isScalar(key) && String(key.value) === String(part));
      if (pair === undefined) return { at, value: undefined };
      at = pair.key as Node;
      value = pair.value;
    } else if (isSeq(value)) {
      value = value.items[Number(part)];
      if (value === undefined) return { at, value };
      at = value as Node;
    } else return { at, value: undefined };
  }
  return { at, value };
}

const lineAt = (lines: LineCounter, at: Node | null): number => lines.linePos(at?.range?.[0] ?? 0).line;

/** What people trip over in YAML: `+4930` without quotes is a number, and so is `555`. */
function hintFor({ pointer, code }: FieldError, value: unknown): string {
  if (/^\/[^/]+$/.test(pointer) && code === "unknown_field") return `; a file has ${SECTION_NAMES.join(", ")}`;
  const isBare =
    isScalar(value) && (typeof value.value === "number" || typeof value.value === "boolean") && value.type === "PLAIN";
  return isBare && code === "wrong_type" ? `; without quotes ${value.source ?? "this"} is no text` : "";
}

/** Index in the list of rows. */
function rowOf(rows: unknown, isIt: (row: unknown) => boolean): Path {
  const index = Array.isArray(rows) ? rows.findIndex(isIt) : -1;
  return index < 0 ? [] : [index];
}

const firstOf = (row: unknown): unknown => (Array.isArray(row) ? row[0] : row);

/** Where an item that came from this file stands in it. */
function pathOfItem(file: Readonly<Record<string, unknown>>, item: ConfigurationItem): Path {
  const inSection = (kind: EntityKind, id: string): Path => {
    const section = Object.entries(SECTIONS).find(([, each]) => each === kind)?.[0] ?? "";
    const entries = file[section];
    const index = Array.isArray(entries) ? entries.findIndex((entry: { id?: unknown }) => entry?.id === id) : -1;
    return index < 0 ? [section] : [section, index];
  };
  const inTable = (kind: EntityKind, table: string, rows: "rates" | "numbers", key: string): Path => {
    const path = inSection(kind, table);
    const entry = path.length === 2 ? (file[path[0]!] as Record<string, unknown>[])[Number(path[1])] : undefined;
    return [...path, rows, ...rowOf(entry?.[rows], (row) => firstOf(row) === key)];
  };
  switch (item.kind) {
    case "settings":
      return ["settings"];
    case "rates":
      return inTable("rate-tables", item.entity.table, "rates", item.entity.prefix);
    case "number-list-entries":
      return inTable("number-lists", item.entity.list, "numbers", item.entity.number);
    case "routing-rules": {
      const path = inSection(item.kind, item.entity.id);
      const { group, id } = item.entity;
      if (path.length === 2 || group === null) return path;
      const rows = (file[RULE_GROUPS] as Record<string, unknown> | undefined)?.[group];
      const idOf = ([prefix, destinations, others = {}]: [string, string, object?]): unknown =>
        ruleJsonOfRow(group, { prefix, destinations, ...others })["id"];
      return [RULE_GROUPS, group, ...rowOf(rows, (row) => idOf(row as [string, string, object?]) === id)];
    }
    default:
      return inSection(item.kind, entityKey(item));
  }
}

/** Reads YAML; JSON is YAML too. All mistakes at once, with the line on which each stands. */
export function readConfigurationText(text: string): Result<ConfigurationText, readonly Mistake[]> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0)
    return err(document.errors.map(({ pos, message }) => ({ line: lines.linePos(pos[0]).line, text: message })));
  const file = document.toJS() as Readonly<Record<string, unknown>>;
  const parsed = parseConfigurationFile(file);
  if (parsed.ok)
    return ok({
      items: parsed.value,
      lineOf: (item) => lineAt(lines, nodeAt(document.contents, pathOfItem(file, item)).at),
    });
  return err(
    parsed.error.map((error) => {
      const { at, value } = nodeAt(document.contents, pathOf(error.pointer));
      const where = error.pointer === "" ? "the file" : error.pointer;
      return { line: lineAt(lines, at), text: `${where}: ${error.detail}${hintFor(error, value)}` };
    }),
  );
}

/** Short things on one line, so that a change of one of them is a change of one line. */
function fold(document: Document): void {
  visit(document, {
    Seq: (_, node) => {
      if (node.items.every((each) => isScalar(each))) node.flow = true;
    },
    Map: (_, node, path) => {
      const depth = path.filter((each) => isMap(each) || isSeq(each)).length + 1;
      if (depth >= ENTITY_DEPTH && JSON.stringify(node.toJS(document)).length <= MAX_FLOW_CHARS) node.flow = true;
    },
  });
}

/**
 * The text of a configuration, always the same for the same items.
 * @param items in the order of `ENTITY_KINDS`, within a kind by key.
 * @param heading a comment in front; the only one that the text has.
 */
export function writeConfigurationText(items: Iterable<ConfigurationItem>, heading: string): string {
  const document = new Document(configurationFile(items));
  fold(document);
  document.commentBefore = heading;
  // Lines are not broken: a long text stays one line of a diff.
  return document.toString({ lineWidth: 0 });
}
