/** One text for one content, whatever the order in which fields were written. */
import type { ConfigurationItem } from "./model.ts";

function ordered(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const names = Object.keys(value);
  if (names.every((name, index) => index === 0 || names[index - 1]! < name)) return value;
  return Object.fromEntries(names.sort().map((name) => [name, (value as Record<string, unknown>)[name]]));
}

/** JSON with the fields of every object in the order of their names. */
export const canonicalJson = (value: unknown): string => JSON.stringify(value, ordered);

/** The line of an item in a version's source, without its end. */
export const sourceLine = (item: ConfigurationItem): string => canonicalJson(item);
