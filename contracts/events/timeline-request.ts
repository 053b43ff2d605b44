/** `GET /v1/calls/{callId}/timeline`: what is asked for. */
import { DEFAULT_LONG_GAP_MS } from "../../domain/events/timeline.ts";
import type { Lane } from "../../domain/shared/ids.ts";
import { type Result, err, ok } from "../../domain/shared/result.ts";
import type { FieldError } from "../issues.ts";
import { onlyValue, parseAsked } from "./asked.ts";
import { MAX_CALL_ID } from "./ingest-limits.ts";

const FORMATS = ["json", "text"] as const;
export type TimelineFormat = (typeof FORMATS)[number];

const CHOICES = { format: FORMATS };
const GAP = "longGapMs";
/** A day. */
const MAX_LONG_GAP_MS = 86_400_000;

export type TimelineRequest = {
  readonly format: TimelineFormat;
  readonly longGapMs: number;
  /** When the call was, if somebody knows: then less is looked through. */
  readonly period: { readonly fromMs?: number; readonly toMs?: number };
  readonly lane: Lane | null;
};

/** Control characters are in no call id. */
export function isCallId(text: string): boolean {
  return text.length > 0 && text.length <= MAX_CALL_ID && !/\p{Cc}/u.test(text);
}

function parseGap(query: URLSearchParams): number | null {
  if (!query.has(GAP)) return DEFAULT_LONG_GAP_MS;
  const text = onlyValue(query, GAP) ?? "";
  const ms = /^\d{1,8}$/.test(text) ? Number(text) : Number.NaN;
  return ms <= MAX_LONG_GAP_MS ? ms : null;
}

const wantsText = (accept: string): boolean =>
  accept.split(",").some((type) => type.split(";", 1)[0]!.trim().toLowerCase() === "text/plain");

/** @param accept the header; the parameter `format` goes before it. */
export function parseTimeline(query: URLSearchParams, accept: string): Result<TimelineRequest, readonly FieldError[]> {
  const asked = parseAsked(query, CHOICES, [GAP], ["from", "to"]);
  const longGapMs = parseGap(query);
  const errors: FieldError[] = [
    ...(asked.ok ? [] : asked.error),
    ...(longGapMs === null ? [{ pointer: `?${GAP}`, code: "not_allowed", detail: "must be milliseconds, a day at most" }] : []),
  ];
  if (!asked.ok || longGapMs === null) return err(errors);
  const { filter, lane, chosen } = asked.value;
  const { fromMs, toMs } = filter;
  const period = { ...(fromMs === undefined ? {} : { fromMs }), ...(toMs === undefined ? {} : { toMs }) };
  return ok({ format: chosen.format ?? (wantsText(accept) ? "text" : "json"), longGapMs, period, lane });
}
