/**
 * Places among the ids of events: texts of an id's shape that need not be ids, compared as text. Ranges of them are inclusive on both
 * sides.
 */
import { idPrefixAt } from "../../shared/ids.ts";
import { periodOf } from "./conjuncts.ts";
import type { EventQuery } from "./query.ts";

export type IdRange = { readonly minId: string; readonly maxId: string };

export const FIRST_PLACE = "00000000-0000-0000-0000-000000000000";
export const LAST_PLACE = "ffffffff-ffff-ffff-ffff-ffffffffffff";
/** The greatest time that an id can carry, Unix milliseconds. */
const MAX_ID_MS = 0xffff_ffff_ffff;

/** Not behind any id that was made at this time or later. */
export function firstPlaceAt(ms: number): string {
  if (ms > MAX_ID_MS) return LAST_PLACE;
  return ms <= 0 ? FIRST_PLACE : `${idPrefixAt(Math.ceil(ms))}0000-0000-000000000000`;
}

/** Not before any id that was made before this time. */
export function lastPlaceBefore(ms: number): string {
  if (ms > MAX_ID_MS) return LAST_PLACE;
  return ms <= 0 ? FIRST_PLACE : `${idPrefixAt(Math.ceil(ms) - 1)}ffff-ffff-ffffffffffff`;
}

const DIGITS = "0123456789abcdef";

/** The next place, or the one before; the last one has none behind it, the first none before. */
export function neighbourOf(place: string, step: 1 | -1): string {
  const [full, empty] = step === 1 ? ["f", "0"] : ["0", "f"];
  let tail = "";
  for (let at = place.length - 1; at >= 0; at--) {
    const digit = place[at]!;
    if (digit === "-") tail = `-${tail}`;
    else if (digit === full) tail = empty + tail;
    else return place.slice(0, at) + DIGITS[DIGITS.indexOf(digit) + step] + tail;
  }
  return place;
}

export const isEmpty = ({ minId, maxId }: IdRange): boolean => minId > maxId;

export function overlap(a: IdRange, b: IdRange): IdRange {
  return { minId: a.minId > b.minId ? a.minId : b.minId, maxId: a.maxId < b.maxId ? a.maxId : b.maxId };
}

/** Ids that were made from one time (inclusive) to another (exclusive). */
export function placesOf(fromMs: number, toMs: number): IdRange {
  return { minId: firstPlaceAt(fromMs), maxId: lastPlaceBefore(toMs) };
}

/** Where a query's events stand: by when they were stored, and behind its place. */
export function rangeOf({ filter, order, after }: Pick<EventQuery, "filter" | "order" | "after">): IdRange {
  const { fromMs, toMs } = periodOf(filter, "recordedTime");
  const stored = fromMs < toMs ? placesOf(fromMs, toMs) : { minId: LAST_PLACE, maxId: FIRST_PLACE };
  if (after === null) return stored;
  const behind =
    order === "oldest_first"
      ? { minId: neighbourOf(after, 1), maxId: LAST_PLACE }
      : { minId: FIRST_PLACE, maxId: neighbourOf(after, -1) };
  return overlap(stored, behind);
}
