/** Whether dialled digits are an emergency number, by where they are dialled. */
import type { DialProfile } from "./dial-profile.ts";
import { withoutOutsidePrefix } from "./dial-profile.ts";
import { EMERGENCY_TEST_NUMBER, SOS, UNIVERSAL_NUMBERS, nationalNumbers } from "./emergency-numbers.ts";

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

/** Whether the digits are a desk on this PBX, which dials emergency numbers behind its outside prefix. Without one there is no other way. */
function isExtension(digits: string, profile: DialProfile | undefined): boolean {
  return profile?.extensions?.includes(digits) === true && (profile.outsidePrefix ?? "") !== "";
}

/** The emergency number that the digits are, also behind the profile's outside prefix; null for anything else, also for longer numbers. */
export function emergencyNumber(digits: string, profile?: DialProfile, around: Around = NOWHERE): EmergencyNumber | null {
  const asDialled = isExtension(digits, profile) ? null : known(digits, profile?.country, around);
  if (asDialled !== null) return asDialled;
  const rest = withoutOutsidePrefix(digits, profile);
  return rest === null ? null : known(rest, profile?.country, around);
}
