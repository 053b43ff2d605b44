/**
 * Elements, attributes and text of a short XML document (XML 1.0, 5th edition): what a location needs, and nothing that could do harm. There
 * are no declarations of types or entities, so that nothing is fetched and nothing grows; everything is read once, from left to right.
 */

export type XmlElement = {
  /** With its prefix, as written. */
  readonly name: string;
  /** Without its prefix. */
  readonly local: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** All text directly within, with white space as it stands. */
  readonly text: string;
};

/** Elements within one another. */
const MAX_DEPTH = 32;

/** Of letters, digits and marks of any script, which is about what XML 1.0 §2.3 takes; one prefix at most. */
const NCNAME = String.raw`[\p{L}_][\p{L}\p{N}\p{M}\u00B7._\-]*`;
const NAME = `${NCNAME}(?::${NCNAME})?`;
const START_TAG = new RegExp(
  String.raw`<(${NAME})((?:[ \t\r\n]+${NAME}[ \t\r\n]*=[ \t\r\n]*(?:"[^"<]*"|'[^'<]*'))*)[ \t\r\n]*(/?)>`,
  "uy",
);
const END_TAG = new RegExp(String.raw`</(${NAME})[ \t\r\n]*>`, "uy");
const ATTRIBUTE = new RegExp(String.raw`(${NAME})[ \t\r\n]*=[ \t\r\n]*(?:"([^"]*)"|'([^']*)')`, "gu");
const REFERENCE = /&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(lt|gt|amp|quot|apos));|&/g;
const NAMED: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };
/** What XML 1.0 §2.2 leaves out: most control characters, halves of surrogate pairs. */
const NO_CHARACTER = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;
const BYTE_ORDER_MARK = "\uFEFF";

/** Why the text is not read; never said outside, where the text itself is known. */
class Malformed extends Error {}

function decoded(text: string): string {
  if (!text.includes("&")) return text;
  return text.replaceAll(REFERENCE, (_all, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return NAMED[name]!;
    const code = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
    if (!(code <= 0x10ffff)) throw new Malformed("a reference to what is not there");
    const character = String.fromCodePoint(code);
    if (NO_CHARACTER.test(character)) throw new Malformed("a reference to no character");
    return character;
  });
}

function attributesOf(written: string): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  for (const [, name = "", double, single] of written.matchAll(ATTRIBUTE)) {
    if (attributes.has(name)) throw new Malformed("an attribute twice");
    attributes.set(name, decoded(double ?? single ?? ""));
  }
  return attributes;
}

type Open = {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: XmlElement[];
  text: string;
};

class Reader {
  readonly #text: string;
  #at = 0;
  readonly #open: Open[] = [];
  #root: XmlElement | null = null;

  constructor(text: string) {
    this.#text = text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
    if (NO_CHARACTER.test(text)) throw new Malformed("what is no character");
  }

  read(): XmlElement {
    while (this.#at < this.#text.length) {
      if (this.#text[this.#at] === "<") this.#readMarkup();
      else this.#readText();
    }
    if (this.#root === null || this.#open.length > 0) throw new Malformed("it breaks off");
    return this.#root;
  }

  #readMarkup(): void {
    if (this.#begins("<!--")) return void this.#upTo("-->");
    if (this.#begins("<?")) return void this.#upTo("?>");
    if (this.#begins("<![CDATA[")) return this.#addText(this.#upTo("]]>").slice("<![CDATA[".length));
    if (this.#begins("</")) return this.#readEnd();
    return this.#readStart();
  }

  #begins(text: string): boolean {
    return this.#text.startsWith(text, this.#at);
  }

  /** What stands before the mark; goes on behind it. */
  #upTo(mark: string): string {
    const end = this.#text.indexOf(mark, this.#at);
    if (end < 0) throw new Malformed("it breaks off");
    const passed = this.#text.slice(this.#at, end);
    this.#at = end + mark.length;
    return passed;
  }

  #match(pattern: RegExp): RegExpExecArray {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    // Declarations end up here as well: of types, of entities.
    if (match === null) throw new Malformed("no tag");
    this.#at += match[0].length;
    return match;
  }

  #readStart(): void {
    const [, name = "", attributes = "", closes] = this.#match(START_TAG);
    if (this.#open.length >= MAX_DEPTH) throw new Malformed("too deep");
    this.#open.push({ name, attributes: attributesOf(attributes), children: [], text: "" });
    if (closes === "/") this.#close(name);
  }

  #readEnd(): void {
    const [, name = ""] = this.#match(END_TAG);
    this.#close(name);
  }

  #close(name: string): void {
    const open = this.#open.pop();
    if (open?.name !== name) throw new Malformed("an end without its beginning");
    const element = { ...open, local: name.slice(name.indexOf(":") + 1) };
    const parent = this.#open.at(-1);
    if (parent !== undefined) parent.children.push(element);
    else if (this.#root === null) this.#root = element;
    else throw new Malformed("two documents");
  }

  #readText(): void {
    const next = this.#text.indexOf("<", this.#at);
    const end = next < 0 ? this.#text.length : next;
    const text = decoded(this.#text.slice(this.#at, end));
    this.#at = end;
    this.#addText(text);
  }

  #addText(text: string): void {
    const open = this.#open.at(-1);
    if (open !== undefined) open.text += text;
    else if (text.trim() !== "") throw new Malformed("text outside");
  }
}

/** @returns the root element; null for what is not well-formed, has a document type, or is nested too deep. Bound its length before. */
export function readXml(text: string): XmlElement | null {
  try {
    return new Reader(text).read();
  } catch (error) {
    if (error instanceof Malformed) return null;
    throw error;
  }
}

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" };
const EVERY_NO_CHARACTER = new RegExp(NO_CHARACTER.source, "gu");

/** Text for an element or an attribute's value. What XML cannot say becomes U+FFFD. */
export function escapeXml(text: string): string {
  return text.replaceAll(EVERY_NO_CHARACTER, "\uFFFD").replaceAll(/[&<>"']/g, (character) => ESCAPES[character]!);
}
