/** What an E.164 number is, as far as routing and the protection against toll fraud ask. */
import { lookUp } from "./number-class-plans.ts";

export const NUMBER_TYPES = [
  "fixed",
  "mobile",
  "fixed_or_mobile",
  "toll_free",
  "premium",
  "shared_cost",
  "voip",
  "personal",
  "uan",
  "unknown",
] as const;
export type NumberType = (typeof NUMBER_TYPES)[number];

/** Classes of numbers that fraud lives from: closed unless a trunk opens them. */
export const TOLL_CLASSES = ["premium", "satellite", "high_risk"] as const;
export type TollClass = (typeof TOLL_CLASSES)[number];

/** All that is said of a number; shared between numbers and frozen. */
export type NumberClass = {
  /** ISO 3166-1 alpha-2; null for satellite systems, international networks and what is no number. */
  readonly country: string | null;
  readonly type: NumberType;
  /** Whether the country's plan has the number in a range of some type; a number of a possible length need not be. */
  readonly inPlan: boolean;
  readonly tollClasses: readonly TollClass[];
};

/**
 * Country, type and toll classes in one look-up: a step per digit, nothing allocated.
 * @param e164 with its plus sign. Anything else is of no country, of type `unknown` and of no toll class.
 */
export function classOf(e164: string): NumberClass {
  return lookUp(e164);
}

/**
 * The country that a number belongs to, ISO 3166-1 alpha-2; of a shared calling code the one whose plan has the number, else the code's main
 * country (+1: US). Null for codes of no country.
 */
export function countryOf(e164: string): string | null {
  return lookUp(e164).country;
}

/** The type by the country's numbering plan; `unknown` where the plan does not have the number, for pagers and for voice mail boxes. */
export function typeOf(e164: string): NumberType {
  return lookUp(e164).type;
}

/** The toll classes of a number, in the order of `TOLL_CLASSES`; a shared, frozen array. */
export function tollClassesOf(e164: string): readonly TollClass[] {
  return lookUp(e164).tollClasses;
}
