/**
 * What is looked for in a session's metadata: a value at a path, as containment of `jsonb` has it
 * (https://www.postgresql.org/docs/18/datatype-json.html#JSON-CONTAINMENT). Paths lead through objects; arrays are not looked into.
 */

/** One of the values, which are written as text: each may be that string, and the number or boolean that is written so. */
export type MetadataMatch = { readonly path: readonly string[]; readonly values: readonly string[] };

type Scalar = string | number | boolean;

/** A number as JSON has it (RFC 8259 §6). */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** What a text may stand for. */
export function scalarsOf(text: string): readonly Scalar[] {
  const number = NUMBER.test(text) ? Number(text) : Number.NaN;
  if (Number.isFinite(number)) return [text, number];
  return text === "true" || text === "false" ? [text, text === "true"] : [text];
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  let found = value;
  for (const name of path) {
    if (typeof found !== "object" || found === null || Array.isArray(found) || !Object.hasOwn(found, name)) return undefined;
    found = (found as Readonly<Record<string, unknown>>)[name];
  }
  return found;
}

export function metadataMatches({ path, values }: MetadataMatch, metadata: Readonly<Record<string, unknown>>): boolean {
  const found = valueAt(metadata, path);
  return values.some((text) => scalarsOf(text).some((scalar) => scalar === found));
}

/** The smallest objects of which metadata that matches contains one, as JSON. */
export function containedBy({ path, values }: MetadataMatch): readonly string[] {
  const around = (scalar: Scalar): string =>
    path.reduceRight((inner, name) => `{${JSON.stringify(name)}:${inner}}`, JSON.stringify(scalar));
  return values.flatMap((text) => scalarsOf(text).map(around));
}
