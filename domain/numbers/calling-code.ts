/**
 * What can be said of an international number from its calling code and length alone. The library finds out in which country a number is
 * before it says anything, which takes up to 25 countries' patterns for +1; most numbers can do without.
 */
import { getCountries, getCountryCallingCode, isSupportedCountry, Metadata } from "libphonenumber-js/max";

const MAX_CALLING_CODE_DIGITS = 3;

type CodePlan = {
  readonly lengths: readonly number[];
  /** What the library would take away from the front of a national number, or rewrite. */
  readonly rewritten: RegExp | null;
  /** First digits by which the library places a number in another country of the same code, with lengths of its own. */
  readonly elsewhere: readonly RegExp[];
};

const plans = new Map<string, CodePlan>();

/**
 * Calls a method that the library has and its type declarations do not.
 * @returns undefined when there is no such method.
 */
export function ask(target: object, method: string, ...given: readonly string[]): unknown {
  const member: unknown = Reflect.get(target, method);
  return typeof member === "function" ? Reflect.apply(member, target, given) : undefined;
}

/** What the library would take away from the front of a national number, or rewrite; null: nothing. */
export function rewrittenBy(numberingPlan: object): RegExp | null {
  const prefix = ask(numberingPlan, "nationalPrefixForParsing");
  return typeof prefix === "string" && prefix !== "" ? new RegExp(`^(?:${prefix})`) : null;
}

function leadingDigitsOf(country: unknown): readonly RegExp[] {
  if (typeof country !== "string" || !isSupportedCountry(country)) return [];
  const metadata = new Metadata();
  metadata.selectNumberingPlan(country);
  const digits = metadata.numberingPlan?.leadingDigits();
  return digits === undefined ? [] : [new RegExp(`^(?:${digits})`)];
}

/** The plan of each code is that of its main country, by which the library judges numbers that it can place in no country. */
function load(): void {
  for (const country of getCountries()) {
    const code = getCountryCallingCode(country);
    const metadata = new Metadata();
    const sharing = ask(metadata, "getCountryCodesForCallingCode", code);
    if (!Array.isArray(sharing) || sharing[0] !== country) continue;
    metadata.selectNumberingPlan(country);
    const { numberingPlan } = metadata;
    if (numberingPlan === undefined) continue;
    const elsewhere = sharing.flatMap((other: unknown) => leadingDigitsOf(other));
    plans.set(code, { lengths: numberingPlan.possibleLengths(), rewritten: rewrittenBy(numberingPlan), elsewhere });
  }
}

/**
 * True: the digits are a possible number as they stand, and reading them changes nothing. False: unknown, ask the library.
 * @param digits begin with a calling code.
 */
export function isPlainlyPossible(digits: string): boolean {
  if (plans.size === 0) load();
  // Calling codes are prefix-free.
  for (let length = 1; length <= MAX_CALLING_CODE_DIGITS; length++) {
    const plan = plans.get(digits.slice(0, length));
    if (plan === undefined) continue;
    const national = digits.slice(length);
    const { lengths, rewritten, elsewhere } = plan;
    return (
      lengths.includes(national.length) && !rewritten?.test(national) && !elsewhere.some((leading) => leading.test(national))
    );
  }
  return false;
}
