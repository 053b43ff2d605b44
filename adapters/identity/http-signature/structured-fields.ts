/**
 * Structured fields (RFC 9651) as far as signatures need them: dictionaries of items and inner lists, with parameters. Decimals, dates and
 * display strings, which occur nowhere in them, are refused, and so is a key that stands twice.
 */
import { fromBase64 } from "../bytes.ts";

export type BareItem =
  | { readonly type: "string" | "token"; readonly value: string }
  | { readonly type: "integer"; readonly value: number }
  | { readonly type: "boolean"; readonly value: boolean }
  | { readonly type: "bytes"; readonly value: Uint8Array; readonly text: string };

export type Parameters = ReadonlyMap<string, BareItem>;
export type Item = { readonly value: BareItem; readonly parameters: Parameters };
export type InnerList = { readonly items: readonly Item[]; readonly parameters: Parameters };
export type Member = ({ readonly tag: "item" } & Item) | ({ readonly tag: "list" } & InnerList);

/** Of text that goes on where an expression is told to look. */
const KEY = /[a-z*][a-z0-9_.*-]*/y;
const STRING = /"((?:[ !#-[\]-~]|\\["\\])*)"/y;
const INTEGER = /-?\d{1,15}(?![\d.])/y;
const TOKEN = /[A-Za-z*][\w!#$%&'*+.^`|~:/-]*/y;
const BYTES = /:([A-Za-z0-9+/=]*):/y;
const BOOLEAN = /\?([01])/y;
const BETWEEN = /[ \t]*,[ \t]*/y;
const SPACES = / */y;

class Malformed extends Error {
  override readonly name = "Malformed";
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#text.length;
  }

  take(expression: RegExp): RegExpExecArray | null {
    expression.lastIndex = this.#at;
    const match = expression.exec(this.#text);
    if (match !== null) this.#at += match[0].length;
    return match;
  }

  takeChar(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }
}

function key(reader: Reader): string {
  const match = reader.take(KEY);
  if (match === null) throw new Malformed();
  return match[0];
}

function bareItem(reader: Reader): BareItem {
  let match = reader.take(STRING);
  if (match !== null) return { type: "string", value: match[1]!.replaceAll(/\\(["\\])/g, "$1") };
  match = reader.take(INTEGER);
  if (match !== null) return { type: "integer", value: Number(match[0]) };
  match = reader.take(BYTES);
  if (match !== null) {
    const value = fromBase64(match[1]!);
    if (value === null) throw new Malformed();
    return { type: "bytes", value, text: match[1]! };
  }
  match = reader.take(BOOLEAN);
  if (match !== null) return { type: "boolean", value: match[1] === "1" };
  match = reader.take(TOKEN);
  if (match === null) throw new Malformed();
  return { type: "token", value: match[0] };
}

function parameters(reader: Reader): Parameters {
  const found = new Map<string, BareItem>();
  while (reader.takeChar(";")) {
    reader.take(SPACES);
    const name = key(reader);
    if (found.has(name)) throw new Malformed();
    found.set(name, reader.takeChar("=") ? bareItem(reader) : { type: "boolean", value: true });
  }
  return found;
}

function innerList(reader: Reader): InnerList {
  const items: Item[] = [];
  for (;;) {
    const spaces = reader.take(SPACES)![0].length;
    if (reader.takeChar(")")) return { items, parameters: parameters(reader) };
    if (items.length > 0 && spaces === 0) throw new Malformed();
    items.push({ value: bareItem(reader), parameters: parameters(reader) });
  }
}

function member(reader: Reader): Member {
  if (!reader.takeChar("=")) return { tag: "item", value: { type: "boolean", value: true }, parameters: parameters(reader) };
  if (reader.takeChar("(")) return { tag: "list", ...innerList(reader) };
  return { tag: "item", value: bareItem(reader), parameters: parameters(reader) };
}

/** @param text a field's value, of several lines joined by commas. @returns null when it is no dictionary (RFC 9651 §3.2). */
export function parseDictionary(text: string): ReadonlyMap<string, Member> | null {
  const reader = new Reader(text.trim());
  const found = new Map<string, Member>();
  try {
    if (reader.isAtEnd) return found;
    do {
      const name = key(reader);
      if (found.has(name)) return null;
      found.set(name, member(reader));
    } while (reader.take(BETWEEN) !== null);
    return reader.isAtEnd ? found : null;
  } catch (error) {
    if (error instanceof Malformed) return null;
    throw error;
  }
}

/** RFC 9651 §4.1.3.1. */
function bareItemText(item: BareItem): string {
  switch (item.type) {
    case "string":
      return `"${item.value.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
    case "boolean":
      return item.value ? "?1" : "?0";
    case "bytes":
      return `:${item.text}:`;
    default:
      return String(item.value);
  }
}

function parametersText(all: Parameters): string {
  let text = "";
  for (const [name, item] of all) text += item.type === "boolean" && item.value ? `;${name}` : `;${name}=${bareItemText(item)}`;
  return text;
}

/** As it stands in what is signed (RFC 9651 §4.1.1.1). */
export function innerListText(list: InnerList): string {
  const items = list.items.map((item) => bareItemText(item.value) + parametersText(item.parameters));
  return `(${items.join(" ")})${parametersText(list.parameters)}`;
}
