/** Sessions that are kept: `POST /v1/sessions`, and what is written on the record of one. */
import { z } from "zod";
import { type Amendment, jsonBytes, tagSet } from "../domain/call/amendment.ts";
import { DIRECTIONS, type Direction, MAX_METADATA_BYTES, type SessionCall } from "../domain/call/call.ts";
import { MAX_TAGS } from "../domain/call/commands.ts";
import { type Address, type AddressRole, parseAddress } from "../domain/numbers/address.ts";
import type { DialProfile } from "../domain/numbers/dial-profile.ts";
import { type TenantId, type TrunkId, parseTrunkId } from "../domain/shared/ids.ts";
import { type Result, err, ok } from "../domain/shared/result.ts";
import { MAX_EXTERNAL_ID } from "./calls.ts";
import { word } from "./commands.ts";
import { type FieldError, fieldErrors } from "./issues.ts";
import { MAX_CLOCK_LEAD_MS, MAX_REPORT_AGE_MS, instantSchema } from "./reports.ts";

/** UTF-8 bytes of an own event's `data`, as JSON. */
export const MAX_EVENT_DATA_BYTES = 4 * 1024;
/** Characters. */
const MAX_EVENT_TYPE = 128;
const MAX_EVENT_ID = 128;

const json = (maxBytes: number) =>
  z.record(z.string(), z.unknown()).refine((value) => jsonBytes(value) <= maxBytes, `longer than ${maxBytes} bytes as JSON`);

const tags = z.array(word).refine((values) => new Set(values).size <= MAX_TAGS, `more than ${MAX_TAGS} tags`);
const trunkId = z.string().refine((raw) => parseTrunkId(raw).ok, "lower-case letters, digits and dashes");

export const recordingSchema = z.strictObject({
  callerId: z.string(),
  calleeId: z.string(),
  startedAt: instantSchema,
  initialMetadata: json(MAX_METADATA_BYTES).default({}),
  direction: z.enum(DIRECTIONS).default("inbound"),
  trunk: trunkId.optional(),
  callId: z
    .string()
    .min(1)
    .max(MAX_EXTERNAL_ID)
    .regex(/^[\x20-\x7e]+$/, "printable ASCII")
    .optional(),
  tags: tags.default([]),
});

const outOfTime = (pointer: string, nowMs: number, atMs: number): FieldError[] => {
  if (atMs > nowMs + MAX_CLOCK_LEAD_MS) return [{ pointer, code: "not_allowed", detail: "is ahead of the time" }];
  if (atMs < nowMs - MAX_REPORT_AGE_MS) return [{ pointer, code: "not_allowed", detail: "is more than a year back" }];
  return [];
};

/** What `POST /v1/sessions` says. */
export type ParsedRecording = {
  readonly call: SessionCall;
  readonly direction: Direction;
  readonly startedMs: number;
  readonly tags: readonly string[];
};

type Asking = { readonly tenant: TenantId; readonly nowMs: number };

/**
 * `POST /v1/sessions`. Every malformed field is reported.
 * @param profileOf how numbers are read that came by this trunk, which need not be one of ours; undefined: by none that is known.
 */
export function parseRecording(
  body: Record<string, unknown>,
  { tenant, nowMs }: Asking,
  profileOf: (trunk: string | undefined) => DialProfile,
): Result<ParsedRecording, readonly FieldError[]> {
  const parsed = recordingSchema.safeParse(body);
  const errors = parsed.success ? outOfTime("/startedAt", nowMs, parsed.data.startedAt) : fieldErrors(parsed.error, body);
  const profile = profileOf(typeof body["trunk"] === "string" ? body["trunk"] : undefined);
  const address = (name: "callerId" | "calleeId", role: AddressRole): Address | null => {
    const raw = body[name];
    if (typeof raw !== "string") return null;
    const read = parseAddress(raw, profile, role);
    if (read.ok) return read.value;
    errors.push({ pointer: `/${name}`, code: read.error.code, detail: read.error.detail });
    return null;
  };
  const [from, to] = [address("callerId", "caller"), address("calleeId", "callee")];
  if (!parsed.success || from === null || to === null || errors.length > 0) return err(errors);
  const { startedAt, initialMetadata: metadata, direction, trunk, callId } = parsed.data;
  const call: SessionCall = {
    tenant,
    trunk: (trunk ?? null) as TrunkId | null,
    channel: "api",
    priority: "normal",
    from,
    to,
    externalId: callId ?? null,
    location: null,
    metadata,
    trail: null,
    warnings: [],
  };
  return ok({ call, direction, startedMs: startedAt, tags: tagSet(parsed.data.tags) });
}

