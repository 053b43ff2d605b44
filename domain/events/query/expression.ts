/**
 * Filter expressions: a subset of AIP-160 (https://google.aip.dev/160).
 *
 *   expression = factor { ["AND"] factor }        two conditions side by side must both hold
 *   factor     = term { "OR" term }               OR binds tighter than AND, as AIP-160 has it
 *   term       = ["NOT" | "-"] ("(" expression ")" | field comparator value)
 *
 * - Fields: `type`, `callId`, `caller`, `callee`, `direction`, `status`, `source`, `time`, `recordedTime` and `data.<path>`, in whose path
 *   a name may stand in quotation marks and a number counts the elements of a list from 0. Names and keywords are told by case.
 * - Values: bare, or in single or double quotation marks with `\` before a mark. A `*` at the beginning or the end of a value of `=` and `!=`
 *   stands for anything; elsewhere it is a character.
 * - `:` asks whether a text contains the value (a `*` at its ends says nothing more), a list has it as an element, an object as a key.
 *   `field:*` asks whether there is something.
 * - Attributes compare as text. Under `data`, a bare number compares as number with a number or a text that is one; all else as text.
 *   `time` and `recordedTime` compare as instants, with RFC 3339.
 * - What is absent (or null) matches no comparison, `!=` neither; `NOT` turns that round.
 */
import { type Result, err, ok } from "../../shared/result.ts";
import { parseInstant } from "./instant.ts";
import { type Comparator, type Mistake, type Token, tokensOf } from "./expression-tokens.ts";

/** Characters. */
export const MAX_EXPRESSION = 1_024;
/** Brackets and negations within each other. */
export const MAX_DEPTH = 16;
/** Comparisons. */
export const MAX_TERMS = 64;
/** Names in a path below `data`. */
export const MAX_PATH = 8;

export const ATTRIBUTES = ["type", "callId", "caller", "callee", "direction", "status", "source"] as const;
export type Attribute = (typeof ATTRIBUTES)[number];
export const INSTANTS = ["time", "recordedTime"] as const;
export type Instant = (typeof INSTANTS)[number];

/** A value as text. `open`: where a `*` stood, which is not part of the text. `number`: of a bare value that is one. */
export type Operand = {
  readonly text: string;
  readonly open: { readonly start: boolean; readonly end: boolean };
  readonly number: number | null;
};

export type InstantComparator = Exclude<Comparator, ":">;

export type Condition =
  | { readonly tag: "present"; readonly field: Attribute | Instant }
  | { readonly tag: "data_present"; readonly path: readonly string[] }
  | { readonly tag: "attribute"; readonly field: Attribute; readonly comparator: Comparator; readonly operand: Operand }
  | { readonly tag: "instant"; readonly field: Instant; readonly comparator: InstantComparator; readonly ms: number }
  | { readonly tag: "data"; readonly path: readonly string[]; readonly comparator: Comparator; readonly operand: Operand };

/** Plain data. */
export type Expression = Condition | Compound | { readonly tag: "not"; readonly part: Expression };
export type Compound = { readonly tag: "and" | "or"; readonly parts: readonly Expression[] };

type Word = Extract<Token, { tag: "word" }>;
type Parsed = Result<Expression, Mistake>;

const NUMBER = /^-?\d{1,17}(?:\.\d{1,17})?$/;

const isOneOf = <T extends string>(names: readonly T[], name: string): name is T => (names as readonly string[]).includes(name);

/** A decimal number, written plainly. */
export function parseNumber(text: string): number | null {
  return NUMBER.test(text) ? Number(text) : null;
}

function operandOf({ text, quoted }: Word, comparator: Comparator): Operand {
  const number = quoted ? null : parseNumber(text);
  if (!isOneOf(["=", "!=", ":"], comparator)) return { text, open: { start: false, end: false }, number };
  const end = text.endsWith("*");
  const start = text.startsWith("*") && text.length > 1;
  return { text: text.slice(start ? 1 : 0, end ? -1 : undefined), open: { start, end }, number };
}

function fieldOf({ at, parts, text }: Word): Result<Attribute | Instant | readonly string[], Mistake> {
  const [name = "", ...path] = parts;
  if (name === "data") {
    if (path.length === 0) return err({ at, detail: "data needs a path: data.<name>" });
    return path.length > MAX_PATH ? err({ at, detail: `a path has ${MAX_PATH} names at most` }) : ok(path);
  }
  if (path.length === 0 && (isOneOf(ATTRIBUTES, name) || isOneOf(INSTANTS, name))) return ok(name);
  const known = [...ATTRIBUTES, ...INSTANTS, "data.<path>"].join(", ");
  return err({ at, detail: `"${text.slice(0, 64)}" is no field; fields are ${known}` });
}

