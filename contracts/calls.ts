/** `POST /v1/calls`: the body, and what becomes of it. */
import { z } from "zod";
import { type Call, type Location, CHANNELS, MAX_METADATA_BYTES, PRIORITIES } from "../domain/call/call.ts";
import { type Address, type AddressRole, parseAddress } from "../domain/numbers/address.ts";
import { type TenantId, parseTrunkId } from "../domain/shared/ids.ts";
import { type Result, err, ok } from "../domain/shared/result.ts";
import type { Trunk } from "../domain/configuration/model.ts";
import { type FieldError, fieldErrors, pointerTo, unknownFieldWarnings } from "./issues.ts";
import { locationSchema, salvageLocation } from "./location.ts";

/** Longest external id that is taken: SIP Call-IDs are free text (RFC 3261 §8.1.1.4), in practice below 100 characters. */
export const MAX_EXTERNAL_ID = 256;
/** A trail grows by ten characters from visit to visit; a longer one is not ours. */
export const MAX_TRAIL = 256;

/** Addresses are bounded and parsed by the domain, which knows why one is refused; here they only have to be text. */
const callFields = {
  from: z.string(),
  to: z.string(),
  channel: z.enum(CHANNELS),
  trunk: z
    .string()
    .refine((raw) => parseTrunkId(raw).ok, "lower-case letters, digits and dashes")
    .optional(),
  priority: z.enum(PRIORITIES).default("normal"),
  location: locationSchema.optional(),
  metadata: z
    .record(z.string(), z.unknown())
    .refine(
      (value) => new TextEncoder().encode(JSON.stringify(value)).length <= MAX_METADATA_BYTES,
      `longer than ${MAX_METADATA_BYTES} bytes as JSON`,
    )
    .default({}),
  callId: z
    .string()
    .min(1)
    .max(MAX_EXTERNAL_ID)
    .regex(/^[\x20-\x7e]+$/, "printable ASCII")
    .optional(),
  trail: z.string().max(MAX_TRAIL).optional(),
  /** The caller says that it calls somebody back who has called for help (SIP `Priority: psap-callback`, RFC 7090). */
  callback: z.boolean().optional(),
};
export const callSchema = z.object(callFields);

/** Which trunk a call comes in on; its dial profile decides how numbers are read. */
export type TrunkOf = (requested: string | undefined) => CallTrunk | null;

/** What reading a call needs of its trunk. */
type CallTrunk = Pick<Trunk, "id" | "dialProfile">;

function address(raw: string, trunk: CallTrunk, role: AddressRole, pointer: string, errors: FieldError[]): Address | null {
  const parsed = parseAddress(raw, trunk.dialProfile, role);
  if (parsed.ok) return parsed.value;
  errors.push({ pointer, code: parsed.error.code, detail: parsed.error.detail });
  return null;
}

/** An ordinary call. Every malformed field is reported, not the first alone. */
export function parseCall(
  body: Record<string, unknown>,
  tenant: TenantId,
  trunkOf: TrunkOf,
): Result<Call, readonly FieldError[]> {
  const parsed = callSchema.safeParse(body);
  const errors = parsed.success ? [] : fieldErrors(parsed.error, body);
  const broken = new Set(errors.map(({ pointer }) => pointer));
  const requested = typeof body["trunk"] === "string" && !broken.has("/trunk") ? body["trunk"] : undefined;
  const trunk = trunkOf(requested);
  if (trunk === null) errors.push({ pointer: "/trunk", code: "unknown_trunk", detail: "there is no such trunk" });
  // Numbers are judged also when other fields are bad, so that all errors come at once; a trunk is needed to read them.
  const from =
    trunk !== null && typeof body["from"] === "string" ? address(body["from"], trunk, "caller", "/from", errors) : null;
  const to = trunk !== null && typeof body["to"] === "string" ? address(body["to"], trunk, "callee", "/to", errors) : null;
  if (!parsed.success || trunk === null || from === null || to === null || errors.length > 0) return err(errors);
  const { channel, priority, location, metadata, callId, trail, callback } = parsed.data;
  const warnings = unknownFieldWarnings(body, Object.keys(callFields));
  return ok({
    tenant,
    trunk: trunk.id,
    channel,
    priority,
    from,
    to,
    externalId: callId ?? null,
    location: location ?? null,
    metadata,
    trail: trail ?? null,
    warnings,
    ...(callback === true ? { marks: { callback } } : {}),
  });
}

/** The call's own id, where it can be used: a malformed one would make one call of two. */
export function usableCallId(body: Record<string, unknown>): string | null {
  const parsed = callFields.callId.safeParse(body["callId"]);
  return parsed.success ? (parsed.data ?? null) : null;
}

/** Who could be read of an emergency caller; the raw text stays in the warnings' pointer, never the reason to refuse. */
const UNKNOWN_CALLER: Address = { kind: "anonymous" };

function emergencyLocation(raw: unknown, dropped: FieldError[]): Location | null {
  if (raw === undefined) return null;
  const { location, dropped: names } = salvageLocation(raw);
  const pointers = location === null ? ["/location"] : names.map((name) => pointerTo(["location", name]));
  for (const pointer of pointers) dropped.push({ pointer, code: "dropped", detail: "is malformed and was left out" });
  return location;
}

/**
 * An emergency call: where to is known already, who is taken as well as it can be read, and everything else that is malformed is
 * dropped and noted.
 */
export function parseEmergencyCall(body: Record<string, unknown>, tenant: TenantId, trunk: CallTrunk, to: Address): Call {
  const dropped: FieldError[] = [];
  const field = <T>(name: keyof typeof callFields, schema: z.ZodType<T>, otherwise: T): T => {
    if (body[name] === undefined) return otherwise;
    const parsed = schema.safeParse(body[name]);
    if (parsed.success) return parsed.data;
    dropped.push({ pointer: `/${name}`, code: "dropped", detail: "is malformed and was left out" });
    return otherwise;
  };
  const written = typeof body["from"] === "number" ? String(body["from"]) : body["from"];
  const from = typeof written === "string" ? parseAddress(written, trunk.dialProfile, "caller") : null;
  if (from === null || !from.ok)
    dropped.push({ pointer: "/from", code: "dropped", detail: "the caller's number could not be read" });
  // Its priority is what it is; only a value that could not be one is worth a note.
  field("priority", callFields.priority, "high");
  if (body["trunk"] !== undefined && body["trunk"] !== trunk.id) {
    dropped.push({ pointer: "/trunk", code: "dropped", detail: "there is no such trunk; another one was taken" });
  }
  const call: Omit<Call, "warnings"> = {
    tenant,
    trunk: trunk.id,
    channel: field("channel", callFields.channel, "api"),
    priority: "high",
    from: from?.ok ? from.value : UNKNOWN_CALLER,
    to,
    externalId: field("callId", callFields.callId, undefined) ?? null,
    location: emergencyLocation(body["location"], dropped),
    metadata: field("metadata", callFields.metadata, {}),
    // An emergency call that comes back is still an emergency call.
    trail: null,
  };
  return { ...call, warnings: [...dropped, ...unknownFieldWarnings(body, Object.keys(callFields))] };
}