export const amendmentSchema = z
  .strictObject({
    // Bounded as a whole once it has been merged.
    metadata: z.record(z.string(), z.unknown()).nullable().optional(),
    disposition: word.nullable().optional(),
    tags: tags.nullable().optional(),
  })
  .transform(({ metadata, disposition, tags: wanted }): Amendment => ({
    ...(metadata === undefined ? {} : { metadata }),
    ...(disposition === undefined ? {} : { disposition }),
    ...(wanted === undefined ? {} : { tags: wanted }),
  }));

/** `PATCH /v1/sessions/{id}`: a merge patch (RFC 7396) of `{metadata, disposition, tags}`. */
export function parseAmendment(body: Record<string, unknown>): Result<Amendment, readonly FieldError[]> {
  const parsed = amendmentSchema.safeParse(body);
  return parsed.success ? ok(parsed.data) : err(fieldErrors(parsed.error, body));
}

export const endSchema = z.strictObject({ endedAt: instantSchema.optional(), disposition: word.optional() });

export type ParsedEnd = { readonly endedMs: number | null; readonly disposition: string | null };

/** `POST /v1/sessions/{id}/end`. */
export function parseEnd(body: Record<string, unknown>, nowMs: number): Result<ParsedEnd, readonly FieldError[]> {
  const parsed = endSchema.safeParse(body);
  if (!parsed.success) return err(fieldErrors(parsed.error, body));
  const { endedAt, disposition = null } = parsed.data;
  const errors = endedAt === undefined ? [] : outOfTime("/endedAt", nowMs, endedAt);
  return errors.length === 0 ? ok({ endedMs: endedAt ?? null, disposition }) : err(errors);
}

/** Names with dots between, as CloudEvents recommends: the first belongs to whoever sends it. */
const OWN_TYPE = /^[A-Za-z][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)+$/;
/** What our own events are called, in full and for short. */
const RESERVED = /^(?:dev\.trunkline|call|leg|session)\./i;

export const ownEventSchema = z.strictObject({
  type: z
    .string()
    .max(MAX_EVENT_TYPE)
    .regex(OWN_TYPE, "names with dots between, such as com.example.transcribed")
    .refine((type) => !RESERVED.test(type), "is a type of ours"),
  time: instantSchema.optional(),
  data: json(MAX_EVENT_DATA_BYTES).default({}),
  id: z
    .string()
    .min(1)
    .max(MAX_EVENT_ID)
    .regex(/^[\x21-\x7e]+$/, "printable ASCII without spaces")
    .optional(),
});

export type ParsedOwnEvent = {
  readonly type: string;
  readonly atMs: number;
  readonly data: Readonly<Record<string, unknown>>;
  /** The sender's own; null: a repetition is not known as one. */
  readonly id: string | null;
};

/** Whether the body is meant as an event of the sender's own, and not as a report on a call. */
export function isOwnEvent({ type }: Record<string, unknown>): boolean {
  return typeof type === "string" && OWN_TYPE.test(type) && !type.startsWith("call.");
}

/** `POST /v1/sessions/{id}/events` on a recorded session: `{type, time?, data?, id?}`. */
export function parseOwnEvent(body: Record<string, unknown>, nowMs: number): Result<ParsedOwnEvent, readonly FieldError[]> {
  const parsed = ownEventSchema.safeParse(body);
  if (!parsed.success) return err(fieldErrors(parsed.error, body));
  const { type, time = nowMs, data, id = null } = parsed.data;
  const errors = outOfTime("/time", nowMs, time);
  return errors.length === 0 ? ok({ type, atMs: time, data, id }) : err(errors);
}
