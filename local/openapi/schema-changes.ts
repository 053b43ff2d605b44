/**
 * Whether one JSON Schema still does for clients of another. What is sent must still be taken; what is answered must still be what was
 * promised. References are followed; schemas that contain themselves are compared once.
 */

export type Json = Readonly<Record<string, unknown>>;
/** Who writes what the schema describes. */
export type Direction = "request" | "answer";
export type Side = { readonly document: Json; readonly schema: Json };

export const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);

/** What `#/…` leads to in the document; anything else is given back. */
export function resolved(document: Json, value: Json): Json {
  const { $ref } = value;
  if (typeof $ref !== "string") return value;
  const names = $ref.replace(/^#\//, "").split("/");
  const found = names.reduce<unknown>((inner, name) => (isObject(inner) ? inner[name] : undefined), document);
  return isObject(found) ? resolved(document, found) : {};
}

const objectOf = (value: unknown): Json => (isObject(value) ? value : {});
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The types that a schema names; null: any. */
function typesOf({ type, const: only, enum: values }: Json): readonly string[] | null {
  if (typeof type === "string") return [type];
  if (Array.isArray(type)) return type as string[];
  const told = only === undefined ? listOf(values) : [only];
  return told.length === 0 ? null : [...new Set(told.map(typeOfValue))];
}

function typeOfValue(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value;
}

function valuesOf({ const: only, enum: values }: Json): readonly unknown[] | null {
  if (only !== undefined) return [only];
  return Array.isArray(values) ? values : null;
}

const covers = (wide: readonly string[], type: string): boolean =>
  wide.includes(type) || (type === "integer" && wide.includes("number"));

/** Types that `narrow` has and `wide` has not. */
function outside(wide: readonly string[] | null, narrow: readonly string[] | null): readonly string[] {
  if (wide === null) return [];
  return narrow === null ? ["anything"] : narrow.filter((type) => !covers(wide, type));
}

const LOWER = ["minimum", "exclusiveMinimum", "minLength", "minItems"];
const UPPER = ["maximum", "exclusiveMaximum", "maxLength", "maxItems"];

/** Bounds on what is taken that have become tighter. */
function tighter(before: Json, after: Json): readonly string[] {
  const number = (value: unknown, otherwise: number) => (typeof value === "number" ? value : otherwise);
  return [
    ...LOWER.filter((name) => number(after[name], -Infinity) > number(before[name], -Infinity)),
    ...UPPER.filter((name) => number(after[name], Infinity) < number(before[name], Infinity)),
    ...["pattern", "format"].filter((name) => after[name] !== undefined && after[name] !== before[name]),
  ];
}

type Comparison = { readonly direction: Direction; readonly seen: Set<string> };

/** @param at where in the message, for people. @returns one text for each thing that a client of before would trip over. */
export function schemaChanges(
  before: Side,
  after: Side,
  direction: Direction,
  at: string,
  seen = new Set<string>(),
): readonly string[] {
  const pair = [before.schema["$ref"], after.schema["$ref"], direction].join(" ");
  if (before.schema["$ref"] !== undefined && after.schema["$ref"] !== undefined) {
    if (seen.has(pair)) return [];
    seen.add(pair);
  }
  const was = { ...before, schema: resolved(before.document, before.schema) };
  const is = { ...after, schema: resolved(after.document, after.schema) };
  const how = { direction, seen };
  const [wasChoices, isChoices] = [choicesOf(was), choicesOf(is)];
  if (wasChoices.length > 1 || isChoices.length > 1) return choiceChanges(wasChoices, isChoices, how, at);
  return plainChanges(was, is, how, at);
}

function choicesOf({ document, schema }: Side): readonly Side[] {
  const choices = listOf(schema["anyOf"] ?? schema["oneOf"]) as readonly Json[];
  return choices.length === 0 ? [{ document, schema }] : choices.map((choice) => ({ document, schema: choice }));
}

/** Each alternative that a client knows, or may meet, has to have its like on the other side. */
function choiceChanges(was: readonly Side[], is: readonly Side[], { direction }: Comparison, at: string): readonly string[] {
  const [needed, offered] = direction === "request" ? [was, is] : [is, was];
  return needed.flatMap((one, index) => {
    const attempts = offered.map((other) =>
      direction === "request" ? schemaChanges(one, other, direction, at) : schemaChanges(other, one, direction, at),
    );
    if (attempts.some((changes) => changes.length === 0)) return [];
    // Of the one in the same place, if there is one, it can be said what is different.
    const alike = was.length === is.length ? attempts[index] : undefined;
    return (
      alike ?? [
        `${at}: ${direction === "request" ? "an alternative is no longer taken" : "there is an alternative that was not there"}`,
      ]
    );
  });
}

function plainChanges(before: Side, after: Side, how: Comparison, at: string): readonly string[] {
  const { direction, seen } = how;
  const [was, is] = [before.schema, after.schema];
  const [wide, narrow] = direction === "request" ? [typesOf(is), typesOf(was)] : [typesOf(was), typesOf(is)];
  const strange = outside(wide, narrow);
  if (strange.length > 0)
    return [`${at}: ${strange.join(", ")} ${direction === "request" ? "is no longer taken" : "was never answered here"}`];
  const inner = (name: string, place: string): readonly string[] =>
    isObject(was[name]) && isObject(is[name])
      ? schemaChanges({ ...before, schema: was[name] }, { ...after, schema: is[name] }, direction, place, seen)
      : [];
  return [
    ...valueChanges(was, is, direction, at),
    ...(direction === "request" ? tighter(was, is).map((name) => `${at}: ${name} is narrower`) : []),
    ...memberChanges(before, after, how, at),
    ...inner("items", `${at}/*`),
    ...inner("additionalProperties", `${at}/*`),
  ];
}

/** A value that is new in answers is no break: clients are told to expect some. */
function valueChanges(was: Json, is: Json, direction: Direction, at: string): readonly string[] {
  const [before, after] = [valuesOf(was), valuesOf(is)];
  if (direction === "answer") return before !== null && after === null ? [`${at}: is no longer one of a list`] : [];
  if (after === null) return [];
  if (before === null) return [`${at}: takes certain values alone`];
  const gone = before.filter((value) => !after.includes(value));
  return gone.length === 0 ? [] : [`${at}: ${gone.map((value) => JSON.stringify(value)).join(", ")} is no longer taken`];
}

function memberChanges(before: Side, after: Side, { direction, seen }: Comparison, at: string): readonly string[] {
  const [was, is] = [before.schema, after.schema];
  const [members, present] = [objectOf(was["properties"]), objectOf(is["properties"])];
  const changes: string[] = [];
  for (const [name, schema] of Object.entries(members)) {
    const place = `${at}/${name}`;
    const now = present[name];
    if (!isObject(now)) changes.push(`${place}: is gone`);
    else
      changes.push(
        ...schemaChanges({ ...before, schema: objectOf(schema) }, { ...after, schema: now }, direction, place, seen),
      );
  }
  const [mustWas, mustIs] = [listOf(was["required"]), listOf(is["required"])];
  if (direction === "request") {
    for (const name of mustIs) if (!mustWas.includes(name)) changes.push(`${at}/${String(name)}: is required now`);
    if (is["additionalProperties"] === false && was["additionalProperties"] !== false && "properties" in was)
      changes.push(`${at}: takes no other members any more`);
  } else {
    for (const name of mustWas)
      if (!mustIs.includes(name) && String(name) in present) changes.push(`${at}/${String(name)}: may be missing now`);
  }
  return changes;
}
