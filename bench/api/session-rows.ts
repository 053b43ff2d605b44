/** Very many sessions in Postgres at once, made by Postgres itself, and what of them few have. */
import type { Client } from "pg";
import type { SessionFilter } from "../../domain/sessions/query.ts";

export type Filling = { readonly tenant: string; readonly sessions: number };

/** One of so many sessions has the rare value of each column. */
const RARITY = 10_000;
/** A second apart. */
const FIRST_AT = "2026-03-01T00:00:00Z";
/** Bytes that building an index may take. */
const BUILD_MEMORY = "256MB";

const INSERT = `
  insert into sessions (tenant_id, id, lane, started_at, last_event_at, sequence, trunk, channel, caller_id, callee_id, directed_event,
    direction, recorded, rule_id, planned_destinations, destination_event, destination_index, tags, initial_metadata, end_event, end_phase,
    status, end_reported_at, network_disposition)
  select $1, gen_random_uuid(), case when rare = 0 then 'emergency' else 'standard' end, at, at, 6,
    case when rare = 1 then 'trunk-rare' else 'trunk-' || a % 50 end, case when rare = 2 then 'api' else 'pbx' end,
    case when rare = 3 then '+14155550' || 100 + n % 900 else '+1' || 2000000000 + b % 799999999 end, '+49' || 300000000 + c % 599999999,
    gen_random_uuid(), case when rare = 4 then 'internal' when a % 10 = 0 then 'outbound' else 'inbound' end, rare = 5,
    case when rare = 6 then 'rule-rare' else 'rule-' || b % 100 end,
    array[case when rare = 7 then 'carrier-rare' else 'carrier-' || a % 20 end], gen_random_uuid(), 0,
    case when rare = 8 then array['rare'] when c % 5 = 0 then array['vip'] else '{}' end,
    jsonb_build_object('account', case when rare = 9 then 'rare' else (a % 100000)::text end, 'plan', jsonb_build_object('tier', b % 5)),
    gen_random_uuid(), phase, (case phase when 'completed' then 'completed' when 'failed' then 'failed' else 'ongoing' end)::session_status,
    case when phase is null then null when rare = 11 then at + interval '5 hours' else at + c % 600000 * interval '1 millisecond' end,
    case when phase is null then null when rare = 12 then 'declined' when phase = 'failed' then 'busy' else 'answered' end
  from generate_series(1, $2::bigint) n,
    lateral (select n % ${RARITY} as rare, timestamptz '${FIRST_AT}' + n * interval '1 second' as at,
      n * 2654435761 % 4294967296 as a, n * 2656957 % 4294967291 as b, n * 2246822519 % 4294967279 as c) s,
    lateral (select case when rare = 10 then null when b % 20 = 0 then 'failed' else 'completed' end as phase) p`;

const OTHER_INDEXES = `select indexname, indexdef from pg_indexes where schemaname = 'public' and tablename = 'sessions' and indexname not like '%_pk'`;

/**
 * Fills the table. Its indexes are taken away meanwhile and built anew, which takes a third of the time.
 * @param client a superuser's, whom no policy binds.
 */
export async function fillSessions(client: Client, fillings: readonly Filling[]): Promise<void> {
  const { rows } = await client.query<{ indexname: string; indexdef: string }>(OTHER_INDEXES);
  for (const { indexname } of rows) await client.query(`drop index ${client.escapeIdentifier(indexname)}`);
  for (const { tenant, sessions } of fillings) await client.query(INSERT, [tenant, sessions]);
  await client.query(`set maintenance_work_mem = '${BUILD_MEMORY}'`);
  for (const { indexdef } of rows) await client.query(indexdef);
  await client.query("vacuum analyze sessions");
}

type Asked = { readonly filter: SessionFilter; readonly index: string };

/** What one of `RARITY` sessions is, and the index that has to find it. */
export const RARE: Readonly<Record<string, Asked>> = {
  status: { filter: { status: ["ongoing"] }, index: "sessions_by_status" },
  state: { filter: { state: ["queued"] }, index: "sessions_by_phase" },
  lane: { filter: { lane: ["emergency"] }, index: "sessions_by_lane" },
  direction: { filter: { direction: ["internal"] }, index: "sessions_by_direction" },
  channel: { filter: { channel: ["api"] }, index: "sessions_by_channel" },
  recorded: { filter: { recorded: true }, index: "sessions_by_recorded" },
  caller: { filter: { caller: [{ tag: "exact", value: "+14155550104" }] }, index: "sessions_by_caller" },
  "caller*": { filter: { caller: [{ tag: "prefix", value: "+14155550" }] }, index: "sessions_by_caller" },
  callee: { filter: { callee: [{ tag: "exact", value: "+49300000017" }] }, index: "sessions_by_callee" },
  "callee*": { filter: { callee: [{ tag: "prefix", value: "+49312345" }] }, index: "sessions_by_callee" },
  trunk: { filter: { trunk: ["trunk-rare"] }, index: "sessions_by_trunk" },
  destination: { filter: { destination: ["carrier-rare"] }, index: "sessions_by_destination" },
  ruleId: { filter: { ruleId: ["rule-rare"] }, index: "sessions_by_rule" },
  disposition: { filter: { disposition: ["declined"] }, index: "sessions_by_disposition" },
  tag: { filter: { tag: ["rare"] }, index: "sessions_by_tag" },
  metadata: { filter: { metadata: [{ path: ["account"], values: ["rare"] }] }, index: "sessions_by_metadata" },
  q: { filter: { part: ["4155550"] }, index: "sessions_by_part" },
  minDurationMs: { filter: { minDurationMs: 15_000_000 }, index: "sessions_by_duration" },
  "from, to": {
    filter: { fromMs: Date.parse(FIRST_AT), toMs: Date.parse(FIRST_AT) + 600_000 },
    index: "sessions_by_start",
  },
};
