/** Figures over a tenant's sessions, counted by Postgres exactly: one statement, under row-level security. */
import { type SQL, sql } from "drizzle-orm";
import {
  BUCKETS_FROM,
  type Failure,
  type Figure,
  type FiguresQuery,
  type Grouping,
  MAX_GROUPS,
  PERCENTILES,
  type Percentiles,
  type ReadFigures,
} from "../../../domain/sessions/figures.ts";
import type { TenantId } from "../../../domain/shared/ids.ts";
import { type Database, asTenant } from "../client.ts";

const GROUP_COLUMN: Readonly<Record<Grouping, SQL>> = {
  trunk: sql`trunk`,
  destination: sql`destination`,
  rule: sql`rule_id`,
  country: sql`country`,
  none: sql`null::text`,
};

const instant = (ms: number): SQL => sql`${new Date(ms).toISOString()}::timestamptz`;
const millisecondsBetween = (from: SQL, to: SQL): SQL => sql`greatest(0, extract(epoch from ${to} - ${from}) * 1000)::float8`;

/** Groups are told apart by a key that is never null, so that parts can be joined by it. */
const NO_GROUP = "-";
const OTHERS = "+";

/** What is asked of Postgres: a row per bucket and group. A row per bucket is made of the sessions of that bucket alone. */
export function figuresStatement(tenant: TenantId, { fromMs, toMs, bucketMs, by, lane, direction }: FiguresQuery): SQL {
  const delay = millisecondsBetween(sql`started_at`, sql`coalesce(ringing_at, answered_at)`);
  const talk = millisecondsBetween(sql`answered_at`, sql`end_reported_at`);
  return sql`with calls as materialized (
      select date_bin(${`${bucketMs} milliseconds`}::interval, started_at, ${BUCKETS_FROM}::timestamptz) as bucket,
        coalesce('=' || ${GROUP_COLUMN[by]}, ${NO_GROUP}) as grouped,
        answered_at is not null as is_answered, end_phase, network_disposition, end_code,
        case when coalesce(ringing_at, answered_at) is not null then ${delay} end as delay_ms,
        case when answered_at is not null and end_reported_at is not null then ${talk} end as talk_ms
      from sessions
      where tenant_id = ${tenant} and started_at >= ${instant(fromMs)} and started_at < ${instant(toMs)}
        and not recorded and callee_id <> ''
        ${lane === null ? sql`` : sql`and lane = ${lane}`} ${direction === null ? sql`` : sql`and direction = ${direction}`}
    ), sizes as (
      select grouped, row_number() over (order by count(*) desc, grouped collate "C") as place from calls group by grouped
    ), placed as (
      select calls.*, case when place <= ${MAX_GROUPS} then grouped else ${OTHERS} end as shown, least(place, ${MAX_GROUPS + 1}) as place
      from calls join sizes using (grouped)
    ), causes as (
      select bucket, shown, network_disposition, end_code, count(*)::int as n
      from placed where end_phase = 'failed' group by 1, 2, 3, 4
    ), failures as (
      select bucket, shown, jsonb_agg(jsonb_build_object('disposition', network_disposition, 'sipCode', end_code, 'count', n)
        order by n desc, network_disposition collate "C" nulls last, end_code nulls last) as list
      from causes group by 1, 2
    ), figures as (
      select bucket, shown, min(place) as place, count(*)::int as sessions,
        (count(*) filter (where is_answered or end_phase is not null))::int as seizures,
        (count(*) filter (where is_answered))::int as answered,
        avg(talk_ms)::float8 as talk_ms,
        to_jsonb(percentile_disc(${sql.raw(`array[${PERCENTILES.join(", ")}]`)}::float8[]) within group (order by delay_ms)) as delays_ms
      from placed group by 1, 2
    )
    select (extract(epoch from bucket) * 1000)::float8 as start_ms, shown, sessions, seizures, answered, talk_ms, delays_ms,
      coalesce(list, '[]') as failures
    from figures left join failures using (bucket, shown)
    order by bucket, place`;
}

type Row = {
  readonly start_ms: number;
  readonly shown: string;
  readonly sessions: number;
  readonly seizures: number;
  readonly answered: number;
  readonly talk_ms: number | null;
  readonly delays_ms: readonly (number | null)[] | null;
  readonly failures: readonly Failure[];
};

/** Of no values at all Postgres makes null, of several percentiles of them as well as of one. */
function delaysOf(row: Row): Percentiles | null {
  const [p50, p95, p99] = row.delays_ms ?? [];
  return p50 == null || p95 == null || p99 == null ? null : [p50, p95, p99];
}

const figureOf = (row: Row): Figure => ({
  startMs: row.start_ms,
  group: row.shown.startsWith("=") ? row.shown.slice(1) : null,
  others: row.shown === OTHERS,
  sessions: row.sessions,
  seizures: row.seizures,
  answered: row.answered,
  talkMs: row.talk_ms,
  postDialDelayMs: delaysOf(row),
  failures: row.failures,
});

/** @returns a reader that throws `DatabaseUnavailable` when Postgres does not answer in time. */
export function createFiguresReader(database: Database): ReadFigures {
  return async (tenant, query) => {
    const [{ rows }] = await asTenant(database, tenant, [database.orm.execute(figuresStatement(tenant, query))]);
    return (rows as unknown as Row[]).map(figureOf);
  };
}
