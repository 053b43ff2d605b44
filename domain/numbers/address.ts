/** Who calls and who is called: one parser for every form in which a person, a PBX or a carrier writes it. */
import type { Result } from "../shared/result.ts";
import { assertNever, err, ok } from "../shared/result.ts";
import { MAX_ADDRESS_LENGTH } from "./address-limits.ts";
import { resolveDialled } from "./dialled-number.ts";
import type { DialProfile } from "./dial-profile.ts";
import { unwrapNameAddr } from "./name-addr.ts";
import { isServiceUrn, parseServiceUrn } from "./service-urn.ts";
import { decodeEscapes, isSipUri, parseSipUri } from "./sip-uri.ts";
import { isTelUri, parseSubscriber } from "./tel-uri.ts";
import { readWritten, trimWritten } from "./written-number.ts";

export { MAX_ADDRESS_LENGTH };

export type Address =
  | { readonly kind: "e164"; readonly e164: string }
  /** A short code, service number or PBX extension, as dialled; an outside prefix is removed. */
  | { readonly kind: "short"; readonly digits: string }
  | { readonly kind: "sip"; readonly uri: string; readonly user: string | null; readonly host: string }
  | { readonly kind: "urn"; readonly urn: string }
  | { readonly kind: "anonymous" };

/** `detail` is fixed text in plain English: it may be shown, and it never repeats what was sent. */
export type AddressProblem = {
  readonly code: "empty" | "too_long" | "not_a_number" | "bad_uri" | "impossible_number" | "anonymous_callee";
  readonly detail: string;
};

export type AddressRole = "caller" | "callee";

/** What PBXs and carriers send in place of a number that is withheld. */
const ANONYMOUS_WORDS = new Set(["anonymous", "unknown", "restricted", "private", "unavailable", "withheld"]);
/** RFC 3323 §4.1.1.3. */
const ANONYMOUS_HOST = "anonymous.invalid";
/** No URI by RFC 3261, which wants a user before the "@", but sent for withheld numbers. */
const EMPTY_ANONYMOUS = /^sips?:@anonymous\.invalid(?=[:;?]|$)/i;
const URI_SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:/;
const TEL_SCHEME_LENGTH = "tel:".length;

/**
 * Reads an address.
 * @param raw a number in any written form, a tel: (RFC 3966), sip: or sips: (RFC 3261) or urn:service: (RFC 5031) URI, for callers also a
 * header form (`"Bob" <sip:bob@example.com>`) or a word such as "anonymous".
 * @param profile how numbers are dialled on the trunk.
 * @param role a callee's digits are dialled and may bear an outside prefix; a caller may be anonymous.
 * @returns the address in canonical form, or why there is none. Never throws; takes time linear in the (bounded) length.
 */
export function parseAddress(raw: string, profile: DialProfile, role: AddressRole): Result<Address, AddressProblem> {
  if (raw.length > MAX_ADDRESS_LENGTH) return problem("too_long", `longer than ${MAX_ADDRESS_LENGTH} characters`);
  const trimmed = trimWritten(raw);
  if (trimmed === "") return problem("empty", "nothing is there");
  const text = role === "caller" ? unwrapNameAddr(trimmed) : trimmed;
  if (text === null || text === "") return problem("bad_uri", 'the header form is not "name" <uri>');

  if (ANONYMOUS_WORDS.has(text.toLowerCase())) return anonymous(role);
  if (isSipUri(text)) return parseSip(text, profile, role);
  if (isTelUri(text)) return parseTel(text.slice(TEL_SCHEME_LENGTH), profile, role);
  if (isServiceUrn(text)) {
    const urn = parseServiceUrn(text);
    return urn === null ? problem("bad_uri", "not a service URN by RFC 5031") : ok({ kind: "urn", urn });
  }
  if (URI_SCHEME.test(text)) return problem("bad_uri", "only tel:, sip:, sips: and urn:service: URIs are taken");
  if (text.includes("<")) return problem("bad_uri", "a callee is written without a display name and brackets");

  const written = readWritten(text);
  return "detail" in written ? problem("not_a_number", written.detail) : resolveDialled(written, profile, role);
}

function problem(code: AddressProblem["code"], detail: string): Result<Address, AddressProblem> {
  return err({ code, detail });
}

function anonymous(role: AddressRole): Result<Address, AddressProblem> {
  return role === "caller" ? ok({ kind: "anonymous" }) : problem("anonymous_callee", "a call needs someone to go to");
}

function parseTel(subscriber: string, profile: DialProfile, role: AddressRole): Result<Address, AddressProblem> {
  const tel = parseSubscriber(subscriber);
  if (tel === "bad_uri") return problem("bad_uri", "not a tel: URI by RFC 3966");
  if ("detail" in tel) return problem("not_a_number", tel.detail);
  return resolveDialled(tel.written, profile, role, tel.context);
}

function parseSip(text: string, profile: DialProfile, role: AddressRole): Result<Address, AddressProblem> {
  if (EMPTY_ANONYMOUS.test(text)) return anonymous(role);
  const sip = parseSipUri(text);
  if (sip === null) return problem("bad_uri", "not a SIP URI by RFC 3261");
  const { uri, user, host } = sip;
  // Some systems put the word in front of their own host; for a callee that may be a mailbox of this name.
  if (host === ANONYMOUS_HOST || (role === "caller" && isAnonymousUser(user, host))) return anonymous(role);
  if (sip.isPhone && user !== null) {
    const number = parseTel(decodeEscapes(user), profile, role);
    // What is no number in spite of `user=phone` can still be reached at its host.
    if (number.ok) return number;
  }
  return ok({ kind: "sip", uri, user, host });
}

function isAnonymousUser(user: string | null, host: string): boolean {
  const word = user?.toLowerCase() ?? "";
  return word === "anonymous" || (host.endsWith(".invalid") && (word === "" || ANONYMOUS_WORDS.has(word)));
}

/** The canonical text; reading it again gives the same address. */
export function formatAddress(address: Address): string {
  switch (address.kind) {
    case "e164":
      return address.e164;
    case "short":
      return address.digits;
    case "sip":
      return address.uri;
    case "urn":
      return address.urn;
    case "anonymous":
      return "anonymous";
    default:
      return assertNever(address);
  }
}

/** What routing rules match on: as `formatAddress`, except that a SIP URI is its user and host alone ("bob@example.com", "example.com"). */
export function routingKey(address: Address): string {
  if (address.kind !== "sip") return formatAddress(address);
  return address.user === null ? address.host : `${address.user}@${address.host}`;
}
