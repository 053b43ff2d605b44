/**
 * The telephone number that a gateway would call for an address. Toll protection and prices go by it, whatever form the address has: a
 * SIP user or a long short code that is put into a gateway's URI is dialled there like any other number.
 */
import { type Address, parseAddress } from "../numbers/address.ts";
import type { DialProfile } from "../numbers/dial-profile.ts";
import { decodeEscapes } from "../numbers/sip-uri.ts";

/** Fewer digits are an extension or a service number, which costs nothing worth protecting. */
const MIN_NUMBER_DIGITS = 7;
/** Without a trunk nothing is known of how numbers are dialled: only E.164 can be read. */
const NO_PROFILE: DialProfile = { country: "001" };

/** "unreadable": it looks like a number and is none here, so that nobody knows what a gateway would make of it. */
export type NumberBehind = string | "unreadable" | null;

/** Digits as they are dialled on the trunk → E.164; null for what is short or no number. */
export function numberOfDigits(digits: string, profile: DialProfile | undefined): string | null {
  if (digits.length < MIN_NUMBER_DIGITS) return null;
  const read = parseAddress(digits, profile ?? NO_PROFILE, "callee");
  return read.ok && read.value.kind === "e164" ? read.value.e164 : null;
}

/** Of a SIP user: null when it is a name or an extension. */
function numberOfUser(user: string, profile: DialProfile | undefined): NumberBehind {
  const text = decodeEscapes(user).split(";", 1)[0]!;
  const isName = !text.startsWith("+") && (/[A-Za-z]/.test(text) || text.replaceAll(/\D/g, "").length < MIN_NUMBER_DIGITS);
  if (isName) return null;
  const read = parseAddress(`tel:${text}`, profile ?? NO_PROFILE, "callee");
  if (!read.ok) return "unreadable";
  return read.value.kind === "e164" ? read.value.e164 : null;
}

/**
 * @param before of the address from which this one was rewritten: digits that only a gateway understands still call that number.
 * @returns E.164, or null when no telephone number is called.
 */
export function numberBehind(to: Address, profile: DialProfile | undefined, before: NumberBehind): NumberBehind {
  switch (to.kind) {
    case "e164":
      return to.e164;
    case "short":
      return to.digits.length < MIN_NUMBER_DIGITS ? null : (numberOfDigits(to.digits, profile) ?? before);
    case "sip":
      return to.user === null ? null : numberOfUser(to.user, profile);
    default:
      return null;
  }
}
