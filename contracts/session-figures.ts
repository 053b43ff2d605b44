/** `GET /v1/analytics/sessions` on the wire. */
import { DIRECTIONS } from "../domain/call/call.ts";
import { DAY_MS } from "../domain/events/keys.ts";
import { parseInstant } from "../domain/events/query/instant.ts";
import { type Figure, type FiguresQuery, GROUPINGS } from "../domain/sessions/figures.ts";
import { type Result, err, ok } from "../domain/shared/result.ts";
import { onlyValue, periodIn } from "./events/asked.ts";
import type { FieldError } from "./issues.ts";

const HOUR_MS = 3_600_000;

/**
 * Sizes of buckets; how long a period may be as a whole, and how long where each bucket has up to 101 groups; and what a period is that says
 * nothing of its length.
 */
export const FIGURE_BUCKETS = {
  hour: { bucketMs: HOUR_MS, longestMs: 92 * DAY_MS, longestGroupedMs: 7 * DAY_MS, usualMs: DAY_MS },
  day: { bucketMs: DAY_MS, longestMs: 366 * DAY_MS, longestGroupedMs: 92 * DAY_MS, usualMs: 7 * DAY_MS },
  week: { bucketMs: 7 * DAY_MS, longestMs: 1_830 * DAY_MS, longestGroupedMs: 366 * DAY_MS, usualMs: 28 * DAY_MS },
} as const;
export type FigureBucket = keyof typeof FIGURE_BUCKETS;

/** Where figures come from: all sessions in the database, or the sampled points of Analytics Engine. */
export const FIGURE_SOURCES = ["sessions", "analytics-engine"] as const;
export type FigureSource = (typeof FIGURE_SOURCES)[number];

const LANES = ["standard", "emergency"] as const;
const CHOICES = {
  bucket: Object.keys(FIGURE_BUCKETS) as readonly FigureBucket[],
  by: GROUPINGS,
  lane: LANES,
  direction: DIRECTIONS,
  source: FIGURE_SOURCES,
};
type Choices = typeof CHOICES;
type Chosen = { readonly [Name in keyof Choices]?: Choices[Name][number] };

const INSTANTS = ["from", "to"];

export type FiguresRequest = { readonly query: FiguresQuery; readonly bucket: FigureBucket; readonly source: FigureSource };

const wrong = (name: string, code: string, detail: string): FieldError => ({ pointer: `?${name}`, code, detail });

export function parseFigures(query: URLSearchParams, nowMs: number): Result<FiguresRequest, readonly FieldError[]> {
  const errors: FieldError[] = [];
  const chosen: Record<string, string> = {};
  const times: Record<string, number> = {};
  for (const name of new Set(query.keys())) {
    const value = onlyValue(query, name);
    const known: readonly string[] | undefined = name in CHOICES ? CHOICES[name as keyof Choices] : undefined;
    if (known !== undefined) {
      if (value !== undefined && known.includes(value)) chosen[name] = value;
      else errors.push(wrong(name, "not_allowed", `must be one of ${known.join(", ")}`));
    } else if (INSTANTS.includes(name)) {
      const ms = value === undefined ? null : parseInstant(value);
      if (ms === null) errors.push(wrong(name, "not_allowed", "must be one time by RFC 3339"));
      else times[name] = ms;
    } else errors.push(wrong(name, "unknown_filter", "is no parameter of this request"));
  }
  const { bucket = "hour", by = "none", lane = null, direction = null, source = "sessions" } = chosen as Chosen;
  const { bucketMs, longestMs, longestGroupedMs, usualMs } = FIGURE_BUCKETS[bucket];
  const toMs = times["to"] ?? Math.max(nowMs, (times["from"] ?? 0) + 1);
  const fromMs = times["from"] ?? toMs - usualMs;
  const period = periodIn({ fromMs, toMs }, by === "none" ? longestMs : longestGroupedMs);
  if (!period.ok) errors.push(period.error);
  if (errors.length > 0) return err(errors);
  return ok({ query: { fromMs, toMs, bucketMs, by, lane, direction }, bucket, source });
}

/** Ratios to six digits: more would be noise. */
const RATIO_DIGITS = 1_000_000;

function figureJson({ startMs, group, others, postDialDelayMs, ...figure }: Figure): Record<string, unknown> {
  const { sessions, seizures, answered, talkMs, failures } = figure;
  const [p50, p95, p99] = postDialDelayMs ?? [null, null, null];
  return {
    start: new Date(startMs).toISOString(),
    group,
    ...(others ? { others } : {}),
    sessions,
    seizures,
    answered,
    answerSeizureRatio: seizures === 0 ? null : Math.round((answered / seizures) * RATIO_DIGITS) / RATIO_DIGITS,
    averageTalkMs: talkMs === null ? null : Math.round(talkMs),
    postDialDelayMs: { p50, p95, p99 },
    failures,
  };
}

/** @param asOfMs everything acknowledged before is counted, Unix milliseconds; null: not known. */
export function figuresJson(
  { query, bucket, source }: FiguresRequest,
  figures: readonly Figure[],
  asOfMs: number | null,
): Record<string, unknown> {
  return {
    from: new Date(query.fromMs).toISOString(),
    to: new Date(query.toMs).toISOString(),
    bucket,
    by: query.by,
    sampled: source === "analytics-engine",
    asOf: asOfMs === null ? null : new Date(asOfMs).toISOString(),
    items: figures.map(figureJson),
  };
}
