/** Takes a person out of the projection, as the erased events would be projected now. */
import { sql } from "drizzle-orm";
import { numberPattern } from "../../../domain/events/keeping/numbers.ts";
import { type Lane, type TenantId, idPrefixAt } from "../../../domain/shared/ids.ts";
import { type Database, asTenants } from "../client.ts";

/** Events of one statement: all of them are searched, in well under a second. */
const PAGE_EVENTS = 5_000;

/** Before every id. */
const FIRST_ID = "00000000-0000-0000-0000-000000000000";

type Page = { readonly erased: number; readonly searched: number; readonly last: string | null };

/** As small as an id that was made at this time can be. */
const idAt = (ms: number): string => `${idPrefixAt(ms)}0000-0000-000000000000`;

/**
 * One page of a tenant's events of one lane, in the order of their ids: those that speak of the number lose what they told, and so do the
 * columns of sessions that were made of them.
 * @param digits of the number. @param untilMs events stored before this, Unix milliseconds. @param after the last id of the page before.
 * @returns how many events were changed, and where to go on; null: that was all.
 * @throws DatabaseUnavailable when Postgres does not answer in time.
 */
export async function eraseRows(
  database: Database,
  lane: Lane,
  tenant: TenantId,
  digits: string,
  untilMs: number,
  after: string | null,
): Promise<{ readonly erased: number; readonly next: string | null }> {
  const pattern = numberPattern([digits]).source;
  const statement = sql`
    with page as (
      select id from session_events
      where tenant_id = ${tenant} and id > ${after ?? FIRST_ID}::uuid and id < ${idAt(untilMs)}::uuid
      order by id limit ${PAGE_EVENTS}
    ), erased as (
      update session_events as event set metadata = '{}', traceparent = null
      from page, sessions as session
      where event.tenant_id = ${tenant} and event.id = page.id and event.metadata::text ~ ${pattern}
        and session.tenant_id = ${tenant} and session.id = event.session_id and session.lane = ${lane}
      returning event.id, event.session_id
    ), of_sessions as (
      select session_id, array_agg(id) as ids from erased group by session_id
    ), cleared as (
      update sessions as session set
        channel = case when received_event = any(ids) then null else channel end,
        trunk = case when received_event = any(ids) then null else trunk end,
        priority = case when received_event = any(ids) then null else priority end,
        caller_id = case when received_event = any(ids) then null else caller_id end,
        callee_id = case when received_event = any(ids) then '' else callee_id end,
        external_id = case when received_event = any(ids) then null else external_id end,
        initial_metadata = case when received_event = any(ids) then '{}' else initial_metadata end,
        rule_id = case when routed_event = any(ids) then null else rule_id end,
        snapshot_version = case when routed_event = any(ids) then null else snapshot_version end,
        tags = case when tags_event = any(ids) then '{}' else tags end,
        wrap_up = case when wrap_up_event = any(ids) then null else wrap_up end
      from of_sessions
      where session.tenant_id = ${tenant} and session.id = of_sessions.session_id
      returning session.id
    )
    select
      (select count(*) from erased)::int as erased,
      (select count(*) from page)::int as searched,
      (select id::text from page order by id desc limit 1) as last`;
  const [outcome] = await asTenants(database, [tenant], [database.orm.execute(statement)]);
  const [page] = outcome.rows as unknown as readonly Page[];
  if (page === undefined) throw new Error("a count has one row");
  return { erased: page.erased, next: page.searched < PAGE_EVENTS ? null : page.last };
}
