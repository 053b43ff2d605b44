/** `/v1/config/publish`, `versions`, `rollback` and `diff`: what is asked, and what is answered. */
import { z } from "zod";
import type { Comparison, FieldDifference } from "../domain/configuration/diff.ts";
import type { Finding, Findings } from "../domain/configuration/findings.ts";
import type { VersionRecord } from "../domain/configuration/store.ts";
import { type Result, err, ok } from "../domain/shared/result.ts";
import { plainText } from "./configuration/fields.ts";
import { type FieldError, fieldErrors } from "./issues.ts";

const MAX_NOTE = 512;

const VERSION = /^\d{8}T\d{9}Z-[0-9a-f]{12}$/;
export const versionName = z.string().regex(VERSION, "a version's name");
export const side = z.string().regex(/^(?:draft|current|\d{8}T\d{9}Z-[0-9a-f]{12})$/, "draft, current, or a version's name");
/** The draft, what is in force, or a published version by its name. */
export type DiffSide = z.output<typeof side>;

export const publishSchema = z.strictObject({
  /** For those who read the list of versions. */
  note: plainText(MAX_NOTE).nullable().default(null),
  dryRun: z.boolean().default(false),
});
export const rollbackSchema = z.strictObject({ version: versionName });
const diffSchema = z.strictObject({ from: side.default("current"), to: side.default("draft") });

function parseWith<Output>(schema: z.ZodType<Output>, input: unknown): Result<Output, readonly FieldError[]> {
  const parsed = schema.safeParse(input);
  return parsed.success ? ok(parsed.data) : err(fieldErrors(parsed.error, input));
}

export const parsePublish = (body: unknown) => parseWith(publishSchema, body);
export const parseRollback = (body: unknown) => parseWith(rollbackSchema, body);
/** @param query by default what publishing would change: from what is in force to the draft. */
export const parseDiff = (query: Readonly<Record<string, string>>) => parseWith(diffSchema, query);

/** Problems as a refusal tells them: pointers from the root, like those into a body. */
export function findingErrors(findings: Findings): readonly FieldError[] {
  return findings.list.map(({ pointer, code, detail }: Finding) => ({ pointer: `/${pointer}`, code, detail }));
}

/** Fields that have another name here than inside, and times that are text. */
const INSTANTS = new Map([
  ["/activeFromMs", "/activeFrom"],
  ["/activeUntilMs", "/activeUntil"],
]);
const instantText = (value: unknown): unknown => (typeof value === "number" ? new Date(value).toISOString() : value);

function fieldJson(field: FieldDifference): FieldDifference {
  const pointer = INSTANTS.get(field.pointer);
  return pointer === undefined ? field : { pointer, before: instantText(field.before), after: instantText(field.after) };
}

export function comparisonJson({ added, removed, changed, byKind, list }: Comparison): Record<string, unknown> {
  const differences = list.map(({ fields, ...rest }) => ({ ...rest, fields: fields.map(fieldJson) }));
  return { added, removed, changed, byKind, list: differences, listComplete: list.length === added + removed + changed };
}

export function versionJson(record: VersionRecord, inForce: string | null): Record<string, unknown> {
  const { publishedAtMs, ...rest } = record;
  return { ...rest, publishedAt: new Date(publishedAtMs).toISOString(), inForce: record.version === inForce };
}
