/**
 * Figures from Analytics Engine, by its SQL API (https://developers.cloudflare.com/analytics/analytics-engine/sql-api/). Points are sampled
 * where they are stored: each stands for `_sample_interval` calls, and what comes out is an estimate. A call counts when it ended.
 */
import { z } from "zod";
import { type Figure, type FiguresQuery, type Grouping, MAX_GROUPS, type ReadFigures } from "../../domain/sessions/figures.ts";
import type { RetryPolicy } from "../../domain/resilience/retry.ts";
import type { Target } from "../../domain/resilience/targets.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { err } from "../../domain/shared/result.ts";
import { BadAnswer, BadStatus, failureOf, judgeStatus } from "../platform/ask.ts";
import { type Guard, deadlineOnly } from "../platform/guard.ts";
import { retrying } from "../platform/retrying.ts";
import { ENDED_COLUMNS as POINT, ENDED_KIND } from "./ended-point.ts";

export const ANALYTICS_ENGINE_API = "https://api.cloudflare.com";
/** Of both questions together, which are asked at the same time, with what is asked again. */
export const ANALYTICS_DEADLINE_MS = 6_000;
/** Questions of an isolate that are under way. */
const MAX_AT_ONCE = 16;
/** A question changes nothing: it may be asked twice. */
const RETRY: RetryPolicy = { attempts: 2, firstMs: 500, maxMs: 500 };
const ANALYTICS_ENGINE: Target = { kind: "analytics", name: "analytics-engine" };

export type AnalyticsAccount = { readonly account: string; readonly token: string; readonly dataset: string };

/** Analytics Engine did not answer in time, or not with what it should. */
export class AnalyticsUnavailable extends Error {
  override readonly name = "AnalyticsUnavailable";
}

const COLUMN: Readonly<Record<Grouping, string>> = {
  trunk: POINT.trunk,
  destination: POINT.destination,
  rule: POINT.rule,
  country: POINT.country,
  none: "''",
};

const WEIGHT = "_sample_interval";
/** Where weeks begin: the first Monday, seconds. */
const EPOCH_MONDAY_S = 4 * 86_400;

const seconds = (ms: number): number => Math.floor(ms / 1000);
/** The API has no parameters; nothing that is put in has a quote, and nobody is to rely on that. */
const quoted = (text: string): string => `'${text.replaceAll(/[^A-Za-z0-9_-]/g, "")}'`;

function conditions(tenant: TenantId, { fromMs, toMs, lane, direction }: FiguresQuery): string {
  return [
    `${POINT.tenant} = ${quoted(tenant)}`,
    `${POINT.kind} = ${quoted(ENDED_KIND)}`,
    `timestamp >= toDateTime(${seconds(fromMs)})`,
    `timestamp < toDateTime(${seconds(toMs)})`,
    ...(lane === null ? [] : [`${POINT.lane} = ${quoted(lane)}`]),
    ...(direction === null ? [] : [`${POINT.direction} = ${quoted(direction)}`]),
  ].join(" AND ");
}

function bucketOf({ bucketMs }: FiguresQuery): string {
  const sizeS = bucketMs / 1000;
  return `intDiv(toUInt32(timestamp) - ${EPOCH_MONDAY_S}, ${sizeS}) * ${sizeS} + ${EPOCH_MONDAY_S}`;
}

const delayAt = (level: number): string =>
  `quantileExactWeighted(${level})(${POINT.postDialDelayMs}, if(${POINT.postDialDelayMs} >= 0, ${WEIGHT}, 0))`;

/** Every number of calls is a sum of weights. */
export function figuresSql(dataset: string, tenant: TenantId, query: FiguresQuery): string {
  return `SELECT ${bucketOf(query)} AS start_s, ${COLUMN[query.by]} AS grouped, sum(${WEIGHT}) AS sessions, sum(${POINT.answered} * ${WEIGHT}) AS answered, sum(${POINT.talkMs} * ${POINT.answered} * ${WEIGHT}) AS talk_ms, sum(if(${POINT.postDialDelayMs} >= 0, ${WEIGHT}, 0)) AS delayed, ${delayAt(0.5)} AS p50, ${delayAt(0.95)} AS p95, ${delayAt(0.99)} AS p99 FROM ${dataset} WHERE ${conditions(tenant, query)} GROUP BY start_s, grouped ORDER BY start_s ASC, sessions DESC FORMAT JSON`;
}

