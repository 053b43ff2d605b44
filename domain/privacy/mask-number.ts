/** What those see of numbers who may not see whom they belong to. */

export const MASK = "***";

/** Service numbers, short codes and extensions say nothing about who has them: emergency numbers stay readable. */
const MAX_SHORT_DIGITS = 6;
/** Country and area, as far as that goes: `+49301***`. Two numbers that begin alike look alike. */
const SHOWN_DIGITS = 5;
/** At least as many are hidden. */
const MIN_HIDDEN_DIGITS = 4;

const ANONYMOUS = new Set(["anonymous", "unknown", "restricted", "private", "unavailable", "withheld"]);
const NAME_ADDR = /<([^<>]*)>/;
const SCHEME = /^(tel|sips?):(.*)$/is;
const SERVICE_URN = /^urn:service:[a-z0-9.-]+$/i;
const DIALLED = /^\+?[\d*#]+$/;
const MASKED = /^\+?[\d*#]{0,6}\*{3}$/;
/** What people write between digits. */
const SEPARATORS = /[\s().\-/\u00a0\u2010-\u2015]/g;

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function maskDialled(text: string): string {
  const digits = text.replaceAll(/\D/g, "").length;
  if (digits <= MAX_SHORT_DIGITS && text.length <= MAX_SHORT_DIGITS + 1) return text;
  const shown = Math.max(0, Math.min(SHOWN_DIGITS, digits - MIN_HIDDEN_DIGITS));
  const plus = text.startsWith("+") ? "+" : "";
  return `${plus}${text.replaceAll(/\D/g, "").slice(0, shown)}${MASK}`;
}

/**
 * A number in any form (E.164, national, as people write it), a tel: or sip: URI or a header form, as its first digits: `+49301***`, `sip:+49301***`.
 * Up to six digits stay (`112`), and so do service URNs and the words for withheld callers; whatever else it may be is hidden, hosts and display
 * names always. Masking twice is masking once.
 */
export function maskNumber(text: string): string {
  const address = (NAME_ADDR.exec(text)?.[1] ?? text).trim();
  if (address === "" || SERVICE_URN.test(address) || MASKED.test(address)) return address;
  const [, scheme, rest] = SCHEME.exec(address) ?? [];
  const user = unescaped((rest ?? address).split(/[@;?]/, 1)[0] ?? "").replaceAll(SEPARATORS, "");
  return `${scheme === undefined ? "" : `${scheme.toLowerCase()}:`}${maskUser(user)}`;
}

function maskUser(user: string): string {
  if (ANONYMOUS.has(user.toLowerCase())) return user.toLowerCase();
  if (MASKED.test(user)) return user;
  return DIALLED.test(user) ? maskDialled(user) : MASK;
}

/** A number with its plus sign, however it is written; nothing else begins so. */
const INTERNATIONAL = /\+\d(?:[\s().\-/]{0,3}\d){6,}/g;
const NATIONAL = /^0\d(?:[\s()./-]{0,3}\d){6,}$/;
const ADDRESS = /\b(?:tel|sips?):[^\s"'<>,]+/gi;
/** Begins where a word begins: from within one it is not tried again, or a long word without an at sign takes quadratic time. */
const MAILBOX = /(?<![^\s@"'<>:,;/])[^\s@"'<>:,;/]+@[^\s@"'<>,;]+\.[a-z]{2,}/gi;

/** A text that is not meant for numbers, without those that stand in it, addresses and e-mail addresses. */
export function maskNumbersIn(text: string): string {
  if (NATIONAL.test(text)) return maskNumber(text);
  return text
    .replaceAll(ADDRESS, (found) => maskNumber(found))
    .replaceAll(INTERNATIONAL, (found) => maskNumber(found))
    .replaceAll(MAILBOX, MASK);
}
