/** Takes a person out of the projection, as the erased events would be projected now. */
import { type SQL, sql } from "drizzle-orm";
import type { Erasable } from "../../../domain/events/keeping/erasure.ts";
import { numberPattern } from "../../../domain/events/keeping/numbers.ts";
import { type Lane, type TenantId, idPrefixAt, parseSessionId } from "../../../domain/shared/ids.ts";
import type { DataKeys } from "../../identity/data-keys.ts";
import { type Database, asTenants } from "../client.ts";
import { openEventData } from "./personal-data.ts";

/** Events of one statement: all of them are searched, in well under a second. */
const PAGE_EVENTS = 5_000;

/** Before every id. */
const FIRST_ID = "00000000-0000-0000-0000-000000000000";

type Page = { readonly erased: number; readonly searched: number; readonly last: string | null };

/** As small as an id that was made at this time can be. */
const idAt = (ms: number): string => `${idPrefixAt(ms)}0000-0000-000000000000`;

type PageBounds = { readonly tenant: TenantId; readonly untilMs: number; readonly after: string | null };

const uuids = (ids: readonly string[]): SQL => sql`${`{${ids.join(",")}}`}::uuid[]`;

/** All events of some calls: they are found by their calls, however many others the tenant has. */
function eventsOf(calls: readonly string[], { tenant, untilMs }: PageBounds): SQL {
  const ids = calls.flatMap((call) => {
    const id = parseSessionId(call);
    return id.ok ? [id.value] : [];
  });
  return sql`
  select id from session_events
  where tenant_id = ${tenant} and session_id = any(${uuids(ids)}) and id < ${idAt(untilMs)}::uuid`;
}

const pageOf = ({ tenant, untilMs, after }: PageBounds): SQL => sql`
  select id from session_events
  where tenant_id = ${tenant} and id > ${after ?? FIRST_ID}::uuid and id < ${idAt(untilMs)}::uuid
  order by id limit ${PAGE_EVENTS}`;

type SealedEvent = { readonly id: string; readonly metadata: Readonly<Record<string, unknown>> };

/** Events of the page that speak of the number where Postgres cannot see it. */
async function sealedThatSpeak(database: Database, keys: DataKeys, page: PageBounds, pattern: RegExp): Promise<string[]> {
  const { tenant } = page;
  const statement = sql`
    with page as (${pageOf(page)})
    select event.id::text as id, event.metadata from session_events as event, page
    where event.tenant_id = ${tenant} and event.id = page.id and event.metadata::text like '%"$sealed"%'`;
  const [outcome] = await asTenants(database, [tenant], [database.orm.execute(statement)]);
  const events = outcome.rows as unknown as readonly SealedEvent[];
  const opened = await Promise.all(
    events.map(async ({ id, metadata }) => ({ id, data: await openEventData(keys, { tenant, id }, metadata) })),
  );
  return opened.filter(({ data }) => pattern.test(JSON.stringify(data))).map(({ id }) => id);
}

/** The condition on an event of the page that it is to lose what it told. */
async function speaksOf(database: Database, keys: DataKeys, page: PageBounds, digits: string): Promise<SQL> {
  const pattern = numberPattern([digits]);
  const sealed = await sealedThatSpeak(database, keys, page, pattern);
  return sql`(event.metadata::text ~ ${pattern.source} or event.id = any(${uuids(sealed)}))`;
}

/**
 * One page of a tenant's events of one lane, in the order of their ids, or all events of the calls: those that are concerned lose what they
 * told, and so do the columns of sessions that were made of them.
 * @param what the number's digits, or calls, of which all events lose it. @param untilMs events stored before this, Unix milliseconds. @param after the last id of the page before.
 * @returns how many events were changed, and where to go on; null: that was all.
 * @throws DatabaseUnavailable when Postgres does not answer in time.
 */
export async function eraseRows(
  database: Database,
  keys: DataKeys,
  lane: Lane,
  tenant: TenantId,
  what: Erasable,
  untilMs: number,
  after: string | null,
): Promise<{ readonly erased: number; readonly next: string | null }> {
  const bounds = { tenant, untilMs, after };
  const isOfCalls = "calls" in what;
  const concerned = isOfCalls ? sql`event.metadata <> '{}'::jsonb` : await speaksOf(database, keys, bounds, what.digits);
  const statement = sql`
    with page as (${isOfCalls ? eventsOf(what.calls, bounds) : pageOf(bounds)}), erased as (
      update session_events as event set metadata = '{}', traceparent = null
      from page, sessions as session
      where event.tenant_id = ${tenant} and event.id = page.id
        and ${concerned}
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
        amended_metadata = case when amended_event = any(ids) then '{}' else amended_metadata end,
        country = case when received_event = any(ids) then null else country end,
        planned_destinations = case when routed_event = any(ids) then '{}' else planned_destinations end,
        destination_index = case when destination_event = any(ids) then null else destination_index end,
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
  return { erased: page.erased, next: isOfCalls || page.searched < PAGE_EVENTS ? null : page.last };
}