function conditionOf(name: Word, comparator: Comparator, value: Word): Parsed {
  const field = fieldOf(name);
  if (!field.ok) return field;
  const isPresence = comparator === ":" && value.text === "*";
  if (typeof field.value !== "string") {
    const path = field.value;
    if (isPresence) return ok({ tag: "data_present", path });
    return ok({ tag: "data", path, comparator, operand: operandOf(value, comparator) });
  }
  if (isPresence) return ok({ tag: "present", field: field.value });
  if (isOneOf(ATTRIBUTES, field.value))
    return ok({ tag: "attribute", field: field.value, comparator, operand: operandOf(value, comparator) });
  const ms = parseInstant(value.text);
  if (ms === null) return err({ at: value.at, detail: "a time is expected (RFC 3339), or * after a colon" });
  return ok({ tag: "instant", field: field.value, comparator: comparator === ":" ? "=" : comparator, ms });
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #end: number;
  #at = 0;
  #terms = 0;

  constructor(tokens: readonly Token[], end: number) {
    this.#tokens = tokens;
    this.#end = end;
  }

  whole(): Parsed {
    const parsed = this.#expression(0);
    if (!parsed.ok || this.#next === undefined) return parsed;
    return this.#mistake("a closing bracket without an opening one");
  }

  #expression(depth: number): Parsed {
    const parts: Expression[] = [];
    do {
      const factor = this.#factor(depth);
      if (!factor.ok) return factor;
      parts.push(factor.value);
    } while (this.#takeKeyword("AND") || (this.#next !== undefined && this.#next.tag !== "close"));
    return ok(parts.length === 1 ? parts[0]! : { tag: "and", parts });
  }

  #factor(depth: number): Parsed {
    const parts: Expression[] = [];
    do {
      const term = this.#term(depth);
      if (!term.ok) return term;
      parts.push(term.value);
    } while (this.#takeKeyword("OR"));
    return ok(parts.length === 1 ? parts[0]! : { tag: "or", parts });
  }

  #term(depth: number): Parsed {
    if (depth > MAX_DEPTH) return this.#mistake(`brackets and negations go ${MAX_DEPTH} deep at most`);
    if (this.#next?.tag === "minus" || this.#isKeyword("NOT")) {
      this.#at += 1;
      const part = this.#term(depth + 1);
      return part.ok ? ok({ tag: "not", part: part.value }) : part;
    }
    return this.#next?.tag === "open" ? this.#bracket(depth) : this.#condition();
  }

  #bracket(depth: number): Parsed {
    this.#at += 1;
    const inner = this.#expression(depth + 1);
    if (!inner.ok) return inner;
    if (this.#next?.tag !== "close") return this.#mistake("a closing bracket is missing");
    this.#at += 1;
    return inner;
  }

  #condition(): Parsed {
    const name = this.#next;
    if (name?.tag !== "word" || this.#isKeyword("AND") || this.#isKeyword("OR"))
      return this.#mistake("a condition is expected");
    this.#terms += 1;
    if (this.#terms > MAX_TERMS) return this.#mistake(`there are ${MAX_TERMS} comparisons at most`);
    this.#at += 1;
    const comparator = this.#next;
    if (comparator?.tag !== "comparator") return this.#mistake("a comparison is expected: = != < <= > >= :");
    this.#at += 1;
    const value = this.#next;
    if (value?.tag !== "word") return this.#mistake("a value is expected");
    this.#at += 1;
    return conditionOf(name, comparator.comparator, value);
  }

  get #next(): Token | undefined {
    return this.#tokens[this.#at];
  }

  #isKeyword(keyword: string): boolean {
    const token = this.#next;
    return token?.tag === "word" && !token.quoted && token.text === keyword;
  }

  #takeKeyword(keyword: string): boolean {
    const there = this.#isKeyword(keyword);
    if (there) this.#at += 1;
    return there;
  }

  #mistake(detail: string): Parsed {
    return err({ at: this.#next?.at ?? this.#end, detail });
  }
}

/** @returns a mistake with its place, counted in UTF-16 units from 0. */
export function parseExpression(text: string): Result<Expression, Mistake> {
  if (text.length > MAX_EXPRESSION) return err({ at: MAX_EXPRESSION, detail: `it has ${MAX_EXPRESSION} characters at most` });
  const tokens = tokensOf(text);
  return tokens.ok ? new Parser(tokens.value, text.length).whole() : tokens;
}
