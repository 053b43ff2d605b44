/**
 * Attributes of events, one by one. By hand and not with zod: this runs for every event that comes in, a hundred thousand times a second,
 * and Workers do not let a validator compile itself. A test holds what it takes against the same said in zod.
 */
import type { FieldError } from "../issues.ts";
import { MAX_ATTRIBUTE, MAX_ERRORS_PER_EVENT, MAX_EXTENSION_NAME } from "./ingest-limits.ts";

/** What is wrong with one event; pointers begin at the event. */
export type Faults = FieldError[];

/** Characters of a name that is told back. */
const MAX_NAME = 64;

export function fault(faults: Faults, name: string, code: string, detail: string): void {
  if (faults.length >= MAX_ERRORS_PER_EVENT) return;
  const escaped = name.slice(0, MAX_NAME).replaceAll("~", "~0").replaceAll("/", "~1");
  faults.push({ pointer: `/${escaped.toWellFormed()}`, code, detail });
}

/** Control characters, and halves of surrogate pairs. */
// oxlint-disable-next-line eslint/no-control-regex
const UNFIT = /[\u0000-\u001f\u007f-\u009f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
/** Nothing that a text may not have, and nothing that JSON escapes: true of nearly all. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** A text as it was sent; empty after a fault. @param min and max length in UTF-16 code units. */
export function readText(value: unknown, name: string, min: number, max: number, faults: Faults): string {
  if (typeof value !== "string") fault(faults, name, "wrong_type", "must be a text");
  else if (value.length < min) fault(faults, name, "too_small", "must not be empty");
  else if (value.length > max) fault(faults, name, "too_large", `at most ${max} characters`);
  else if (!PLAIN.test(value) && UNFIT.test(value))
    fault(faults, name, "bad_format", "has control characters or half characters");
  else return value;
  return "";
}

/** A text in JSON. */
export function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

/** The same as `quoted(readText(…))`, with one look at nearly every text instead of two. */
export function readQuoted(value: unknown, name: string, min: number, max: number, faults: Faults): string {
  if (typeof value === "string" && value.length >= min && value.length <= max && PLAIN.test(value)) return `"${value}"`;
  return JSON.stringify(readText(value, name, min, max, faults));
}

/** Characters of RFC 3986; `%` is looked at apart. */
const URI_CHARACTERS = /^[\w\-.~:/?#[\]@!$&'()*+,;=%]+$/;
const BAD_ESCAPE = /%(?![\dA-Fa-f]{2})/;
const SCHEME = /^[A-Za-z][A-Za-z\d+\-.]*:/;

export function isUriReference(text: string): boolean {
  return URI_CHARACTERS.test(text) && !(text.includes("%") && BAD_ESCAPE.test(text));
}

/** RFC 3986 §4.3 and its fragment: with a scheme. */
export function isUri(text: string): boolean {
  return SCHEME.test(text) && isUriReference(text);
}

/** RFC 2046: `type/subtype`, and parameters. */
export const MEDIA_TYPE = /^[!#$%&'*+.^`|~\w-]+\/[!#$%&'*+.^`|~\w-]+ *(?:;.*)?$/;
const JSON_TYPE = /^[^;]*[/+]json *(?:;|$)/i;

/** CloudEvents JSON format §3.1: what is not declared is JSON. */
export function isJsonType(type: string | undefined): boolean {
  return type === undefined || JSON_TYPE.test(type);
}

/** RFC 4648 §4, with padding. */
export const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

export function isBase64(text: string): boolean {
  return text.length % 4 === 0 && BASE64.test(text);
}

/** CloudEvents §3.1, and as many characters as every system takes. */
export const EXTENSION_NAME = /^[a-z0-9]+$/;

export function isExtensionName(name: string): boolean {
  return name.length <= MAX_EXTENSION_NAME && EXTENSION_NAME.test(name);
}

const isInt32 = (value: number): boolean => (value | 0) === value;

/** A value of an extension in JSON: of CloudEvents' types (§3.4) JSON has texts, Booleans and integers of 32 bits. */
export function readExtension(value: unknown, name: string, faults: Faults): string {
  if (typeof value === "boolean") return String(value);
  if (typeof value === "number") {
    if (!isInt32(value)) fault(faults, name, "wrong_type", "numbers are integers of 32 bits");
    return String(value);
  }
  if (typeof value === "string") return readQuoted(value, name, 0, MAX_ATTRIBUTE, faults);
  fault(faults, name, "wrong_type", "must be a text, a Boolean or an integer");
  return "";
}
