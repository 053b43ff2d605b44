/** What an E.164 number is, as far as routing and the protection against toll fraud ask. */

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
