/**
 * Written digits → address, by the dial profile. The same digits may have several readings (with or without outside prefix, local or
 * national): they are tried in the order in which the profile makes them likely, and the first that fits its numbering plan wins; without
 * one, the first of a possible length.
 */
import type { Result } from "../shared/result.ts";
import { err, ok } from "../shared/result.ts";
import type { Address, AddressProblem, AddressRole } from "./address.ts";
import type { DialProfile } from "./dial-profile.ts";
import { withoutOutsidePrefix } from "./dial-profile.ts";
import { emergencyNumber } from "./emergency-number.ts";
import { classOf } from "./number-class.ts";
import type { CountryPlan, PlanNumber } from "./numbering-plan.ts";
import { countryPlan, readInternational, readLocal, readNational, readWithOptionalZero } from "./numbering-plan.ts";
import type { WrittenNumber } from "./written-number.ts";

const MIN_SHORT_DIGITS = 3;
const MAX_SHORT_DIGITS = 6;
/** No number in any form has more digits: E.164's 15 behind an international prefix, an outside prefix and a "(0)". */
const MAX_DIALLED_DIGITS = 32;

/** National numbers are mostly no longer, whatever the metadata allow; between two readings it counts against one that is. */
const MAX_USUAL_NATIONAL_DIGITS = 11;

const IMPOSSIBLE: AddressProblem = {
  code: "impossible_number",
  detail: "no telephone number has this length in the numbering plan",
};

/** Digits as dialled, without a plus, and where a "(0)" stood in them. */
type Dialled = Pick<WrittenNumber, "digits" | "optionalZeroAt">;

/**
 * @param context digits of a global phone-context (RFC 3966 §5.1.5), put in front of the number where that makes a number.
 * @returns kind "e164" or "short".
 */
export function resolveDialled(
  written: WrittenNumber,
  profile: DialProfile,
  role: AddressRole,
  context: string | null = null,
): Result<Address, AddressProblem> {
  const { digits, optionalZeroAt, international } = written;
  if (digits.length > MAX_DIALLED_DIGITS) return err(IMPOSSIBLE);
  if (international)
    return finish(optionalZeroAt === null ? readInternational(digits) : readWithOptionalZero(digits, optionalZeroAt));

  const emergency = emergencyNumber(digits, profile);
  if (emergency !== null) return ok({ kind: "short", digits: emergency.number });
  if (isExtension(digits, profile)) return ok({ kind: "short", digits });
  if (context !== null && !isServiceNumber(digits, profile)) {
    const global = readInternational(context + digits);
    if (global !== null) return finish(global);
  }

  // The digits of a callee are dialled, so the outside prefix comes first; a caller's number is presented, mostly without it.
  const [likelier, other] = role === "callee" ? [interpretStripped, interpret] : [interpret, interpretStripped];
  const first = likelier(written, profile);
  const second = other(written, profile);
  const chosen = first === null || (second !== null && !first.firm() && second.firm()) ? second : first;
  if (chosen === null) return err(IMPOSSIBLE);
  return ok((role === "callee" ? forgottenPrefix(digits, chosen.address, profile) : null) ?? chosen.address);
}

/**
 * Behind an outside prefix 0 an international number that was dialled, or clicked, without the prefix looks like a line and a national
 * number: 0049 30 … like 0, 049 30 …. Area codes such as 04931 exist, so that the length decides.
 * @param chosen the reading without the outside prefix, if it is one.
 * @returns the number abroad, or null when the chosen reading stands.
 */
function forgottenPrefix(digits: string, chosen: Address, profile: DialProfile): Address | null {
  const plan = countryPlan(profile.country);
  if (plan === null || chosen.kind !== "e164" || withoutOutsidePrefix(digits, profile) === null) return null;
  const own = `+${plan.callingCode}`;
  if (!chosen.e164.startsWith(own)) return null;
  for (const length of internationalPrefixLengths(digits, plan, profile)) {
    const abroad = readInternational(digits.slice(length));
    if (abroad === null || !classOf(abroad.e164).inPlan) continue;
    const longest = abroad.e164.startsWith(own) ? MAX_USUAL_NATIONAL_DIGITS - 1 : MAX_USUAL_NATIONAL_DIGITS;
    if (chosen.e164.length - own.length > longest) return { kind: "e164", e164: abroad.e164 };
  }
  return null;
}

function finish(number: PlanNumber | null): Result<Address, AddressProblem> {
  return number === null ? err(IMPOSSIBLE) : ok({ kind: "e164", e164: number.e164 });
}

function isExtension(digits: string, profile: DialProfile): boolean {
  const length = profile.extensionLength;
  if (profile.extensions?.includes(digits) === true) return true;
  return length !== undefined && digits.length >= length.min && digits.length <= length.max;
}

