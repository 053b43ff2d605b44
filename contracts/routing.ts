/** `POST /v1/routing/explain` and `/v1/routing/replay`: what is asked. */
import { z } from "zod";
import type { ExplainedCondition, ExplainedLook } from "../domain/routing/explain.ts";
import { type Result, err, ok } from "../domain/shared/result.ts";
import { type FieldError, fieldErrors } from "./issues.ts";
import { side } from "./publishing.ts";

/** Which configuration is asked about: the draft, what is in force, or a published version by its name. */
const version = side;
export type VersionName = string;

const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

const DEFAULT_EXPLAINED_RULES = 50;
const MAX_EXPLAINED_RULES = 500;

export const explainSchema = z.strictObject({
  /** In the fields of `POST /v1/calls`; read with the trunks of the version that is asked about. */
  call: z.record(z.string(), z.unknown()),
  at: instant.optional(),
  version: version.default("current"),
  limit: z.int().min(1).max(MAX_EXPLAINED_RULES).default(DEFAULT_EXPLAINED_RULES),
});
export type ExplainRequest = z.output<typeof explainSchema>;

const DAY_MS = 24 * 3_600_000;
export const MAX_REPLAY_MS = 31 * DAY_MS;
const DEFAULT_REPORTED_CHANGES = 100;
export const MAX_REPORTED_CHANGES = 10_000;

export const replaySchema = z
  .strictObject({
    from: instant,
    to: instant,
    version: version.default("draft"),
    limit: z.int().min(0).max(MAX_REPORTED_CHANGES).default(DEFAULT_REPORTED_CHANGES),
  })
  .refine(({ from, to }) => from < to, { path: ["to"], message: "is not after from" })
  .refine(({ from, to }) => to - from <= MAX_REPLAY_MS, { path: ["to"], message: "the period is longer than 31 days" });
export type ReplayRequest = z.output<typeof replaySchema>;

const INSTANT_FIELD = /^(?:unless\.)?active(?:From|Until)$/;

/** As people write times. */
function conditionJson(condition: ExplainedCondition): ExplainedCondition {
  if (!INSTANT_FIELD.test(condition.field)) return condition;
  const text = (value: unknown): unknown => (typeof value === "number" ? new Date(value).toISOString() : value);
  return { ...condition, expected: text(condition.expected), actual: text(condition.actual) };
}

export function looksJson(looks: readonly ExplainedLook[]): readonly ExplainedLook[] {
  return looks.map(({ called, rules }) => ({
    called,
    rules: rules.map((rule) => ({ ...rule, conditions: rule.conditions.map(conditionJson) })),
  }));
}

export function parseExplain(body: Record<string, unknown>): Result<ExplainRequest, readonly FieldError[]> {
  const parsed = explainSchema.safeParse(body);
  return parsed.success ? ok(parsed.data) : err(fieldErrors(parsed.error, body));
}

export function parseReplay(body: Record<string, unknown>): Result<ReplayRequest, readonly FieldError[]> {
  const parsed = replaySchema.safeParse(body);
  return parsed.success ? ok(parsed.data) : err(fieldErrors(parsed.error, body));
}
