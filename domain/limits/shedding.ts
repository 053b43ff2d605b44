/** What is answered with 503 and `Retry-After` when there is more to do than can be done, in this order. */
export const SHEDDABLE_KINDS = ["analytics", "lists", "calls"] as const;
export type SheddableKind = (typeof SHEDDABLE_KINDS)[number];
