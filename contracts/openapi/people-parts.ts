/** What descriptions of the tenant's people have in common. */
import { z } from "zod";
import type { Answer, Parameter } from "./operation.ts";
import { ETAG, json, query } from "./parts.ts";

export const managed = { tag: "People", permission: "access:manage" } as const;
/** Of whoever is known, with or without roles. */
export const known = { tag: "People", permission: null } as const;
export const KNOWN_PROBLEMS = ["forbidden", "origin_not_allowed"] as const;
export const LOCATION = { Location: "Where it is." };

export const filtersOf = (filters: Readonly<Record<string, z.ZodType>>): readonly Parameter[] =>
  Object.entries(filters).map(([name, schema]) => query(name, "Only those that have one of these values.", z.array(schema)));

export const ok = (description: string, schema: z.ZodType, example: unknown): Answer => ({
  status: 200,
  description,
  content: [json(schema, example)],
  headers: ETAG,
});
export const made = (schema: z.ZodType, example: unknown): Answer => ({
  status: 201,
  description: "There was none; it is made.",
  content: [json(schema, example)],
  headers: { ...ETAG, ...LOCATION },
});
export const page = (schema: z.ZodType, item: unknown): Answer => ({
  status: 200,
  description: "A page.",
  content: [json(schema, { items: [item] })],
});
