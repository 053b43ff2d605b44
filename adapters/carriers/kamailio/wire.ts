/**
 * What Kamailio sends and is sent: JSON in, an rtjson document out
 * (https://www.kamailio.org/docs/modules/5.6.x/modules/rtjson.html).
 */
import { z } from "zod";
import { MAX_EXTERNAL_ID, MAX_TRAIL } from "../../../contracts/calls.ts";
import { type FieldError, fieldErrors } from "../../../contracts/issues.ts";
import { type ParsedReport, instantSchema, reportFields, toReport } from "../../../contracts/reports.ts";
import { type Result, err, ok } from "../../../domain/shared/result.ts";
import { numberOfUri } from "./number.ts";

/** SIP Call-ID (RFC 3261 §8.1.1.4): `word ["@" word]`, which is printable ASCII. */
const callId = z
  .string()
  .min(1)
  .max(MAX_EXTERNAL_ID)
  .regex(/^[\x21-\x7e]+$/, "printable ASCII without spaces");
const trunk = z.string().max(32).optional();

const routeSchema = z.object({
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
  request: Pick<RouteRequest, "from" | "ruri"> & { readonly callId?: string; readonly trail?: string | undefined },
): Record<string, unknown> {
  const { callId: id, trail } = request;
  return {
    from: numberOfUri(request.from),
    to: numberOfUri(request.ruri),
    channel: "pbx",
    ...(id === undefined ? {} : { callId: id }),
    ...(trail === undefined || trail === "" ? {} : { trail }),
  };
}

export type EmergencyRequest = {
  readonly dialled: string;
  /** Null when it is missing or malformed: then a repetition cannot be known as one, and the call goes on. */
  readonly callId: string | null;
  readonly hints: { readonly requested?: string | undefined; readonly source?: string | undefined };
  readonly body: Record<string, unknown>;
};

const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/** What an emergency call needs of a request, whatever else is wrong with it; null when it does not say where to. */
export function readEmergencyRequest(raw: Record<string, unknown>): EmergencyRequest | null {
  const ruri = textOf(raw["ruri"]) ?? textOf(raw["to"]);
  if (ruri === undefined) return null;
  const id = callId.safeParse(raw["callId"]);
  const from = textOf(raw["from"]) ?? "anonymous";
  return {
    dialled: numberOfUri(ruri),
    callId: id.success ? id.data : null,
    hints: { requested: textOf(raw["trunk"]), source: textOf(raw["srcIp"]) },
    body: callBody({ from, ruri, ...(id.success ? { callId: id.data } : {}) }),
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
