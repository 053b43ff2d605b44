/** Which decisions of before a request takes, by its `Cache-Control` (RFC 9111 §5.2.1). */

export type Freshness = {
  /** A decision that is older does not count. Below zero: none does. */
  readonly maxAgeMs: number;
  /** Whether the new decision may be remembered. */
  readonly isKept: boolean;
};

/** What most requests have. */
export const ANY_AGE: Freshness = { maxAgeMs: Infinity, isKept: true };
const NEVER_MS = -1;

const NO_STORE = /(?:^|[\s,])no-store(?:$|[\s,=])/i;
const NO_CACHE = /(?:^|[\s,])no-cache(?:$|[\s,=])/i;
const MAX_AGE = /(?:^|[\s,])max-age="?(\d{1,9})/i;

/** @param header the request's `Cache-Control`; null: it has none. Directives that say nothing about this are passed over. */
export function freshnessOf(header: string | null): Freshness {
  if (header === null) return ANY_AGE;
  if (NO_STORE.test(header)) return { maxAgeMs: NEVER_MS, isKept: false };
  if (NO_CACHE.test(header)) return { maxAgeMs: NEVER_MS, isKept: true };
  const maxAgeS = MAX_AGE.exec(header)?.[1];
  if (maxAgeS === undefined) return ANY_AGE;
  // `max-age=0` asks for what was made just now, which within the same millisecond would be a decision of before.
  return { maxAgeMs: maxAgeS === "0" ? NEVER_MS : Number(maxAgeS) * 1000, isKept: true };
}
