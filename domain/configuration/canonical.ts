/** One text for one content, whatever the order in which fields were written. */
import type { ConfigurationItem } from "./model.ts";

function isInOrder(names: readonly string[]): boolean {
  for (let at = 1; at < names.length; at++) if (names[at - 1]! >= names[at]!) return false;
  return true;
}

/** The same content with the fields of every object in the order of their names; what is in order already is not copied. */
function inOrder(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const ordered = value.map(inOrder);
    return ordered.every((entry, index) => entry === value[index]) ? value : ordered;
  }
  const fields = value as Readonly<Record<string, unknown>>;
  const names = Object.keys(fields);
  let isSame = isInOrder(names);
  const ordered: Record<string, unknown> = {};
  for (const name of isSame ? names : names.sort()) {
    const field = fields[name];
    ordered[name] = inOrder(field);
    if (ordered[name] !== field) isSame = false;
  }
  return isSame ? value : ordered;
}

/** JSON with the fields of every object in the order of their names. */
export const canonicalJson = (value: unknown): string => JSON.stringify(inOrder(value));

/** The line of an item in a version's source, without its end. */
export const sourceLine = (item: ConfigurationItem): string => canonicalJson(item);