export function failuresSql(dataset: string, tenant: TenantId, query: FiguresQuery): string {
  return `SELECT ${bucketOf(query)} AS start_s, ${COLUMN[query.by]} AS grouped, ${POINT.disposition} AS disposition, ${POINT.sipCode} AS sip_code, sum(${WEIGHT}) AS n FROM ${dataset} WHERE ${conditions(tenant, query)} AND ${POINT.phase} = 'failed' GROUP BY start_s, grouped, disposition, sip_code ORDER BY n DESC FORMAT JSON`;
}

/** Large numbers come as text. */
const number = z.coerce.number();
const figureRows = z.object({
  data: z.array(
    z.object({
      start_s: number,
      grouped: z.string(),
      sessions: number,
      answered: number,
      talk_ms: number,
      delayed: number,
      p50: number.nullable(),
      p95: number.nullable(),
      p99: number.nullable(),
    }),
  ),
});
const failureRows = z.object({
  data: z.array(z.object({ start_s: number, grouped: z.string(), disposition: z.string(), sip_code: z.string(), n: number })),
});
type FigureRow = z.output<typeof figureRows>["data"][number];
type FailureRow = z.output<typeof failureRows>["data"][number];

/** The largest groups of the whole period. What is beyond them cannot be summed up here: percentiles do not add. */
function largest(rows: readonly FigureRow[]): ReadonlySet<string> {
  const sizes = new Map<string, number>();
  for (const { grouped, sessions } of rows) sizes.set(grouped, (sizes.get(grouped) ?? 0) + sessions);
  const sorted = [...sizes].toSorted(([, a], [, b]) => b - a);
  return new Set(sorted.slice(0, MAX_GROUPS).map(([group]) => group));
}

function figureOf(row: FigureRow, failures: readonly FailureRow[]): Figure {
  const { start_s, grouped, sessions, answered, talk_ms, delayed, p50, p95, p99 } = row;
  return {
    startMs: start_s * 1000,
    group: grouped === "" ? null : grouped,
    others: false,
    sessions,
    // Points are of calls that are over.
    seizures: sessions,
    answered,
    talkMs: answered === 0 ? null : talk_ms / answered,
    postDialDelayMs: delayed === 0 || p50 === null || p95 === null || p99 === null ? null : [p50, p95, p99],
    failures: failures
      .filter((each) => each.start_s === start_s && each.grouped === grouped)
      .map(({ disposition, sip_code, n }) => ({
        disposition: disposition === "" ? null : disposition,
        sipCode: sip_code === "" ? null : Number(sip_code),
        count: n,
      })),
  };
}

/**
 * @param api its base address; another one in tests. @param deadlineMs only tests wait for less. @param guard what questions go through.
 * @returns a reader that throws `AnalyticsUnavailable`. Groups beyond the largest are not in what it gives.
 */
export function analyticsFigures(
  { account, token, dataset }: AnalyticsAccount,
  api = ANALYTICS_ENGINE_API,
  deadlineMs = ANALYTICS_DEADLINE_MS,
  guard: Guard = deadlineOnly,
): ReadFigures {
  async function put<T>(sql: string, schema: z.ZodType<T>, signal: AbortSignal): Promise<T> {
    const response = await fetch(`${api}/client/v4/accounts/${account}/analytics_engine/sql`, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "text/plain" },
      body: sql,
      // Whoever it would send us to would get the token.
      redirect: "manual",
      signal,
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new BadStatus(response.status);
    }
    const rows = schema.safeParse(await response.json());
    if (!rows.success) throw new BadAnswer("rows of another shape", { cause: rows.error });
    return rows.data;
  }

  async function ask<T>(sql: string, schema: z.ZodType<T>): Promise<T> {
    const rows = await retrying<T, unknown>(RETRY, deadlineMs, async (leftMs) => {
      const limits = { deadlineMs: leftMs, maxAtOnce: MAX_AT_ONCE, judge: judgeStatus };
      const asked = await guard(ANALYTICS_ENGINE, limits, (signal) => put(sql, schema, signal));
      return asked.ok ? asked : err({ error: asked.error, failure: failureOf(asked.error) });
    });
    if (rows.ok) return rows.value;
    throw new AnalyticsUnavailable("Analytics Engine", { cause: rows.error });
  }

  return async (tenant, query) => {
    const [figures, failures] = await Promise.all([
      ask(figuresSql(dataset, tenant, query), figureRows),
      ask(failuresSql(dataset, tenant, query), failureRows),
    ]);
    const shown = largest(figures.data);
    return figures.data.filter(({ grouped }) => shown.has(grouped)).map((row) => figureOf(row, failures.data));
  };
}
