/**
 * What Kamailio sends and is sent: JSON in, an rtjson document out
 * (https://www.kamailio.org/docs/modules/5.6.x/modules/rtjson.html).
 */
import { z } from "zod";
import { MAX_EXTERNAL_ID, MAX_TRAIL } from "../../../contracts/calls.ts";
import { type FieldError, fieldErrors } from "../../../contracts/issues.ts";
import { locationSchema } from "../../../contracts/location.ts";
import { type ParsedReport, instantSchema, reportFields, toReport } from "../../../contracts/reports.ts";
import { type Result, err, ok } from "../../../domain/shared/result.ts";
import { locationUri } from "./header-fields.ts";
import { numberOfUri } from "./number.ts";

/** SIP Call-ID (RFC 3261 §8.1.1.4): `word ["@" word]`, which is printable ASCII. */
const callId = z
  .string()
  .min(1)
  .max(MAX_EXTERNAL_ID)
  .regex(/^[\x21-\x7e]+$/, "printable ASCII without spaces");
const trunk = z.string().max(32).optional();

/** As the header Privacy has it: `priv-value *(";" priv-value)` (RFC 3323 §4.2). */
const MAX_PRIVACY = 64;
const PRIVACY = /^[a-z-]+(?: *; *[a-z-]+)*$/i;

/**
 * What came with the call beside who and where to: taken where it can be read, and left out where it cannot. A telephone that says it
 * wrongly is to be able to call all the same.
 */
const besides = {
  /** PIDF-LO that came by value in the INVITE's body (RFC 6442 §4.1). */
  location: z
    .string()
    .refine((text) => locationSchema.safeParse(text).success)
    .optional()
    .catch(undefined),
  /** A location by reference: the URI of the header Geolocation. */
  geolocation: z
    .string()
    .refine((text) => locationUri(text) !== null)
    .optional()
    .catch(undefined),
  /** An answering point calls back: `Priority: psap-callback` (RFC 7090). */
  callback: z.boolean().optional().catch(undefined),
  privacy: z.string().max(MAX_PRIVACY).regex(PRIVACY).optional().catch(undefined),
  /** URI of P-Asserted-Identity (RFC 3325): who calls, where From hides it. */
  assertedIdentity: z.string().max(MAX_EXTERNAL_ID).optional().catch(undefined),
};

const routeSchema = z.object({
  ...besides,
  callId,
  from: z.string(),
  to: z.string().optional(),
  ruri: z.string(),
  srcIp: z.string().max(64).optional(),
  trunk,
  /** What the header X-Trunkline-Trail said; longer ones are cut, and then known as none of ours. */
  trail: z
    .string()
    .transform((text) => text.slice(0, MAX_TRAIL))
    .optional(),
});

export type RouteRequest = z.output<typeof routeSchema>;

export function parseRouteRequest(body: Record<string, unknown>): Result<RouteRequest, readonly FieldError[]> {
  const parsed = routeSchema.safeParse(body);
  return parsed.success ? ok(parsed.data) : err(fieldErrors(parsed.error, body));
}

/** A proxy's request in the terms of `POST /v1/calls`. The Request-URI says where the call goes; the To header is only for show. */
export function callBody(
  request: Pick<RouteRequest, "from" | "ruri" | "location" | "callback" | "privacy"> & {
    readonly callId?: string;
    readonly trail?: string | undefined;
  },
): Record<string, unknown> {
  const { callId: id, trail, location, callback, privacy } = request;
  return {
    from: numberOfUri(request.from),
    to: numberOfUri(request.ruri),
    channel: "pbx",
    ...(id === undefined ? {} : { callId: id }),
    ...(trail === undefined || trail === "" ? {} : { trail }),
    ...(location === undefined ? {} : { location }),
    ...(callback === true ? { callback } : {}),
    // What the caller asked for stays on record, whatever becomes of it.
    ...(privacy === undefined ? {} : { metadata: { privacy } }),
  };
}

export type EmergencyRequest = {
  readonly dialled: string;
  /** Null when it is missing or malformed: then a repetition cannot be known as one, and the call goes on. */
  readonly callId: string | null;
  readonly hints: { readonly requested?: string | undefined; readonly source?: string | undefined };
  readonly body: Record<string, unknown>;
  /** Where the caller is said to be found, for a call of which nothing better is known; null: nowhere. */
  readonly geolocation: string | null;
};

const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

const hasNumber = (uri: string): boolean => numberOfUri(uri) !== uri || /^tel:/i.test(uri);

/** Whoever hides in From is known by what the network asserts. */
function callerOf(from: string, asserted: string | undefined): string {
  return asserted !== undefined && !hasNumber(from) && hasNumber(asserted) ? asserted : from;
}

/** What an emergency call needs of a request, whatever else is wrong with it; null when it does not say where to. */
export function readEmergencyRequest(raw: Record<string, unknown>): EmergencyRequest | null {
  const ruri = textOf(raw["ruri"]) ?? textOf(raw["to"]);
  if (ruri === undefined) return null;
  const id = callId.safeParse(raw["callId"]);
  const from = callerOf(textOf(raw["from"]) ?? "anonymous", besides.assertedIdentity.parse(raw["assertedIdentity"]));
  // A location that cannot be read is for whoever reads the call to note.
  const location = textOf(raw["location"]);
  const privacy = besides.privacy.parse(raw["privacy"]);
  return {
    dialled: numberOfUri(ruri),
    callId: id.success ? id.data : null,
    hints: { requested: textOf(raw["trunk"]), source: textOf(raw["srcIp"]) },
    body: callBody({ from, ruri, location, privacy, ...(id.success ? { callId: id.data } : {}) }),
    geolocation: besides.geolocation.parse(raw["geolocation"]) ?? null,
  };
}

const eventSchema = z.object({
  ...reportFields,
  callId,
  ts: instantSchema.nullish(),
  lane: z.enum(["standard", "emergency"]).nullish(),
});

export type KamailioEvent = {
  readonly callId: string;
  readonly lane: "standard" | "emergency" | null;
  readonly report: ParsedReport;
};

export function parseKamailioEvent(body: Record<string, unknown>, nowMs: number): Result<KamailioEvent, readonly FieldError[]> {
  const parsed = eventSchema.safeParse(body);
  if (!parsed.success) return err(fieldErrors(parsed.error, body));
  const { callId: id, ts, lane, ...report } = parsed.data;
  return ok({ callId: id, lane: lane ?? null, report: toReport(report, ts ?? null, nowMs) });
}
