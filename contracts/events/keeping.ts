/** The event store's policy, legal holds and erasures on the wire. */
import { z } from "zod";
import type { Erasure } from "../../domain/events/keeping/erasure.ts";
import type { Hold, HoldScope } from "../../domain/events/keeping/hold.ts";
import { MAX_NUMBER_DIGITS, MIN_NUMBER_DIGITS, digitsOf } from "../../domain/events/keeping/numbers.ts";
import { MAX_RETENTION_DAYS, type RetentionPolicy, policyProblems } from "../../domain/events/keeping/policy.ts";
import { type Result, err, ok } from "../../domain/shared/result.ts";
import { MAX_EXTERNAL_ID } from "../calls.ts";
import { instant, instantJson, plainText } from "../configuration/fields.ts";
import { type FieldError, fieldErrors } from "../issues.ts";

/** Characters: a sentence or two, and the file's number. */
export const MAX_REASON = 512;
/** Characters of a number as people write it. */
const MAX_NUMBER = 64;

const days = z.int().min(0).max(MAX_RETENTION_DAYS).nullable();

const policySchema = z.strictObject({ infrequentAfterDays: days, archiveAfterDays: days, deleteAfterDays: days });

const number = plainText(MAX_NUMBER).refine((text) => {
  const { length } = digitsOf(text);
  return /^\+?[\d\s().\-/]+$/.test(text) && length >= MIN_NUMBER_DIGITS && length <= MAX_NUMBER_DIGITS;
}, `a number of ${MIN_NUMBER_DIGITS} to ${MAX_NUMBER_DIGITS} digits`);

const reason = plainText(MAX_REASON).min(1);

const holdSchema = z
  .strictObject({
    scope: z.union([
      z.strictObject({ callId: plainText(MAX_EXTERNAL_ID).min(1) }),
      z.strictObject({ number }),
      z.strictObject({ everything: z.literal(true) }),
    ]),
    from: instant,
    to: instant,
    reason,
  })
  .refine(({ from, to }) => from === null || to === null || from < to, { path: ["to"], message: "must be after from" });

const callId = plainText(MAX_EXTERNAL_ID).min(1);
const numberErasureSchema = z.strictObject({ number, reason });
const callErasureSchema = z.strictObject({ callId, reason });

function parseWith<Output>(schema: z.ZodType<Output>, json: unknown): Result<Output, readonly FieldError[]> {
  const parsed = schema.safeParse(json);
  return parsed.success ? ok(parsed.data) : err(fieldErrors(parsed.error, json));
}

/** `PUT /v1/events/policy`: all three, each in whole days or null for never. */
export function parsePolicy(json: unknown): Result<RetentionPolicy, readonly FieldError[]> {
  const parsed = parseWith(policySchema, json);
  if (!parsed.ok) return parsed;
  const problems = policyProblems(parsed.value);
  if (problems.length === 0) return parsed;
  return err(problems.map(({ field, detail }) => ({ pointer: `/${field}`, code: "not_allowed", detail })));
}

export type NewHold = Pick<Hold, "scope" | "fromMs" | "toMs" | "reason">;

function scopeOf(scope: z.output<typeof holdSchema>["scope"]): HoldScope {
  if ("callId" in scope) return { tag: "call", callId: scope.callId };
  return "number" in scope ? { tag: "number", number: scope.number } : { tag: "everything" };
}

/** `POST /v1/events/holds`: `{scope: {callId} | {number} | {everything: true}, from?, to?, reason}`. */
export function parseHold(json: unknown): Result<NewHold, readonly FieldError[]> {
  const parsed = parseWith(holdSchema, json);
  if (!parsed.ok) return parsed;
  const { scope, from, to, reason: why } = parsed.value;
  return ok({ scope: scopeOf(scope), fromMs: from, toMs: to, reason: why });
}

export type NewErasure = { readonly reason: string } & ({ readonly number: string } | { readonly callId: string });

/** `POST /v1/events/erasures`: `{number, reason}`, or `{callId, reason}` with what events have as their call. */
export const parseErasure = (json: unknown): Result<NewErasure, readonly FieldError[]> =>
  parseWith<NewErasure>(isOfCall(json) ? callErasureSchema : numberErasureSchema, json);

const isOfCall = (json: unknown): boolean => typeof json === "object" && json !== null && "callId" in json;

function scopeJson(scope: HoldScope): Record<string, unknown> {
  switch (scope.tag) {
    case "call":
      return { callId: scope.callId };
    case "number":
      return { number: scope.number };
    case "everything":
      return { everything: true };
  }
}

export function holdJson(hold: Hold): Record<string, unknown> {
  const { id, scope, reason: why, createdBy, liftedBy } = hold;
  const [from, to, createdAt, liftedAt] = [hold.fromMs, hold.toMs, hold.createdMs, hold.liftedMs].map(instantJson);
  return { id, scope: scopeJson(scope), from, to, reason: why, createdAt, createdBy, liftedAt, liftedBy };
}

/** Never the number, nor what it is sealed in. */
export function erasureJson(erasure: Erasure): Record<string, unknown> {
  const { id, state, numberHash, calls, reason: why, acceptedBy, segmentsRewritten, eventsErased, rowsErased } = erasure;
  const [acceptedAt, coversUntil, finishedAt] = [erasure.acceptedMs, erasure.untilMs, erasure.finishedMs].map(instantJson);
  const counts = { segmentsRewritten, eventsErased, rowsErased };
  const what = calls === undefined ? { numberHash } : { callIds: calls };
  return { id, state, ...what, reason: why, acceptedAt, acceptedBy, coversUntil, finishedAt, ...counts };
}

/** By what the lists here are filtered: nothing but which lane's store is asked. */
export const KEEPING_FILTERS = { lane: z.enum(["standard", "emergency"]) } as const;
