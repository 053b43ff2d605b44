/** What a written number says, without its formatting. */
export type WrittenNumber = {
  readonly international: boolean;
  /** ASCII digits, at least one. */
  readonly digits: string;
  /** Where in `digits` a "(0)" stood: a national prefix to be left out when dialling from abroad, as in "+49 (0)30". Null: nowhere. */
  readonly optionalZeroAt: number | null;
};

/** Why a text is not a written number; ready to be shown. */
export type NotWritten = { readonly detail: string };

const NOT_WRITTEN = {
  letters: { detail: "contains letters; write the digits, e.g. +1 800 356 9377" },
  control: { detail: "contains control characters" },
  feature: { detail: "contains * or #: feature codes are not numbers" },
  plus: { detail: "a plus sign belongs once, before the first digit" },
  other: { detail: "contains characters that are no part of a number" },
  none: { detail: "contains no digits" },
} as const satisfies Record<string, NotWritten>;

const LAST_ASCII = 0x7f;
const ZERO = 0x30;
const NINE = 0x39;
const DIGITS_OF_A_SCRIPT = 10;
const DECIMAL_DIGIT = /^\p{Nd}$/u;

const OPENING = new Set(["(", "（"]);
const CLOSING = new Set([")", "）"]);
const PLUS = new Set(["+", "＋"]);
/** Spaces (also non-breaking, thin, figure, ideographic), dots, dashes, slashes, brackets. */
const SEPARATORS = new Set([
  ..." .-/[]·()（）．／－",
  ..."\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000",
  ..."\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63",
]);
/** Direction marks, zero-width characters, soft hyphens: they come along with a copied contact and are not seen. */
const INVISIBLE = new Set(
  "\u00ad\u061c\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff",
);

const LETTER = /^\p{L}$/u;
const CONTROL = /^\p{Cc}$/u;

/** Digits met so far, by code point, with their values: there are fewer than a thousand. */
const seen = new Map<number, number>();

/** The value of a digit of any script, or -1. Unicode has each script's ten in order and without gaps (The Unicode Standard, §4.6). */
function digitOf(char: string): number {
  const code = char.codePointAt(0)!;
  if (code <= LAST_ASCII) return code >= ZERO && code <= NINE ? code - ZERO : -1;
  if (!DECIMAL_DIGIT.test(char)) return -1;
  let value = seen.get(code);
  if (value === undefined) {
    let first = code;
    while (DECIMAL_DIGIT.test(String.fromCodePoint(first - 1))) first--;
    value = (code - first) % DIGITS_OF_A_SCRIPT;
    seen.set(code, value);
  }
  return value;
}

function refusal(char: string): NotWritten {
  if (PLUS.has(char)) return NOT_WRITTEN.plus;
  if (char === "*" || char === "#") return NOT_WRITTEN.feature;
  if (LETTER.test(char)) return NOT_WRITTEN.letters;
  return CONTROL.test(char) ? NOT_WRITTEN.control : NOT_WRITTEN.other;
}

/** Removes white space and invisible marks at both ends. */
export function trimWritten(raw: string): string {
  let start = 0;
  let end = raw.length;
  const blank = (at: number): boolean => INVISIBLE.has(raw[at]!) || raw[at]!.trim() === "";
  while (start < end && blank(start)) start++;
  while (end > start && blank(end - 1)) end--;
  return raw.slice(start, end);
}

/**
 * Reads a number as people write it: digits of any script, a leading plus, separators. One pass over the text.
 * @param text trimmed, of bounded length.
 */
export function readWritten(text: string): WrittenNumber | NotWritten {
  let digits = "";
  let international = false;
  let optionalZeroAt: number | null = null;
  // "(0)" is recognised by where the last bracket opened: exactly one digit, a zero, since then, and not the first digit.
  let openedAt = -1;
  for (const char of text) {
    const digit = digitOf(char);
    if (digit >= 0) {
      digits += digit;
    } else if (PLUS.has(char) && digits === "" && !international) {
      international = true;
    } else if (SEPARATORS.has(char)) {
      if (OPENING.has(char)) openedAt = digits.length;
      else if (CLOSING.has(char)) {
        if (openedAt > 0 && digits.length === openedAt + 1 && digits.endsWith("0")) optionalZeroAt ??= openedAt;
        openedAt = -1;
      }
    } else if (!INVISIBLE.has(char)) {
      return refusal(char);
    }
  }
  return digits === "" ? NOT_WRITTEN.none : { international, digits, optionalZeroAt };
}
