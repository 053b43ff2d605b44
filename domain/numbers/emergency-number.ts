/** Whether dialled digits are an emergency number, by where they are dialled. */
import type { DialProfile } from "./dial-profile.ts";
import { withoutOutsidePrefix } from "./dial-profile.ts";
import { EMERGENCY_TEST_NUMBER, SOS, UNIVERSAL_NUMBERS, nationalNumbers } from "./emergency-numbers.ts";
import { countryPlan, readInternational } from "./numbering-plan.ts";

export { EMERGENCY_TEST_NUMBER } from "./emergency-numbers.ts";

/** What is known beyond the trunk. */
export type Around = {
  /** ISO 3166-1 alpha-2: where the caller may be, the likeliest first. */
  readonly countries?: readonly string[];
  /** The tenant's own numbers that exercise the path (`settings.emergency.testNumbers`). */
  readonly testNumbers?: readonly string[];
};

export type EmergencyNumber = {
  /** Without an outside prefix. */
  readonly number: string;
  /** `urn:service:sos` or the sub-service that the number reaches. */
  readonly service: string;
  /** Whose number it is; null: everybody's, or nobody's (a test number). */
  readonly country: string | null;
  readonly test: boolean;
};

const NOWHERE: Around = {};

/**
 * The digits themselves as an emergency number. What somebody dials is a number of where they are, or of where their trunk is; where the
 * candidates do not agree on the service, it is all of them. A real number goes before a test number: 933 is an ambulance in Tonga.
 */
function known(number: string, trunkCountry: string | undefined, around: Around): EmergencyNumber | null {
  let country: string | null = null;
  let service: string | null = null;
  const consider = (candidate: string): void => {
    const reached = nationalNumbers(candidate).get(number);
    if (reached === undefined) return;
    country ??= candidate;
    service = service === null || service === reached ? reached : SOS;
  };
  around.countries?.forEach(consider);
  if (trunkCountry !== undefined) consider(trunkCountry);
  if (service !== null) return { number, service, country, test: false };
  if (UNIVERSAL_NUMBERS.includes(number)) return { number, service: SOS, country: null, test: false };
  const isTest = number === EMERGENCY_TEST_NUMBER || around.testNumbers?.includes(number) === true;
  return isTest ? { number, service: SOS, country: null, test: true } : null;
}

/**
 * Whether the digits are a desk on this PBX, which dials emergency numbers behind its outside prefix. Without one there is no other way, and
 * who is known to be in other countries than the PBX dials theirs.
 */
function isExtension(digits: string, profile: DialProfile | undefined, { countries = [] }: Around): boolean {
  if (profile?.extensions?.includes(digits) !== true || (profile.outsidePrefix ?? "") === "") return false;
  return countries.length === 0 || countries.includes(profile.country) || !countries.some((each) => counts(digits, each));
}

const counts = (digits: string, country: string): boolean =>
  nationalNumbers(country).has(digits) || UNIVERSAL_NUMBERS.includes(digits);

/** The emergency number that the digits are, also behind the profile's outside prefix; null for anything else, also for longer numbers. */
export function emergencyNumber(digits: string, profile?: DialProfile, around: Around = NOWHERE): EmergencyNumber | null {
  const asDialled = isExtension(digits, profile, around) ? null : known(digits, profile?.country, around);
  if (asDialled !== null) return asDialled;
  const rest = withoutOutsidePrefix(digits, profile);
  return rest === null ? null : known(rest, profile?.country, around);
}

const MIN_BEHIND_PLUS = 3;
/** Of the North American Numbering Plan, where telephones write "+1911". */
const NANP_CODE = "1";

/** What may be the emergency number among the digits behind a plus sign: all of them, then those behind the country code 1. */
export function formsBehindPlus(digits: string): readonly string[] {
  return digits.startsWith(NANP_CODE) ? [digits, digits.slice(NANP_CODE.length)] : [digits];
}

const isNanp = (country: string): boolean => countryPlan(country)?.callingCode === NANP_CODE;

/**
 * The emergency number that somebody, or a telephone, has put a plus sign before ("+112", "+911", in North America "+1911"). Nothing that
 * can be an international number is one, and nothing with more digits.
 * @param digits those behind the plus sign.
 */
export function emergencyNumberBehindPlus(
  digits: string,
  profile?: DialProfile,
  around: Around = NOWHERE,
): EmergencyNumber | null {
  const read = (number: string) => (number.length < MIN_BEHIND_PLUS ? null : known(number, profile?.country, around));
  const places = [...(around.countries ?? []), ...(profile === undefined ? [] : [profile.country])];
  const [bare = "", behindCode = ""] = formsBehindPlus(digits);
  const found = read(bare) ?? (places.some(isNanp) ? read(behindCode) : null);
  return found === null || readInternational(digits) !== null ? null : found;
}
