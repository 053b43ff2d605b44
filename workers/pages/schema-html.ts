/** JSON Schema as people read it: members with their types, and links to schemas that have a name. */
import { escaped, prose } from "./html.ts";

export type Schema = Readonly<Record<string, unknown>>;

const nameOf = (reference: string): string => reference.slice(reference.lastIndexOf("/") + 1);
const linkTo = (name: string): string => `<a href="#schema-${name}">${name}</a>`;

const literal = (value: unknown): string => `<code>${escaped(JSON.stringify(value))}</code>`;

/** Bounds and the like, as far as they say something to a person. */
function boundsOf(schema: Schema): string {
  const { minimum, maximum, minLength, maxLength, minItems, maxItems, pattern, format } = schema;
  const range = (low: unknown, high: unknown, unit: string): string[] => {
    const isLarge = typeof high === "number" && high >= Number.MAX_SAFE_INTEGER;
    const [from, to] = [low, isLarge ? undefined : high].map((bound) =>
      typeof bound === "number" && bound > Number.MIN_SAFE_INTEGER ? bound.toLocaleString("en") : null,
    );
    if (from == null && to == null) return [];
    return [`${from == null ? "at most" : from} ${from == null || to == null ? "" : "to "}${to ?? "or more"}${unit}`];
  };
  return [
    ...(typeof format === "string" ? [escaped(format)] : []),
    ...range(minimum, maximum, ""),
    ...range(minLength, maxLength, " characters"),
    ...range(minItems, maxItems, " items"),
    ...(typeof pattern === "string" ? [`<code>${escaped(pattern)}</code>`] : []),
  ].join(", ");
}

function plainType(schema: Schema): string {
  const { type } = schema;
  const bounds = boundsOf(schema);
  const name = typeof type === "string" ? type : Array.isArray(type) ? type.join(" or ") : "any JSON";
  return bounds === "" ? name : `${name} <small>(${bounds})</small>`;
}

/** In a few words. */
export function typeOf(schema: Schema): string {
  const { $ref, const: only, enum: values, anyOf, oneOf, items, additionalProperties, properties } = schema;
  if (typeof $ref === "string") return linkTo(nameOf($ref));
  if (only !== undefined) return literal(only);
  if (Array.isArray(values)) return values.map(literal).join(" ");
  const choices = (anyOf ?? oneOf) as readonly Schema[] | undefined;
  if (choices !== undefined) return [...new Set(choices.map(typeOf))].join(" or ");
  if (typeof items === "object" && items !== null) return `list of ${typeOf(items as Schema)}`;
  if (properties !== undefined) return "object";
  if (typeof additionalProperties === "object" && additionalProperties !== null && Object.keys(additionalProperties).length > 0)
    return `object of ${typeOf(additionalProperties as Schema)}`;
  return plainType(schema);
}

/** Objects inside, of which members have to be told too. */
function partsOf(schema: Schema): readonly Schema[] {
  const { anyOf, oneOf, items, properties } = schema;
  const choices = (anyOf ?? oneOf) as readonly Schema[] | undefined;
  if (choices !== undefined) return choices.flatMap(partsOf);
  if (typeof items === "object" && items !== null) return partsOf(items as Schema);
  return properties === undefined ? [] : [schema];
}

function memberRow(name: string, schema: Schema, isRequired: boolean): string {
  const { description, default: usual } = schema;
  const told = typeof description === "string" ? prose(description) : "";
  const otherwise = usual === undefined ? "" : ` Default: ${literal(usual)}.`;
  const inner = partsOf(schema).map(membersTable).join("");
  return `<tr><td><code>${escaped(name)}</code>${isRequired ? ' <b title="required">*</b>' : ""}</td><td>${typeOf(schema)}${inner}</td><td>${told}${otherwise}</td></tr>`;
}

/** The members of an object; objects inside have a table of their own. */
export function membersTable(schema: Schema): string {
  const { properties = {}, required = [] } = schema as { properties?: Record<string, Schema>; required?: readonly string[] };
  const rows = Object.entries(properties).map(([name, member]) => memberRow(name, member, required.includes(name)));
  return rows.length === 0 ? "" : `<table>${rows.join("")}</table>`;
}

/** A schema with a name, whole. */
export function schemaSection(name: string, schema: Schema): string {
  const { description } = schema;
  const parts = partsOf(schema);
  const body = parts.length === 0 ? `<p>${typeOf(schema)}</p>` : parts.map(membersTable).join("<p>or</p>");
  return `<section id="schema-${name}"><h3>${name}</h3>${typeof description === "string" ? `<p>${prose(description)}</p>` : ""}${body}</section>`;
}
