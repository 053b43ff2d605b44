/** JSON Schema 2020-12, as this API uses it, as types of TypeScript. */
import { COMPONENTS, type Json } from "../../contracts/openapi/schema-json.ts";

const literal = (value: unknown): string => JSON.stringify(value);
const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** A comment for readers of the type. Nothing where there is nothing to say. */
export function commentText(text: unknown, indent: string): string {
  if (typeof text !== "string" || text === "") return "";
  return `${indent}/** ${text.replaceAll("*/", "*\\/").replaceAll(/\s*\n\s*/g, " ")} */\n`;
}

function union(types: readonly string[]): string {
  const different = [...new Set(types)];
  return different.length === 1 ? different[0]! : `(${different.join(" | ")})`;
}

/** The member that stands for all names that are not written down; null: there is none. */
function restText({ additionalProperties: rest }: Json, hasMembers: boolean, indent: string): string | null {
  if (rest === undefined || rest === false) return null;
  // Members that are written down have to fit to it too.
  return hasMembers || rest === true ? "unknown" : typeText(rest, indent);
}

function objectText(schema: Json, indent: string): string {
  const members = isObject(schema["properties"]) ? Object.entries(schema["properties"]) : [];
  const required = new Set(list(schema["required"]));
  const inner = `${indent}  `;
  const rest = restText(schema, members.length > 0, inner);
  const names = isObject(schema["propertyNames"]) ? list(schema["propertyNames"]["enum"]) : [];
  if (names.length > 0) return `{ readonly [name in ${union(names.map(literal))}]?: ${rest ?? "unknown"} }`;
  const lines = members.map(([name, member]) => {
    const comment = isObject(member) ? commentText(member["description"], inner) : "";
    const key = /^[a-z_$][\w$]*$/i.test(name) ? name : literal(name);
    return `${comment}${inner}readonly ${key}${required.has(name) ? "" : "?"}: ${typeText(member, inner)};`;
  });
  if (rest !== null) lines.push(`${inner}readonly [name: string]: ${rest};`);
  if (lines.length > 0) return `{\n${lines.join("\n")}\n${indent}}`;
  return schema["additionalProperties"] === false ? "Readonly<Record<string, never>>" : "Readonly<Record<string, unknown>>";
}

/** An array of `items`, or a tuple of `prefixItems` with further `items` behind them. */
function arrayText({ prefixItems, items = true }: Json, indent: string): string {
  const members = typeText(items, indent).replace(/^(\{[^]*|.* \| .*|readonly [^]*)$/, "($1)");
  if (!Array.isArray(prefixItems)) return `readonly ${members}[]`;
  const first = prefixItems.map((each) => typeText(each, indent));
  return `readonly [${[...first, ...(items === false ? [] : [`...${members}[]`])].join(", ")}]`;
}

function plainText(type: unknown, schema: Json, indent: string): string {
  switch (type) {
    case "object":
      return objectText(schema, indent);
    case "array":
      return arrayText(schema, indent);
    case "integer":
      return "number";
    case "string":
    case "number":
    case "boolean":
    case "null":
      return type;
    default:
      return "unknown";
  }
}

/** @param indent of the line that the type begins in. */
export function typeText(schema: unknown, indent = ""): string {
  if (!isObject(schema)) return schema === false ? "never" : "unknown";
  const { $ref, const: constant, enum: values, anyOf, oneOf, allOf, type } = schema;
  if (typeof $ref === "string") return $ref.slice(COMPONENTS.length);
  if ("const" in schema) return literal(constant);
  if (Array.isArray(values)) return union(values.map(literal));
  if (Array.isArray(anyOf ?? oneOf)) return union(list(anyOf ?? oneOf).map((each) => typeText(each, indent)));
  if (Array.isArray(allOf)) return `(${allOf.map((each) => typeText(each, indent)).join(" & ")})`;
  if (Array.isArray(type)) return union(type.map((each) => plainText(each, schema, indent)));
  return plainText(type, schema, indent);
}
