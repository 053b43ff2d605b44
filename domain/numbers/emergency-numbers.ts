/** The emergency numbers of every country and territory, and which service each reaches. */
import { ADDITIONS } from "./emergency-additions.ts";
import { EMERGENCY_NUMBERS_BY_COUNTRY } from "./emergency-numbers.data.ts";
import { SERVICES_BY_COUNTRY, SUB_SERVICES } from "./emergency-services.ts";

export const SOS = "urn:service:sos";

/** Dialled to exercise the emergency path end to end: a recording reads the caller's number and address back (933, North America). */
export const EMERGENCY_TEST_NUMBER = "933";

/** Emergency numbers everywhere, whatever the country: the price of one call too many in the emergency lane is small. */
export const UNIVERSAL_NUMBERS: readonly string[] = ["112", "911", "999"];

const MAX_NATIONAL_DIGITS = 6;

const words = (text: string): readonly string[] => text.split(" ");

/** Service URNs by number. */
export type NationalNumbers = ReadonlyMap<string, string>;

const NONE: NationalNumbers = new Map();
const read = new Map<string, NationalNumbers>();

const added = new Map(ADDITIONS.map(({ country, numbers }) => [country, words(numbers)]));

/** Countries of which numbers are known, in order. */
export const COUNTRIES_WITH_NUMBERS: readonly string[] = [
  ...new Set([...Object.keys(EMERGENCY_NUMBERS_BY_COUNTRY), ...added.keys()]),
].sort();

function numbersOf(country: string): readonly string[] {
  const known = Object.hasOwn(EMERGENCY_NUMBERS_BY_COUNTRY, country) ? EMERGENCY_NUMBERS_BY_COUNTRY[country] : undefined;
  return [...(known === undefined ? [] : words(known)), ...(added.get(country) ?? [])];
}

/** "police 110, fire 112" as URNs by number. */
function servicesOf(country: string): ReadonlyMap<string, string> {
  const text = Object.hasOwn(SERVICES_BY_COUNTRY, country) ? SERVICES_BY_COUNTRY[country] : undefined;
  const entries = (text?.split(", ") ?? []).flatMap((part) => {
    const [service, ...numbers] = words(part);
    const urn = SUB_SERVICES.some((known) => known === service) ? `${SOS}.${service}` : SOS;
    return numbers.map((number): [string, string] => [number, urn]);
  });
  return new Map(entries);
}

/**
 * @param country ISO 3166-1 alpha-2; of anything else nothing is known.
 * @returns the numbers with the URN of the service that each reaches (`urn:service:sos` for several, or where it is not known).
 */
export function nationalNumbers(country: string): NationalNumbers {
  const known = read.get(country);
  if (known !== undefined) return known;
  const numbers = numbersOf(country);
  // What nobody has numbers of is not kept: trunks name what they like.
  if (numbers.length === 0) return NONE;
  const services = servicesOf(country);
  const made: NationalNumbers = new Map([...numbers].sort().map((number) => [number, services.get(number) ?? SOS]));
  read.set(country, made);
  return made;
}

let everywhere: ReadonlySet<string> | null = null;

/** Whether the digits end in an emergency number of any country or in 933, behind at most so many others. Looks at no more than five endings. */
export function endsInEmergencyNumber(digits: string, maxBefore: number): boolean {
  everywhere ??= new Set([EMERGENCY_TEST_NUMBER, ...UNIVERSAL_NUMBERS, ...COUNTRIES_WITH_NUMBERS.flatMap(numbersOf)]);
  const longest = Math.min(MAX_NATIONAL_DIGITS, digits.length);
  for (let length = Math.max(1, digits.length - maxBefore); length <= longest; length++)
    if (everywhere.has(digits.slice(-length))) return true;
  return false;
}
