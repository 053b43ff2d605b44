/** The words of a filter expression, each with its place in the text. One pass, one look at each character. */
import { type Result, err, ok } from "../../shared/result.ts";

export type Mistake = { readonly at: number; readonly detail: string };

export const COMPARATORS = ["=", "!=", "<", "<=", ">", ">=", ":"] as const;
export type Comparator = (typeof COMPARATORS)[number];

export type Token =
  | { readonly tag: "open" | "close" | "minus"; readonly at: number }
  | { readonly tag: "comparator"; readonly at: number; readonly comparator: Comparator }
  /** `parts`: of a name, what its dots separate. */
  | {
      readonly tag: "word";
      readonly at: number;
      readonly text: string;
      readonly quoted: boolean;
      readonly parts: readonly string[];
    };

const SPACE = /[\t\n\r ]/;
const ENDS_NAME = /[\t\n\r ()"'<>=!:,.]/;
/** A colon does not end a bare value: times have some. */
const ENDS_VALUE = /[\t\n\r ()"'<>=!,]/;

type Read<T> = { readonly value: T; readonly next: number };

/** A text in quotation marks; a backslash takes the next character as it is. */
function readQuoted(text: string, at: number): Result<Read<string>, Mistake> {
  const mark = text[at];
  let value = "";
  for (let next = at + 1; next < text.length; next++) {
    const character = text[next]!;
    if (character === mark) return ok({ value, next: next + 1 });
    if (character !== "\\") value += character;
    else if (next + 1 < text.length) value += text[(next += 1)];
  }
  return err({ at, detail: "the quotation does not end" });
}

function readBare(text: string, at: number, ends: RegExp): Read<string> {
  let next = at;
  while (next < text.length && !ends.test(text[next]!)) next += 1;
  return { value: text.slice(at, next), next };
}

function readValue(text: string, at: number): Result<Read<Token>, Mistake> {
  if (text[at] === '"' || text[at] === "'") {
    const quoted = readQuoted(text, at);
    if (!quoted.ok) return quoted;
    const { value, next } = quoted.value;
    return ok({ value: { tag: "word", at, text: value, quoted: true, parts: [value] }, next });
  }
  const { value, next } = readBare(text, at, ENDS_VALUE);
  if (next === at) return err({ at, detail: "a value is missing" });
  return ok({ value: { tag: "word", at, text: value, quoted: false, parts: [value] }, next });
}

/** A name: bare words and quoted ones with dots between. */
function readName(text: string, at: number): Result<Read<Token>, Mistake> {
  const parts: string[] = [];
  let part: string | null = null;
  let quoted = false;
  let next = at;
  while (next < text.length) {
    const character = text[next]!;
    if (character === ".") {
      if (part === null) return err({ at: next, detail: "a name is missing before the dot" });
      parts.push(part);
      part = null;
      next += 1;
    } else if (part !== null) break;
    else if (character === '"' || character === "'") {
      const read = readQuoted(text, next);
      if (!read.ok) return read;
      ({ value: part, next } = read.value);
      quoted = true;
    } else {
      const read = readBare(text, next, ENDS_NAME);
      if (read.next === next) break;
      ({ value: part, next } = read);
    }
  }
  if (part === null) return err({ at: next, detail: "a name is missing" });
  parts.push(part);
  return ok({ value: { tag: "word", at, text: text.slice(at, next), quoted, parts }, next });
}

function readToken(text: string, at: number, before: Token | undefined): Result<Read<Token>, Mistake> {
  const character = text[at]!;
  if (before?.tag === "comparator") return readValue(text, at);
  if (character === "(") return ok({ value: { tag: "open", at }, next: at + 1 });
  if (character === ")") return ok({ value: { tag: "close", at }, next: at + 1 });
  const comparator = [text.slice(at, at + 2), character].find((candidate): candidate is Comparator =>
    (COMPARATORS as readonly string[]).includes(candidate),
  );
  if (comparator !== undefined) return ok({ value: { tag: "comparator", at, comparator }, next: at + comparator.length });
  if (character === "-") return ok({ value: { tag: "minus", at }, next: at + 1 });
  return readName(text, at);
}

export function tokensOf(text: string): Result<readonly Token[], Mistake> {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (SPACE.test(text[at]!)) {
      at += 1;
      continue;
    }
    const read = readToken(text, at, tokens.at(-1));
    if (!read.ok) return read;
    tokens.push(read.value.value);
    at = read.value.next;
  }
  return ok(tokens);
}
