/**
 * Is a call an emergency call? Decided on the text as dialled, before any normalisation, and more leniently than addresses are parsed: a
 * broken host, a stray parameter or a missing bracket never makes an emergency call an ordinary one.
 */
import { MAX_ADDRESS_LENGTH } from "./address-limits.ts";
import type { DialProfile } from "./dial-profile.ts";
import { MAX_OUTSIDE_PREFIX_DIGITS } from "./dial-profile.ts";
import { type Around, emergencyNumber, emergencyNumberBehindPlus, formsBehindPlus } from "./emergency-number.ts";
import { SOS, endsInEmergencyNumber } from "./emergency-numbers.ts";
import { readLeniently } from "./lenient-digits.ts";
import { unwrapNameAddr } from "./name-addr.ts";
import { parseServiceUrn } from "./service-urn.ts";
import { decodeEscapes } from "./sip-uri.ts";
import { trimWritten } from "./written-number.ts";

export type EmergencyCall = {
  /** `urn:service:sos` or a sub-service such as `urn:service:sos.ambulance` (RFC 5031 §4.2), lower case: the one that the number reaches. */
  readonly service: string;
  /** The emergency number without an outside prefix ("112"), or the URN in lower case. */
  readonly dialled: string;
  /** True: the call exercises the emergency path and is not to reach a call taker (933, the tenant's own; `urn:service:test.sos`, RFC 6881 §15). */
  readonly test: boolean;
  /** ISO 3166-1 alpha-2: whose number was dialled; null: everybody's, a test number, or a URN. */
  readonly country: string | null;
};

const TEST_SOS = "urn:service:test.sos";

/** What the text names, as far as an emergency call is concerned. */
type Named =
  | { readonly kind: "digits"; readonly digits: string; readonly international: boolean }
  | { readonly kind: "sos"; readonly call: EmergencyCall };

/**
 * Recognises the emergency numbers of the trunk's country and of the countries around, 112, 911, 999 and test numbers, however they are
 * written (separators, pauses, other scripts' digits, tel: and SIP URIs, behind the profile's outside prefix), and the emergency service URNs.
 * Never inside a longer number: +1 12… and +91 1… are countries. Behind a plus only what is an emergency number and nothing more ("+112").
 * Of a text longer than any address its beginning counts.
 * @param profile the trunk's; without it no outside prefix and no country is known.
 * @param around where the caller is, as far as that is known, and the tenant's own test numbers.
 */
export function classifyEmergency(raw: string, profile?: DialProfile, around?: Around): EmergencyCall | null {
  const named = nameOf(raw);
  if (named?.kind === "sos") return named.call;
  const read = named?.international === true ? emergencyNumberBehindPlus : emergencyNumber;
  const known = named === null ? null : read(named.digits, profile, around);
  return known === null ? null : { service: known.service, dialled: known.number, test: known.test, country: known.country };
}

/**
 * True for everything that `classifyEmergency` accepts with any profile and in any country, tenants' own test numbers excepted, and for
 * more: for a front door that does not know the profile yet because the sender is not authenticated.
 */
export function mayBeEmergency(raw: string): boolean {
  const named = nameOf(raw);
  if (named === null) return false;
  if (named.kind === "sos") return true;
  const { digits, international } = named;
  if (!international) return endsInEmergencyNumber(digits, MAX_OUTSIDE_PREFIX_DIGITS);
  return formsBehindPlus(digits).some((form) => endsInEmergencyNumber(form, 0));
}

/** With a colon or an "@" in it, what begins so is a URI; "112@pbx" and "112:secret@pbx" are SIP users without their scheme. */
const SCHEME = /^[a-z][a-z0-9+.-]*:/i;

function nameOf(raw: string): Named | null {
  const trimmed = trimWritten(raw).slice(0, MAX_ADDRESS_LENGTH);
  const text = unwrapNameAddr(trimmed) ?? trimmed.slice(trimmed.lastIndexOf("<") + 1);
  if (!SCHEME.test(text)) return text.includes("@") ? sipUserDigits(text) : digitsOf(text);
  const colon = text.indexOf(":");
  const rest = text.slice(colon + 1);
  switch (text.slice(0, colon).toLowerCase()) {
    case "urn":
      return sosOf(text);
    case "tel":
      return digitsOf(before(rest, TEL_END));
    case "sip":
    case "sips":
      return sipUserDigits(rest);
    default:
      return null;
  }
}

const TEL_END = /[;?#>]/;
const USER_END = /[;:?]/;

function before(text: string, end: RegExp): string {
  const at = text.search(end);
  return at < 0 ? text : text.slice(0, at);
}

function digitsOf(text: string): Named | null {
  const written = readLeniently(text);
  return written === null ? null : { kind: "digits", digits: written.digits, international: written.international };
}

const PLAIN_DIGITS = /^\+?[0-9]+$/;

/** The user part of a SIP URI. Without an "@", what is there instead counts when it is digits alone; "sip:1.1.2" is rather an address. */
function sipUserDigits(rest: string): Named | null {
  const at = rest.indexOf("@");
  const user = decodeEscapes(before(at < 0 ? rest : rest.slice(0, at), at < 0 ? TEL_END : USER_END));
  return at >= 0 || PLAIN_DIGITS.test(user) ? digitsOf(user) : null;
}

/** A sub-service that nobody knows, or that is misspelt, counts as its parent (RFC 5031 §4.1). */
function sosOf(text: string): Named | null {
  const dialled = before(text, TEL_END).trim().toLowerCase();
  const test = dialled === TEST_SOS || dialled.startsWith(`${TEST_SOS}.`);
  if (!test && dialled !== SOS && !dialled.startsWith(`${SOS}.`)) return null;
  const valid = parseServiceUrn(dialled) ?? (test ? TEST_SOS : SOS);
  return {
    kind: "sos",
    call: { service: test ? SOS + valid.slice(TEST_SOS.length) : valid, dialled: valid, test, country: null },
  };
}
