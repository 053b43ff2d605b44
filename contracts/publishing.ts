/** `/v1/config/publish`, `versions`, `rollback` and `diff`: what is asked, and what is answered. */
import { z } from "zod";
import type { Comparison } from "../domain/configuration/diff.ts";
import type { Finding, Findings } from "../domain/configuration/findings.ts";
import type { VersionRecord } from "../domain/configuration/store.ts";
import { type Result, err, ok } from "../domain/shared/result.ts";
import { plainText } from "./configuration/fields.ts";
import { type FieldError, fieldErrors } from "./issues.ts";

const MAX_NOTE = 512;

const versionName = z.string().regex(/^\d{8}T\d{9}Z-[0-9a-f]{12}$/, "a version's name");
const side = z.union([z.literal(["draft", "current"]), versionName]);
/** The draft, what is in force, or a published version by its name. */
export type DiffSide = z.output<typeof side>;

const publishSchema = z.strictObject({
  /** For those who read the list of versions. */
  note: plainText(MAX_NOTE).nullable().default(null),
  dryRun: z.boolean().default(false),
});
const rollbackSchema = z.strictObject({ version: versionName });
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

export function comparisonJson({ added, removed, changed, byKind, list }: Comparison): Record<string, unknown> {
  return { added, removed, changed, byKind, list, listComplete: list.length === added + removed + changed };
}

export function versionJson(record: VersionRecord, inForce: string | null): Record<string, unknown> {
  const { publishedAtMs, ...rest } = record;
  return { ...rest, publishedAt: new Date(publishedAtMs).toISOString(), inForce: record.version === inForce };
}
