/** Called numbers that a rule rewrites. */
import type { NumberRewrite } from "../configuration/model.ts";
import { type Address, MAX_ADDRESS_LENGTH } from "../numbers/address.ts";
import { readInternational } from "../numbers/numbering-plan.ts";
import { parseSipUri } from "../numbers/sip-uri.ts";
import { assertNever } from "../shared/result.ts";
import { replaceFull } from "./regex.ts";

/** How often one call may be led on to another number. */
export const MAX_REWRITES = 4;

const INTERNATIONAL = /^\+[0-9]+$/;
/** As long as what may be dialled (domain/numbers/dialled-number.ts): an access code may stand before a whole number. */
const SHORT = /^[0-9]{1,32}$/;

/** The routing key after rewriting; as it was when the pattern of a `regex` does not match. May be no address. */
export function rewriteKey(key: string, rewrite: NumberRewrite): string {
  switch (rewrite.type) {
    case "replace":
      return rewrite.number;
    case "edit":
      return rewrite.prepend + key.slice(rewrite.strip);
    case "regex":
      return replaceFull(rewrite.pattern, rewrite.replacement, key) ?? key;
    default:
      return assertNever(rewrite);
  }
}

/**
 * Reads a routing key back: `+` and digits that are a possible number, digits of a short code, or `user@host`.
 * @returns null for anything else; a number that nobody could have dialled is not sent anywhere.
 */
export function addressOfKey(key: string): Address | null {
  if (INTERNATIONAL.test(key)) {
    const number = readInternational(key.slice(1));
    return number === null ? null : { kind: "e164", e164: number.e164 };
  }
  if (SHORT.test(key)) return { kind: "short", digits: key };
  if (key.length > MAX_ADDRESS_LENGTH || !key.includes("@")) return null;
  const sip = parseSipUri(`sip:${key}`);
  return sip === null || sip.user === null ? null : { kind: "sip", uri: sip.uri, user: sip.user, host: sip.host };
}
