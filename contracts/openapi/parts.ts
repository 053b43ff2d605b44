/** What descriptions of operations are put together from. */
import { z } from "zod";
import { DEFAULT_PAGE_LIMIT, MAX_PAGE_LIMIT } from "../paging.ts";
import type { ProblemCode } from "../problem.ts";
import { CURSOR } from "./examples.ts";
import type { Answer, Content, Parameter } from "./operation.ts";

export const JSON_TYPE = "application/json";
export const LINES_TYPE = "application/x-ndjson";
export const CSV_TYPE = "text/csv";

/** What is no JSON document: lines, a stream, a table. */
export const text = z.string();

export const json = (schema: z.ZodType, example: unknown): Content => ({ mediaType: JSON_TYPE, schema, example });
/** As JSON lines. */
export const lines = (...items: readonly unknown[]): string => items.map((item) => `${JSON.stringify(item)}\n`).join("");

export function query(name: string, description: string, schema: z.ZodType = z.string(), example?: unknown): Parameter {
  return { name, in: "query", schema, description, ...(example === undefined ? {} : { example }) };
}

export function inPath(name: string, description: string, example: string): Parameter {
  return { name, in: "path", schema: z.string(), description, example, isRequired: true };
}

export function header(name: string, description: string, example?: string): Parameter {
  return { name, in: "header", schema: z.string(), description, ...(example === undefined ? {} : { example }) };
}

export const PAGE: readonly Parameter[] = [
  query("limit", `How many a page has at most; ${DEFAULT_PAGE_LIMIT} by default.`, z.int().min(1).max(MAX_PAGE_LIMIT), 50),
  query("cursor", "The `nextCursor` of the page before, with the same filters and order.", z.string(), CURSOR),
];

export const nextCursor = z.string().optional().describe("There may be more; its absence is the end.");
/** A page of a list. */
export const pageOf = <Item extends z.ZodType>(item: Item) => z.object({ items: z.array(item), nextCursor });

export const IF_MATCH = header(
  "If-Match",
  "The `ETag` that was read: what has changed since then is left as it is, with 412.",
  '"7"',
);
export const IF_NONE_MATCH = header("If-None-Match", "The `ETag` that is known: 304 when it is still so.", '"7"');
/** Of a `PUT`, which may make something. */
export const UNLESS_THERE = header("If-None-Match", "`*`: only when there is none yet.", "*");
export const ETAG = { ETag: "Of this revision, for `If-Match` and `If-None-Match`." };

export const NOT_MODIFIED: Answer = { status: 304, description: "It is as the reader knows it.", content: [] };
export const GONE: Answer = { status: 204, description: "It is removed.", content: [] };

/** Of whatever reads a body of JSON. */
export const BODY_PROBLEMS = [
  "bad_json",
  "body_too_slow",
  "body_too_large",
  "invalid_fields",
] as const satisfies readonly ProblemCode[];
/** The same where the body's type is looked at. */
export const TYPED_BODY_PROBLEMS = [...BODY_PROBLEMS, "unsupported_media_type"] as const;
export const PAGE_PROBLEMS = ["bad_query", "bad_cursor"] as const satisfies readonly ProblemCode[];
