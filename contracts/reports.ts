/** `POST /v1/sessions/{id}/events`: what the side that carries a call reports. */
import { z } from "zod";
import { REPORT_TYPES } from "../domain/call/machine.ts";
import { type Result, err, ok } from "../domain/shared/result.ts";
import { type FieldError, fieldErrors } from "./issues.ts";

/** A report from further ahead than this has a wrong clock: the time of arrival is used. */
export const MAX_CLOCK_LEAD_MS = 5 * 60_000;
/** A report from further back has a wrong clock too; nothing older is kept in tables of events. */
export const MAX_REPORT_AGE_MS = 365 * 24 * 3_600_000;
/** Epoch numbers below this are seconds, above it milliseconds: 1e11 seconds is the year 5138. */
const FIRST_MILLISECONDS = 1e11;

const reportType = z
  .preprocess((raw) => (typeof raw === "string" ? raw.replace(/^call\./, "") : raw), z.enum(REPORT_TYPES))
  .meta({ alsoTakes: { type: "string", enum: REPORT_TYPES.map((name) => `call.${name}`) } });

/** RFC 3339 text, or Unix time in seconds or milliseconds as a number or in digits. Gives milliseconds. */
const instant = z.union([
  z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)),
  z
    .union([
      z.number(),
      z
        .string()
        .regex(/^\d{1,16}(?:\.\d{1,9})?$/)
        .transform(Number),
    ])
    .pipe(z.number().min(0).max(8.64e15))
    .transform((value) => Math.round(value < FIRST_MILLISECONDS ? value * 1000 : value)),
]);

/** A number, or its digits: some peers can only send text. */
const wholeNumber = z.union([
  z.int(),
  z
    .string()
    .regex(/^\d{1,3}$/)
    .transform(Number),
]);
const sipCode = wholeNumber.pipe(z.int().min(100).max(699));
/** Cause values of ITU-T Q.850, as a Reason header (RFC 3326) has them. */
const q850 = wholeNumber.pipe(z.int().min(1).max(127));
const MAX_TEXT = 256;
/** Cut rather than refused: a report counts for what it says, not for how much it explains. Control characters would fill a row. */
// oxlint-disable-next-line eslint/no-control-regex
const text = z.string().transform((raw) => raw.replaceAll(/[\u0000-\u001f\u007f]/g, "").slice(0, MAX_TEXT));

export const reportFields = {
  id: z.union([z.string().min(1).max(128), z.number().transform(String)]).nullish(),
  type: reportType,
  sipCode: sipCode.nullish(),
  q850: q850.nullish(),
  contact: text.nullish(),
  routeIndex: wholeNumber.pipe(z.int().min(0).max(255)).nullish(),
  reason: text.nullish(),
};

export const sessionReport = z.object({ ...reportFields, at: instant.nullish() });
export const instantSchema = instant;

/** A parsed report; times in Unix milliseconds by the reporter's clock. */
export type ParsedReport = {
  readonly type: (typeof REPORT_TYPES)[number];
  readonly atMs: number;
  readonly sipCode: number | null;
  readonly q850: number | null;
  readonly routeIndex: number | null;
  readonly reportId: string | null;
  readonly contact: string | null;
  readonly reason: string | null;
};

const reportObject = z.object(reportFields);
type ReportData = z.output<typeof reportObject>;

export function toReport(data: ReportData, atMs: number | null, nowMs: number): ParsedReport {
  const usable = atMs !== null && atMs <= nowMs + MAX_CLOCK_LEAD_MS && atMs >= nowMs - MAX_REPORT_AGE_MS;
  return {
    type: data.type,
    atMs: usable ? atMs : nowMs,
    sipCode: data.sipCode ?? null,
    q850: data.q850 ?? null,
    routeIndex: data.routeIndex ?? null,
    reportId: data.id ?? null,
    contact: data.contact ?? null,
    reason: data.reason ?? null,
  };
}

export function parseReport(body: Record<string, unknown>, nowMs: number): Result<ParsedReport, readonly FieldError[]> {
  const parsed = sessionReport.safeParse(body);
  return parsed.success ? ok(toReport(parsed.data, parsed.data.at ?? null, nowMs)) : err(fieldErrors(parsed.error, body));
}
