/**
 * The world's numbering plans, by libphonenumber. A number is taken when its length is possible; whether its range is
 * assigned is not asked, because plans change faster than deployments and because test ranges (555) must pass. The pattern of the plan
 * only decides between two readings of the same digits.
 */
import { getCountryCallingCode, isSupportedCountry, Metadata, parsePhoneNumberFromString } from "libphonenumber-js/max";
import type { CountryCode, PhoneNumber } from "libphonenumber-js/max";
import { ask, isPlainlyPossible, rewrittenBy } from "./calling-code.ts";
import { classOf } from "./number-class.ts";

export type PlanNumber = {
  readonly e164: string;
  /** Whether the plan has the digits in one of its ranges, not only a number of this length. Asked for only where readings compete. */
  readonly fitsPattern: () => boolean;
};

/** How a country dials. */
export type CountryPlan = {
  readonly country: CountryCode;
  /** Null: closed plan, where all digits are always dialled. */
  readonly nationalPrefix: string | null;
  readonly internationalPrefix: RegExp;
  /** How many digits a national significant number, without prefix, may have. */
  readonly lengths: readonly number[];
  readonly callingCode: string;
  readonly rewritten: RegExp | null;
};

/** ITU-T E.164 §6.2.1. libphonenumber itself allows 17 national digits. */
const MAX_E164_DIGITS = 15;
/** Rounds after which a number that keeps changing when it is read again is refused; real ones settle in one or two. */
const MAX_SETTLING_ROUNDS = 4;

const plans = new Map<string, CountryPlan>();

/** @param country ISO 3166-1 alpha-2. @returns null for a country without a numbering plan. */
export function countryPlan(country: string): CountryPlan | null {
  const known = plans.get(country);
  if (known !== undefined) return known;
  if (!isSupportedCountry(country)) return null;
  const metadata = new Metadata();
  metadata.selectNumberingPlan(country);
  const { numberingPlan } = metadata;
  if (numberingPlan === undefined) return null;
  const plan: CountryPlan = {
    country,
    nationalPrefix: nationalPrefixOf(numberingPlan),
    internationalPrefix: new RegExp(`^(?:${numberingPlan.IDDPrefix()})`),
    callingCode: getCountryCallingCode(country),
    rewritten: rewrittenBy(numberingPlan),
    lengths: numberingPlan.possibleLengths(),
  };
  plans.set(country, plan);
  return plan;
}

function nationalPrefixOf(numberingPlan: object): string | null {
  const prefix = ask(numberingPlan, "nationalPrefix");
  return typeof prefix === "string" && prefix !== "" ? prefix : null;
}

function planNumber(e164: string): PlanNumber {
  return { e164, fitsPattern: () => classOf(e164).inPlan };
}

/** Reads digits that begin with a country calling code. The result depends on the digits alone. Null: no possible number. */
export function readInternational(digits: string): PlanNumber | null {
  let text = `+${digits}`;
  if (digits.length <= MAX_E164_DIGITS && isPlainlyPossible(digits)) return planNumber(text);
  // A superfluous national prefix ("+49 030…") is removed by each reading; the result must be one that reading again leaves alone.
  for (let round = 0; round < MAX_SETTLING_ROUNDS; round++) {
    const phone = parse(text);
    if (phone === undefined || !phone.isPossible()) return null;
    if (phone.number === text) return text.length - 1 > MAX_E164_DIGITS ? null : planNumber(text);
    text = phone.number;
  }
  return null;
}

/** As `readInternational`, for digits in which the one at `zeroAt` was written as "(0)": left out where the country's national prefix is 0. */
export function readWithOptionalZero(digits: string, zeroAt: number): PlanNumber | null {
  const without = digits.slice(0, zeroAt) + digits.slice(zeroAt + 1);
  const country = parse(`+${without}`)?.getPossibleCountries()[0];
  const keepsZero = country === undefined || countryPlan(country)?.nationalPrefix !== "0";
  return readInternational(keepsZero ? digits : without);
}

/** Reads a subscriber's number within its area. Null: no possible number. */
export function readLocal(digits: string, areaCode: string, plan: CountryPlan): PlanNumber | null {
  return plan.lengths.includes(areaCode.length + digits.length) ? readNational(areaCode + digits, plan) : null;
}

/** Reads digits as dialled within the country, with or without its national prefix. Null: no possible number. */
export function readNational(digits: string, plan: CountryPlan): PlanNumber | null {
  // Without a prefix of any kind in front, the library would only put the calling code there.
  const bare = !plan.rewritten?.test(digits) && !digits.startsWith(plan.callingCode) && !plan.internationalPrefix.test(digits);
  if (bare && plan.lengths.includes(digits.length)) return readInternational(plan.callingCode + digits);
  const phone = parse(digits, plan.country);
  return phone === undefined ? null : readInternational(phone.number.slice(1));
}

function parse(text: string, defaultCountry?: CountryCode): PhoneNumber | undefined {
  return parsePhoneNumberFromString(
    text,
    defaultCountry === undefined ? { extract: false } : { defaultCountry, extract: false },
  );
}