/** A reading, and whether it is more than a possible length. */
type Reading = { readonly address: Address; readonly firm: () => boolean };

const always = (): boolean => true;

function interpret(dialled: Dialled, profile: DialProfile): Reading | null {
  const { digits } = dialled;
  const plan = countryPlan(profile.country);
  if (isServiceNumber(digits, profile)) return { address: { kind: "short", digits }, firm: always };
  const number = plan === null ? null : readByPlan(dialled, plan, profile);
  if (isShortLength(digits) && !number?.fitsPattern()) return { address: { kind: "short", digits }, firm: always };
  return number === null ? null : { address: { kind: "e164", e164: number.e164 }, firm: number.fitsPattern };
}

/** The reading without the outside prefix; null when there is none, or when what remains could not have been dialled behind one. */
function interpretStripped(dialled: Dialled, profile: DialProfile): Reading | null {
  const rest = withoutOutsidePrefix(dialled.digits, profile);
  if (rest === null) return null;
  const removed = dialled.digits.length - rest.length;
  const zeroAt = dialled.optionalZeroAt === null ? null : dialled.optionalZeroAt - removed;
  const reading = interpret({ digits: rest, optionalZeroAt: zeroAt !== null && zeroAt > 0 ? zeroAt : null }, profile);
  // A short code that has another reading behind another prefix would be shortened further each time that it is read.
  return reading?.address.kind === "short" && interpretStripped({ digits: rest, optionalZeroAt: null }, profile) !== null
    ? null
    : reading;
}

/**
 * Three digits, or up to six that begin with 1: service numbers (110, 411, 116117, 118118). Where long-distance calls need a prefix,
 * subscriber numbers do not begin with 1, so that nothing is taken away; in closed plans only the numbering plan itself can tell.
 */
function isServiceNumber(digits: string, profile: DialProfile): boolean {
  if (!isShortLength(digits)) return false;
  if (digits.length === MIN_SHORT_DIGITS) return true;
  return digits.startsWith("1") && (profile.nationalPrefix ?? countryPlan(profile.country)?.nationalPrefix ?? null) !== null;
}

function isShortLength(digits: string): boolean {
  return digits.length >= MIN_SHORT_DIGITS && digits.length <= MAX_SHORT_DIGITS;
}

function readByPlan(dialled: Dialled, plan: CountryPlan, profile: DialProfile): PlanNumber | null {
  const possible = [...readings(dialled, plan, profile)].filter((number) => number !== null);
  if (possible.length < 2) return possible[0] ?? null;
  const fitting = possible.filter((number) => number.fitsPattern());
  const usual = fitting.find(({ e164 }) => e164.length - 1 - plan.callingCode.length <= MAX_USUAL_NATIONAL_DIGITS);
  return usual ?? fitting[0] ?? possible[0] ?? null;
}

function* readings({ digits, optionalZeroAt }: Dialled, plan: CountryPlan, profile: DialProfile): Generator<PlanNumber | null> {
  for (const length of internationalPrefixLengths(digits, plan, profile)) {
    const rest = digits.slice(length);
    const zeroAt = optionalZeroAt === null ? -1 : optionalZeroAt - length;
    const abroad = zeroAt > 0 ? readWithOptionalZero(rest, zeroAt) : readInternational(rest);
    // Who dials an international prefix means it; where the number is, its range need not be known to the pattern.
    yield abroad === null ? null : { ...abroad, fitsPattern: always };
  }

  const ownPrefix = profile.nationalPrefix;
  const nationalPrefix = ownPrefix ?? plan.nationalPrefix;
  const hasPrefix = nationalPrefix !== null && nationalPrefix !== "" && digits.startsWith(nationalPrefix);
  if (hasPrefix && ownPrefix !== undefined) yield readNational(digits.slice(ownPrefix.length), plan);

  const local = profile.areaCode === undefined ? null : readLocal(digits, profile.areaCode, plan);
  // Where a prefix leads out of the area, digits without it are local.
  const national = readNational(digits, plan);
  yield* nationalPrefix !== null && !hasPrefix ? [local, national] : [national, local];
}

function internationalPrefixLengths(digits: string, plan: CountryPlan, profile: DialProfile): readonly number[] {
  if (profile.internationalPrefixes === undefined) {
    const length = plan.internationalPrefix.exec(digits)?.[0].length ?? 0;
    return length > 0 && length < digits.length ? [length] : [];
  }
  return profile.internationalPrefixes
    .filter((prefix) => prefix !== "" && digits.startsWith(prefix) && digits !== prefix)
    .map((prefix) => prefix.length);
}
