/** Schemas of messages as JSON Schema 2020-12, the dialect of OpenAPI 3.1. */
import { z } from "zod";

export type Json = Readonly<Record<string, unknown>>;
/** By name: every body and answer is one of them. */
export type Schemas = Readonly<Record<string, z.ZodType>>;

export const COMPONENTS = "#/components/schemas/";

/** `alsoTakes` in a schema's metadata: short forms, as JSON Schema, that are unfolded before what the schema says is checked. */
function tidy({ jsonSchema }: { jsonSchema: Record<string, unknown> }): void {
  const { format, pattern } = jsonSchema;
  // It says again, at length, what the format says; or it needs Unicode mode, which readers of JSON Schema need not have.
  if (format !== undefined || (typeof pattern === "string" && /\\p\{/i.test(pattern))) delete jsonSchema["pattern"];
  const { alsoTakes: other, description, ...own } = jsonSchema;
  if (other === undefined) return;
  for (const name of Object.keys(jsonSchema)) delete jsonSchema[name];
  Object.assign(jsonSchema, { anyOf: [other, own] }, description === undefined ? {} : { description });
}

/** As it is sent, before anything is filled in or changed. */
const OPTIONS = { uri: (id: string) => `${COMPONENTS}${id}`, io: "input", override: tidy } as const;

function bare({ $schema: _schema, $id: _id, id: _name, ...rest }: Record<string, unknown>): Json {
  return rest;
}

export const schemaJson = (schema: z.ZodType): Json => bare(z.toJSONSchema(schema, OPTIONS));

/** `components.schemas`: those that contain one another refer to each other. */
export function componentsOf(schemas: Schemas): Json {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id });
  const made = z.toJSONSchema(registry, OPTIONS).schemas;
  return Object.fromEntries(Object.entries(made).map(([id, schema]) => [id, bare(schema as Record<string, unknown>)]));
}
