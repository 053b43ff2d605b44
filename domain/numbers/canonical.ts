/** Reads an address back from its canonical text, as records have it: no dial profile is needed, and nothing is interpreted anew. */
import type { Address } from "./address.ts";
import { isServiceUrn } from "./service-urn.ts";
import { isSipUri, parseSipUri } from "./sip-uri.ts";

const E164 = /^\+[0-9]{2,15}$/;
const DIGITS = /^[0-9]{1,32}$/;

/** @param text what `formatAddress` made of an address. @returns null for anything else. */
export function readCanonical(text: string): Address | null {
  if (E164.test(text)) return { kind: "e164", e164: text };
  if (DIGITS.test(text)) return { kind: "short", digits: text };
  if (text === "anonymous") return { kind: "anonymous" };
  if (isServiceUrn(text)) return { kind: "urn", urn: text };
  const sip = isSipUri(text) ? parseSipUri(text) : null;
  return sip === null ? null : { kind: "sip", uri: sip.uri, user: sip.user, host: sip.host };
}
