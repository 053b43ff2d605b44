/**
 * tel: URIs (RFC 3966). Extensions (`;ext=`) and sub-addresses (`;isub=`) are checked and then left out: E.164 has no place for them, and
 * what routes a call is the number. A local number without the phone-context that RFC 3966 asks for is read by the dial profile, which is
 * its context.
 */
import type { NotWritten, WrittenNumber } from "./written-number.ts";
import { readWritten } from "./written-number.ts";

export type TelNumber = {
  readonly written: WrittenNumber;
  /** The digits of a global phone-context ("+1-914-555" → "1914555"); null when there is none or when it is a domain. */
  readonly context: string | null;
};

const SCHEME = /^tel:/i;
const PARAM_NAME = /^[A-Za-z0-9-]+$/;
const PARAM_VALUE = /^(?:[A-Za-z0-9\-_.!~*'()[\]/:&+$]|%[0-9A-Fa-f]{2})+$/;
const GLOBAL_CONTEXT = /^\+[0-9\-.()]*[0-9][0-9\-.()]*$/;
const DOMAIN_CONTEXT = /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?\.?$/;
const NOT_A_DIGIT = /[^0-9]/g;

export function isTelUri(text: string): boolean {
  return SCHEME.test(text);
}

/**
 * @param subscriber what follows "tel:", or the user part of a SIP URI with `;user=phone`.
 * @returns "bad_uri" when parameters are malformed; `NotWritten` when the number is none.
 */
export function parseSubscriber(subscriber: string): TelNumber | NotWritten | "bad_uri" {
  const [number = "", ...params] = subscriber.split(";");
  if (number === "") return "bad_uri";
  const seen = new Set<string>();
  let context: string | null = null;
  for (const param of params) {
    const equals = param.indexOf("=");
    const name = (equals < 0 ? param : param.slice(0, equals)).toLowerCase();
    const value = equals < 0 ? null : param.slice(equals + 1);
    if (!PARAM_NAME.test(name) || (value !== null && !PARAM_VALUE.test(value)) || seen.has(name)) return "bad_uri";
    seen.add(name);
    if (name !== "phone-context") continue;
    if (value === null) return "bad_uri";
    if (GLOBAL_CONTEXT.test(value)) context = value.replace(NOT_A_DIGIT, "");
    else if (!DOMAIN_CONTEXT.test(value)) return "bad_uri";
  }
  const written = readWritten(number);
  return "detail" in written ? written : { written, context };
}
