import fc from "fast-check";
import examples from "libphonenumber-js/mobile/examples";
import metadata from "libphonenumber-js/max/metadata";
import { getCountries, parsePhoneNumberFromString, type NumberType as LibraryType } from "libphonenumber-js/max";
import { describe, expect, it } from "vitest";
import { classOf, countryOf, NUMBER_TYPES, typeOf, type NumberType } from "../../../domain/numbers/number-class.ts";

const TYPE_BY_LIBRARY: Readonly<Record<Exclude<LibraryType, undefined>, NumberType>> = {
  FIXED_LINE: "fixed",
  MOBILE: "mobile",
  FIXED_LINE_OR_MOBILE: "fixed_or_mobile",
  TOLL_FREE: "toll_free",
  PREMIUM_RATE: "premium",
  SHARED_COST: "shared_cost",
  VOIP: "voip",
  PERSONAL_NUMBER: "personal",
  UAN: "uan",
  PAGER: "unknown",
  VOICEMAIL: "unknown",
};

/** What the library says of a number; null where it would rewrite the number or refuse it. */
function byLibrary(
  e164: string,
): { readonly country: string | undefined; readonly type: NumberType; readonly isValid: boolean } | null {
  const phone = parsePhoneNumberFromString(e164, { extract: false });
  if (phone === undefined || phone.number !== e164) return null;
  const type = phone.getType();
  return { country: phone.country, type: type === undefined ? "unknown" : TYPE_BY_LIBRARY[type], isValid: phone.isValid() };
}

/** Country, type and validity here and by the library, where the library has an opinion. */
function compared(e164: string): { readonly ours: unknown; readonly theirs: unknown } | null {
  const theirs = byLibrary(e164);
  if (theirs === null) return null;
  const { country, type, inPlan } = classOf(e164);
  // A range that no plan has: the library names no country.
  const ours = { e164, country: theirs.country === undefined ? undefined : country, type, isValid: inPlan };
  return { ours, theirs: { e164, ...theirs } };
}

const isThere = <T>(value: T | null): value is T => value !== null;

/** A number that a pattern of a numbering plan matches. */
const inPattern = (callingCode: string, pattern: string): fc.Arbitrary<string> =>
  fc.stringMatching(new RegExp(`^(?:${pattern})$`)).map((national) => `+${callingCode}${national}`);

const patterns = [...Object.values(metadata.countries), ...Object.values(metadata.nonGeographic)].flatMap((plan) => {
  const types: unknown[] = Array.isArray(plan?.[11]) ? plan[11] : [];
  return types.flatMap((type) =>
    Array.isArray(type) && typeof type[0] === "string" && type[0] !== "" ? [{ code: String(plan?.[0]), pattern: type[0] }] : [],
  );
});
const codes = [...Object.keys(metadata.country_calling_codes), ...Object.keys(metadata.nonGeographic)];

describe("[RTE-12] country and type of a number", () => {
  it.each([
    ["+493012345678", "DE", "fixed"],
    ["+491701234567", "DE", "mobile"],
    ["+12125550100", "US", "fixed_or_mobile"],
    ["+16135550100", "CA", "fixed_or_mobile"],
    ["+12425550100", "BS", "unknown"],
    ["+18005550100", "US", "toll_free"],
    ["+19005550100", "US", "premium"],
    ["+74951234567", "RU", "fixed"],
    ["+77011234567", "KZ", "mobile"],
    ["+442079460123", "GB", "fixed"],
    ["+441534123456", "JE", "fixed"],
    ["+447624123456", "IM", "mobile"],
    ["+443001234567", "GB", "uan"],
    ["+390612345678", "IT", "fixed"],
    ["+390669812345", "VA", "fixed"],
    ["+61891621234", "CC", "fixed"],
    ["+262269601234", "YT", "fixed"],
    ["+358181234567", "AX", "fixed"],
    ["+3545555555", "IS", "fixed"],
    ["+80012345678", null, "toll_free"],
    ["+881612345678", null, "mobile"],
    ["+979123456789", null, "premium"],
  ] as const)("%s is of %s and %s", (e164, country, type) => {
    expect([countryOf(e164), typeOf(e164)]).toEqual([country, type]);
  });

  it("takes the main country of a shared code for a range that no plan has", () => {
    expect(parsePhoneNumberFromString("+15555550100")?.country).toBeUndefined();
    expect(countryOf("+15555550100")).toBe("US");
    expect(countryOf("+71234567890")).toBe("RU");
  });

  it.each([
    "",
    "+",
    "49",
    "493012345678",
    "+0123456",
    "+999123456789",
    "+2:12345678",
    "+49x",
    "bob@example.com",
    "112",
    "+٤٩٣٠",
  ])("says nothing of %j", (text) => {
    const { type, tollClasses } = classOf(text);
    expect({ type, tollClasses }).toEqual({ type: "unknown", tollClasses: [] });
  });

  it("agrees with the library on its example of every country", () => {
    const pairs = getCountries().map((country) => compared(`+${metadata.countries[country]?.[0]}${examples[country]}`));
    expect(pairs.filter(isThere).map(({ ours }) => ours)).toEqual(pairs.map((pair) => pair?.theirs));
  });

  it("agrees with the library on numbers of every country's every type", () => {
    const pairs = patterns.flatMap(({ code, pattern }) =>
      fc.sample(inPattern(code, pattern), { numRuns: 4, seed: 7 }).map((e164) => compared(e164)),
    );
    const known = pairs.filter(isThere);
    expect(known.length).toBeGreaterThan(4_000);
    expect(known.map(({ ours }) => ours)).toEqual(known.map(({ theirs }) => theirs));
  });

  it("agrees with the library on any digits behind any calling code", () => {
    const national = fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(fc.constantFrom(...codes), national, (code, digits) => {
        const pair = compared(`+${code}${digits}`);
        fc.pre(pair !== null);
        expect(pair?.ours).toEqual(pair?.theirs);
      }),
      { numRuns: 5_000 },
    );
  });

  it("is one of the known types, whatever the text, and the same each time", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^\+[0-9]{1,20}$/)), (text) => {
        expect(NUMBER_TYPES).toContain(typeOf(text));
        expect(classOf(text)).toBe(classOf(text));
      }),
    );
  });
});
