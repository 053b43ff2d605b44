/** Emergency and other short numbers of a region, out of libphonenumber's metadata. */
import type { RegionMetadata, ShortNumbers } from "./packages.ts";

/** Fields of `PhoneMetadata` and of `PhoneNumberDesc` (libphonenumber's phonemetadata.proto). */
const GENERAL = 1;
const EMERGENCY = 27;
const SHORT_CODE = 29;
const PATTERN = 2;
const POSSIBLE_LENGTHS = 9;

const MAX_DIGITS = 6;

type Description = { readonly pattern: RegExp; readonly lengths: readonly number[] };

function described(metadata: RegionMetadata, field: number): Description | null {
  const description = metadata[field];
  const general = metadata[GENERAL];
  if (!Array.isArray(description) || !Array.isArray(general)) throw new Error("the metadata are laid out otherwise");
  const pattern: unknown = description[PATTERN];
  if (typeof pattern !== "string") return null;
  const own: unknown = description[POSSIBLE_LENGTHS];
  // Where the field has the lengths of all short numbers of the region, it leaves them out.
  const lengths: unknown = Array.isArray(own) && own.length > 0 ? own : general[POSSIBLE_LENGTHS];
  if (!Array.isArray(lengths)) throw new Error("the metadata are laid out otherwise");
  return { pattern: new RegExp(`^(?:${pattern})$`), lengths: lengths.map(Number).filter((length) => length > 0) };
}

/** All digits of the lengths are tried against the region's pattern; the library itself, which takes a microsecond each, has the last word. */
export function emergencyNumbersOf(region: string, { regions, isEmergencyNumber }: ShortNumbers): readonly string[] {
  const description = described(regions[region]!, EMERGENCY);
  if (description === null) return [];
  const { pattern, lengths } = description;
  if (lengths.some((length) => length > MAX_DIGITS))
    throw new Error(`${region} has emergency numbers of more than ${MAX_DIGITS} digits`);
  return lengths.flatMap((length) => {
    const all = Array.from({ length: 10 ** length }, (_, value) => String(value).padStart(length, "0"));
    const found = all.filter((digits) => pattern.test(digits));
    const denied = found.filter((digits) => !isEmergencyNumber(digits, region));
    if (denied.length > 0) throw new Error(`${region}: the library denies ${denied.join(", ")}`);
    return found;
  });
}

/** Whether the digits are a short number of the region, emergency or not. */
export function shortNumberTest(region: string, { regions }: ShortNumbers): (digits: string) => boolean {
  const description = described(regions[region]!, SHORT_CODE);
  return (digits) => description !== null && description.lengths.includes(digits.length) && description.pattern.test(digits);
}
