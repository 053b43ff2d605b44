/** `GET /v1/events/stats` on the wire. */
import { DAY_MS } from "../../domain/events/keys.ts";
import { STAT_BUCKET_MS } from "../../domain/events/segment.ts";
import { STAT_DIMENSIONS, type StatBucket, type Stats, type StatsQuery } from "../../domain/events/stats.ts";
import type { Lane } from "../../domain/shared/ids.ts";
import { type Result, err, ok } from "../../domain/shared/result.ts";
import type { FieldError } from "../issues.ts";
import { parseAsked, periodIn } from "./asked.ts";

const HOUR_MS = 3_600_000;

/** Sizes of buckets, and how far the ends of a period may be apart: an answer has at most 2,976 buckets. */
const BUCKETS = {
  "15m": { bucketMs: STAT_BUCKET_MS, longestMs: 31 * DAY_MS },
  "1h": { bucketMs: HOUR_MS, longestMs: 92 * DAY_MS },
  "6h": { bucketMs: 6 * HOUR_MS, longestMs: 366 * DAY_MS },
  "1d": { bucketMs: DAY_MS, longestMs: 366 * DAY_MS },
} as const;
export type BucketName = keyof typeof BUCKETS;
const CHOICES = { bucket: Object.keys(BUCKETS) as readonly BucketName[], by: STAT_DIMENSIONS };

/** What a period has that says nothing of it: the last day, up to the end of the quarter of an hour that it is. */
const DEFAULT_PERIOD_MS = DAY_MS;

export type StatsRequest = { readonly query: StatsQuery; readonly bucket: BucketName; readonly lane: Lane | null };

const notWhole = (name: string): FieldError => ({
  pointer: `?${name}`,
  code: "not_allowed",
  detail: "must be a full quarter of an hour, UTC",
});

export function parseStats(query: URLSearchParams, nowMs: number): Result<StatsRequest, readonly FieldError[]> {
  const asked = parseAsked(query, CHOICES, [], ["from", "to", ...STAT_DIMENSIONS]);
  if (!asked.ok) return asked;
  const { filter, lane, chosen } = asked.value;
  const { bucket = "1h", by = "type" } = chosen;
  const { bucketMs, longestMs } = BUCKETS[bucket];
  const { fromMs: givenFromMs, toMs: givenToMs, ...rest } = filter;
  const untilMs = Math.ceil((nowMs + 1) / STAT_BUCKET_MS) * STAT_BUCKET_MS;
  const toMs = givenToMs ?? Math.max(untilMs, (givenFromMs ?? 0) + STAT_BUCKET_MS);
  const fromMs = givenFromMs ?? toMs - DEFAULT_PERIOD_MS;
  const period = periodIn({ fromMs, toMs }, longestMs);
  const errors = [
    ...(fromMs % STAT_BUCKET_MS === 0 ? [] : [notWhole("from")]),
    ...(toMs % STAT_BUCKET_MS === 0 ? [] : [notWhole("to")]),
    ...(period.ok ? [] : [period.error]),
  ];
  if (errors.length > 0) return err(errors);
  return ok({ query: { fromMs, toMs, bucketMs, by, filter: rest }, bucket, lane });
}

const bucketJson = ({ startMs, counts, others, total }: StatBucket) => ({
  start: new Date(startMs).toISOString(),
  total,
  counts,
  ...(others === 0 ? {} : { others }),
});

/** @param partial some events may be missing. */
export function statsJson({ query, bucket }: StatsRequest, stats: Stats, partial: boolean): Record<string, unknown> {
  return {
    from: new Date(query.fromMs).toISOString(),
    to: new Date(query.toMs).toISOString(),
    bucket,
    by: query.by,
    total: stats.total,
    items: stats.buckets.map(bucketJson),
    ...(partial ? { partial } : {}),
  };
}
