/** Keyset pages: one row more than is wanted is read, which tells whether there are more. */
import type { Page } from "../../domain/configuration/store.ts";

/** @param rows at most `limit + 1`. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  keyOf: (row: Row) => string,
  itemOf: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown.map(itemOf), nextKey: rows.length > limit && last !== undefined ? keyOf(last) : null };
}
