/**
 * The numbering plans of the world, compiled one calling code at a time when a number with that code first comes by. Country and type are
 * what libphonenumber would say (`parsePhoneNumber(…).country`, `.getType()`), some hundred times faster. Where a code is shared and no
 * country's plan has the number, the library says nothing, and the code's main country is taken here.
 */
import metadata from "libphonenumber-js/max/metadata";
import type { NumberClass, NumberType, TollClass } from "./number-class.ts";
import { DigitPatterns } from "./number-class-pattern.ts";
import { HIGH_RISK_COUNTRIES, SATELLITE_PREFIXES } from "./number-class-tolls.ts";

/** Places in the library's arrays; its METADATA.md describes them. */
const GENERAL_PATTERN = 2;
const LEADING_DIGITS = 10;
const TYPES = 11;

/** The order in which the library keeps types. */
const TYPE_PLACES = { fixed: 0, mobile: 1 } as const;
/** Types other than fixed and mobile, by place, in the order in which the library asks. Pagers and voice mail boxes are neither. */
const OTHER_TYPES: readonly (readonly [number, NumberType])[] = [
  [3, "premium"],
  [2, "toll_free"],
  [9, "shared_cost"],
  [8, "voip"],
  [4, "personal"],
  [7, "unknown"],
  [6, "uan"],
  [5, "unknown"],
];

/** Tags of a country's patterns begin at multiples of this: types by place, then these two. */
const TAGS_PER_COUNTRY = 16;
const GENERAL_TAG = 14;
const LEADING_TAG = 15;
const SATELLITE_TAG = -1;

const MAX_CALLING_CODE_DIGITS = 3;
const PLUS = 0x2b;
const ZERO = 0x30;

type CountryPlan = {
  /** Null for codes that belong to no country. */
  readonly country: string | null;
  readonly general: string;
  readonly leading: string | null;
  /** By place; null where the country has none. An empty text: the same as the one before it (fixed and mobile). */
  readonly types: readonly (string | null)[];
};

const UNKNOWN: NumberClass = Object.freeze({ country: null, type: "unknown", inPlan: false, tollClasses: Object.freeze([]) });
const SATELLITE: NumberClass = Object.freeze({ ...UNKNOWN, tollClasses: Object.freeze(["satellite"] as const) });

/** Few hundred different ones; all numbers share them. */
const classes = new Map<string, NumberClass>();
/** By calling code; undefined: not compiled yet. */
const compiled: (DigitPatterns<NumberClass> | null | undefined)[] = Array.from({ length: 10 ** MAX_CALLING_CODE_DIGITS });

function textAt(plan: readonly unknown[], place: number): string | null {
  const value = plan[place];
  return typeof value === "string" ? value : null;
}

function readPlan(country: string | null, plan: readonly unknown[]): CountryPlan {
  const types = plan[TYPES];
  return {
    country,
    general: textAt(plan, GENERAL_PATTERN) ?? "",
    leading: textAt(plan, LEADING_DIGITS),
    types: Array.isArray(types) ? types.map((type: unknown) => (Array.isArray(type) ? textAt(type, 0) : null)) : [],
  };
}

/** The plans of all countries with the code, main country first; empty when nobody has the code. */
function plansOf(code: string): readonly CountryPlan[] {
  const countries = metadata.country_calling_codes[code] ?? [];
  const nobodys = metadata.nonGeographic[code];
  if (nobodys !== undefined) return [readPlan(null, nobodys)];
  return countries.flatMap((country) => {
    const plan = metadata.countries[country];
    return plan === undefined ? [] : [readPlan(country, plan)];
  });
}

/** The type that a country's plan gives to a number; null when the number is not of this plan. */
function typeIn({ types }: CountryPlan, index: number, tags: ReadonlySet<number>): NumberType | null {
  const base = index * TAGS_PER_COUNTRY;
  if (!tags.has(base + GENERAL_TAG)) return null;
  if (tags.has(base + TYPE_PLACES.fixed)) {
    const mobile = types[TYPE_PLACES.mobile] ?? null;
    return mobile === null || mobile === "" || tags.has(base + TYPE_PLACES.mobile) ? "fixed_or_mobile" : "fixed";
  }
  if (tags.has(base + TYPE_PLACES.mobile)) return "mobile";
  return OTHER_TYPES.find(([place]) => tags.has(base + place))?.[1] ?? null;
}

function judge(plans: readonly CountryPlan[], tags: ReadonlySet<number>): NumberClass {
  const belongs = (plan: CountryPlan, index: number): boolean =>
    plan.leading === null ? typeIn(plan, index, tags) !== null : tags.has(index * TAGS_PER_COUNTRY + LEADING_TAG);
  const index = plans.length === 1 ? 0 : Math.max(0, plans.findIndex(belongs));
  const plan = plans[index]!;
  return share(plan.country, typeIn(plan, index, tags), tags.has(SATELLITE_TAG));
}

function share(country: string | null, type: NumberType | null, satellite: boolean): NumberClass {
  const key = `${country} ${type} ${satellite}`;
  const known = classes.get(key);
  if (known !== undefined) return known;
  const tollClasses: TollClass[] = [];
  if (type === "premium") tollClasses.push("premium");
  if (satellite) tollClasses.push("satellite");
  if (country !== null && country in HIGH_RISK_COUNTRIES) tollClasses.push("high_risk");
  const made: NumberClass = Object.freeze({
    country,
    type: type ?? "unknown",
    inPlan: type !== null,
    tollClasses: Object.freeze(tollClasses),
  });
  classes.set(key, made);
  return made;
}

function compile(code: string): DigitPatterns<NumberClass> | null {
  const plans = plansOf(code);
  if (plans.length === 0) return null;
  const patterns = new DigitPatterns((tags) => judge(plans, tags));
  for (const [index, { general, leading, types }] of plans.entries()) {
    const base = index * TAGS_PER_COUNTRY;
    patterns.add(general, base + GENERAL_TAG);
    if (leading !== null) patterns.add(leading, base + LEADING_TAG, "prefix");
    for (const [place, pattern] of types.entries()) if (pattern !== null && pattern !== "") patterns.add(pattern, base + place);
  }
  for (const prefix of SATELLITE_PREFIXES)
    if (prefix.startsWith(code)) patterns.add(prefix.slice(code.length), SATELLITE_TAG, "prefix");
  return patterns;
}

/** What a number is. Anything but a plus sign and digits that begin with a calling code is of no country and no type. */
export function lookUp(e164: string): NumberClass {
  if (e164.charCodeAt(0) !== PLUS) return UNKNOWN;
  let code = 0;
  // Calling codes are prefix-free and do not begin with a zero, so that a number of one to three digits names each.
  for (let length = 1; length <= MAX_CALLING_CODE_DIGITS && length < e164.length; length++) {
    const digit = e164.charCodeAt(length) - ZERO;
    if (digit < 0 || digit > 9) return UNKNOWN;
    code = code * 10 + digit;
    let patterns = compiled[code];
    if (patterns === undefined) {
      patterns = compile(String(code));
      compiled[code] = patterns;
    }
    if (patterns !== null) return patterns.verdict(e164, length + 1);
  }
  return isWithdrawnSatellite(e164) ? SATELLITE : UNKNOWN;
}

/** Codes that no plan has any more, but that a rewritten number may still bear. */
function isWithdrawnSatellite(e164: string): boolean {
  return SATELLITE_PREFIXES.some((prefix) => e164.startsWith(prefix, 1));
}
