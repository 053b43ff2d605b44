import fc from "fast-check";
import { getCountries, getCountryCallingCode, parsePhoneNumberFromString } from "libphonenumber-js/max";
import { describe, expect, it } from "vitest";
import { countryPlan, readInternational, readNational } from "../../../domain/numbers/numbering-plan.ts";

const countries = fc.constantFrom(...getCountries());
const digits = fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 3, maxLength: 13 });

describe("[NUM-1] the shortcuts around the library", () => {
  it("read an international number as the library does", () => {
    fc.assert(
      fc.property(countries, digits, (country, national) => {
        const text = `+${getCountryCallingCode(country)}${national}`;
        const phone = parsePhoneNumberFromString(text, { extract: false });
        // Numbers that the library itself rewrites again when it reads them a second time are compared elsewhere: they must only be stable.
        fc.pre(phone === undefined || phone.number === text);
        const expected = phone?.isPossible() === true && text.length <= 16 ? text : null;
        expect(readInternational(text.slice(1))?.e164 ?? null).toBe(expected);
      }),
      { numRuns: 4000 },
    );
  });

  it("read a national number as the library does", () => {
    fc.assert(
      fc.property(countries, digits, (country, national) => {
        const plan = countryPlan(country);
        const phone = parsePhoneNumberFromString(national, { defaultCountry: country, extract: false });
        const again = phone === undefined ? undefined : parsePhoneNumberFromString(phone.number, { extract: false });
        fc.pre(plan !== null && again?.number === phone?.number);
        const expected = again?.isPossible() === true && again.number.length <= 16 ? again.number : null;
        expect(readNational(national, plan!)?.e164 ?? null).toBe(expected);
      }),
      { numRuns: 4000 },
    );
  });
});
