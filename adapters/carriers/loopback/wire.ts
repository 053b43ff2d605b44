/**
 * What the loopback carrier is sent and what it says. Its dialect is our own (local/loopback-carrier/README.md): JSON, times in RFC 3339,
 * every message signed as Standard Webhooks. The id of a request's message names what is asked of which leg, because the signature covers it
 * and not the path.
 */
import { z } from "zod";
import { type FieldError, fieldErrors } from "../../../contracts/issues.ts";
import { instantSchema } from "../../../contracts/reports.ts";
import type { LegCallback, LegId, LegStatus } from "../../../domain/call/carrier.ts";
import { parseSessionId } from "../../../domain/shared/ids.ts";
import { type Result, assertNever, err, ok } from "../../../domain/shared/result.ts";

export const LEG_REQUESTS = ["place", "cancel", "hangUp", "status"] as const;
export type LegRequest = (typeof LEG_REQUESTS)[number];

const MAX_TEXT = 512;
/** `<session>.<number>` */
const LEG_ID = /^([0-9a-f-]{36})\.(\d{1,4})$/;

const legId = z.string().regex(LEG_ID, "not a leg id");
const sipCode = z.int().min(100).max(699).nullish();
const q850 = z.int().min(1).max(127).nullish();

/** Begins the id of every message that asks this of the leg. */
export function messagePrefix(request: LegRequest, leg: LegId): string {
  return `${request}.${leg}.`;
}

/** `POST /legs` */
export const placeSchema = z.object({
  leg: legId,
  session: z.string().max(MAX_TEXT),
  tenant: z.string().max(MAX_TEXT),
  uri: z.string().min(1).max(MAX_TEXT),
  from: z.string().max(MAX_TEXT).nullable(),
  private: z.boolean(),
  ringTimeoutMs: z.int().min(1),
});
export type PlaceBody = z.output<typeof placeSchema>;

/** The answer to each request about a leg. */
export const legSchema = z.object({
  leg: legId,
  state: z.enum(["dialling", "ringing", "answered", "ended"]),
  answeredAt: instantSchema.nullish(),
  endedAt: instantSchema.nullish(),
  sipCode,
  q850,
});

/** The body of an answer that refuses. */
const refusalSchema = z.object({ reason: z.string().max(MAX_TEXT).default(""), sipCode });

/** Null when it is not an answer about this leg. @param nowMs stands for times that an ended or answered leg does not say. */
export function parseLeg(body: unknown, asked: LegId, nowMs: number): LegStatus | null {
  const parsed = legSchema.safeParse(body);
  if (!parsed.success || parsed.data.leg !== asked) return null;
  const { state, answeredAt, endedAt, ...codes } = parsed.data;
  switch (state) {
    case "dialling":
    case "ringing":
      return { tag: state };
    case "answered":
      return { tag: "answered", answeredAtMs: answeredAt ?? nowMs };
    case "ended": {
      const { sipCode: code = null, q850: cause = null } = codes;
      return { tag: "ended", endedAtMs: endedAt ?? nowMs, answeredAtMs: answeredAt ?? null, sipCode: code, q850: cause };
    }
    default:
      return assertNever(state);
  }
}

/** What a refusal says, as far as it can be read. */
export function parseRefusal(body: unknown): { readonly sipCode: number | null; readonly reason: string } {
  const parsed = refusalSchema.safeParse(body);
  return parsed.success ? { sipCode: parsed.data.sipCode ?? null, reason: parsed.data.reason } : { sipCode: null, reason: "" };
}

const callbackSchema = z.object({
  id: z.string().min(1).max(MAX_TEXT),
  type: z.enum(["ringing", "answered", "failed", "ended", "callerHungUp"]),
  leg: legId,
  at: instantSchema,
  /** When an ended leg had been answered. */
  answeredAt: instantSchema.nullish(),
  sipCode,
  q850,
});
export type CallbackBody = z.input<typeof callbackSchema>;

/** A callback as the loopback carrier sends it. */
export function parseLoopbackCallback(body: Record<string, unknown>): Result<LegCallback, readonly FieldError[]> {
  const parsed = callbackSchema.safeParse(body);
  if (!parsed.success) return err(fieldErrors(parsed.error, body));
  const { id, type, leg, at, answeredAt, sipCode: code = null, q850: cause = null } = parsed.data;
  const session = parseSessionId(LEG_ID.exec(leg)?.[1] ?? "");
  if (!session.ok) return err([{ pointer: "/leg", code: "bad_format", detail: "not a leg of a session" }]);
  const common = { id, leg, session: session.value, atMs: at };
  switch (type) {
    case "ringing":
    case "answered":
      return ok({ ...common, type });
    case "failed":
      return ok({ ...common, type, sipCode: code, q850: cause });
    case "ended": {
      const answered = answeredAt == null ? {} : { answeredAtMs: answeredAt };
      return ok({ ...common, type, sipCode: code, q850: cause, ...answered });
    }
    case "callerHungUp":
      return ok({ ...common, type: "caller_hung_up" });
    default:
      return assertNever(type);
  }
}
