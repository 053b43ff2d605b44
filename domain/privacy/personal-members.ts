/** Which members of a session's event data are personal enough to be encrypted in Postgres, and how they are found and replaced. */

/**
 * By name, wherever they stand: where somebody is, what somebody wrote or said, what somebody is called. Numbers are not among them: they are
 * searched by their beginning.
 */
export const SEALED_MEMBERS: ReadonlySet<string> = new Set([
  "location",
  "text",
  "note",
  "notes",
  "transcript",
  "utterance",
  "digits",
  "displayName",
  "callerName",
  "calleeName",
  "firstName",
  "lastName",
  "name",
  "email",
  "birthDate",
]);

/** The tenant's own: lists are searched by it. Whoever puts personal data there keeps it in plain text. */
const LEFT_ALONE = "metadata";

/** Stands where a sealed value stood. */
export type SealedMarker = { readonly $sealed: string };

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export function isSealedMarker(value: unknown): value is SealedMarker {
  return isObject(value) && typeof value["$sealed"] === "string" && Object.keys(value).length === 1;
}

/** A personal value and where it stands, as a JSON pointer (RFC 6901). */
export type PersonalValue = { readonly pointer: string; readonly value: unknown };

const below = (pointer: string, name: string): string => `${pointer}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;

/** The outermost personal values of event data, in their order; nothing within `metadata`, and no nulls. */
export function personalValues(data: Readonly<Record<string, unknown>>): readonly PersonalValue[] {
  const found: PersonalValue[] = [];
  replaced(data, "", (pointer, value) => {
    found.push({ pointer, value });
    return value;
  });
  return found;
}

/** The data with its personal values replaced. @param replacements by pointer. */
export function withPersonalValues(
  data: Readonly<Record<string, unknown>>,
  replacements: ReadonlyMap<string, unknown>,
): Readonly<Record<string, unknown>> {
  const whole = replaced(data, "", (pointer, value) => (replacements.has(pointer) ? replacements.get(pointer) : value));
  return whole as Readonly<Record<string, unknown>>;
}

/** @param replace is given personal values alone. */
function replaced(value: unknown, pointer: string, replace: (pointer: string, value: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item, index) => replaced(item, below(pointer, String(index)), replace));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const place = below(pointer, name);
      if (member === null || name === LEFT_ALONE) return [name, member];
      return [name, SEALED_MEMBERS.has(name) ? replace(place, member) : replaced(member, place, replace)];
    }),
  );
}
