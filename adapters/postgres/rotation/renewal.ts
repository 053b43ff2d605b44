/** What a stored value becomes under the current key. */
import type { DataKeys } from "../../identity/data-keys.ts";
import { keyIdOf } from "../../identity/data-keys.ts";
import { isSealed } from "../../identity/sealing.ts";

/** `stale`: `value` is to take its place. */
export type Renewal<Value> =
  | { readonly tag: "current" }
  | { readonly tag: "unreadable" }
  | { readonly tag: "stale"; readonly value: Value };

/** A text; one that is not sealed is of before there was encryption, and is sealed. @param context the value's place. */
export async function renewText(keys: DataKeys, stored: string, context: string): Promise<Renewal<string>> {
  if (keys.isCurrent(stored)) return { tag: "current" };
  if (keyIdOf(stored) === null && !isSealed(stored)) return { tag: "stale", value: await keys.seal(stored, context) };
  const opened = await keys.open(stored, context);
  return opened.ok ? { tag: "stale", value: await keys.seal(opened.value, context) } : { tag: "unreadable" };
}

/** Renewals of one row's values as one: with any that does not open the row is left alone. */
export function together<Value>(
  renewals: readonly Renewal<Value>[],
  value: (changed: readonly (Value | null)[]) => object,
): Renewal<object> {
  if (renewals.some(({ tag }) => tag === "unreadable")) return { tag: "unreadable" };
  if (renewals.every(({ tag }) => tag === "current")) return { tag: "current" };
  return { tag: "stale", value: value(renewals.map((renewal) => (renewal.tag === "stale" ? renewal.value : null))) };
}
