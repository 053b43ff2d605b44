/** The country of a number, by libphonenumber. */
import { parsePhoneNumberFromString } from "libphonenumber-js/max";

const E164 = /^\+\d{2,15}$/;

/**
 * @param address as `formatAddress` writes it.
 * @returns ISO 3166-1 alpha-2; where the plan has not assigned the number, the main country of its calling code; null for what is no
 * number of a country: short codes, URIs, numbers of services that are the whole world's.
 */
export function countryOf(address: string): string | null {
  if (!E164.test(address)) return null;
  const number = parsePhoneNumberFromString(address, { extract: false });
  return number?.country ?? number?.getPossibleCountries()[0] ?? null;
}
