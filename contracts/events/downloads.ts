/** `GET /v1/events/export` and `GET /v1/cdrs`: what is asked for. */
import { DAY_MS } from "../../domain/events/keys.ts";
import type { EventQuery } from "../../domain/events/query/query.ts";
import type { EventId, Lane, TenantId } from "../../domain/shared/ids.ts";
import { type Result, err, ok } from "../../domain/shared/result.ts";
import type { FieldError } from "../issues.ts";
import { type Period, onlyValue, parseAsked, periodIn } from "./asked.ts";

const FORMATS = ["ndjson", "csv"] as const;
export type DownloadFormat = (typeof FORMATS)[number];

/** How far apart the ends of a period of call detail records may be. */
export const MAX_CDR_PERIOD_MS = 31 * DAY_MS;

const CHOICES = { format: FORMATS };

/** An id, or the place that an answer gave to go on. */
const PLACE = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export type ExportRequest = { readonly query: EventQuery; readonly format: DownloadFormat; readonly lane: Lane | null };

export function parseExport(query: URLSearchParams, tenant: TenantId): Result<ExportRequest, readonly FieldError[]> {
  const asked = parseAsked(query, CHOICES, ["after"]);
  const after = query.has("after") ? (onlyValue(query, "after")?.toLowerCase() ?? "") : null;
  const isPlace = after === null || PLACE.test(after);
  const errors: FieldError[] = [
    ...(asked.ok ? [] : asked.error),
    ...(isPlace ? [] : [{ pointer: "?after", code: "bad_format", detail: "is no id of an event" }]),
  ];
  if (!asked.ok || errors.length > 0) return err(errors);
  const { filter, lane, chosen } = asked.value;
  const wanted = { tenant, filter, order: "oldest_first", after: after as EventId | null, limit: 0 } as const;
  return ok({ query: wanted, format: chosen.format ?? "ndjson", lane });
}

export type CdrsRequest = { readonly period: Period; readonly format: DownloadFormat; readonly lane: Lane | null };

export function parseCdrs(query: URLSearchParams): Result<CdrsRequest, readonly FieldError[]> {
  const asked = parseAsked(query, CHOICES, [], ["from", "to"]);
  if (!asked.ok) return asked;
  const { filter, lane, chosen } = asked.value;
  const period = periodIn(filter, MAX_CDR_PERIOD_MS);
  return period.ok ? ok({ period: period.value, format: chosen.format ?? "csv", lane }) : err([period.error]);
}
