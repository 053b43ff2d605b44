/** How long a page of 50 sessions out of very many takes with each filter and in each order, and which index Postgres reads for it. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import pg from "pg";
import { type Database, asTenant, connect } from "../../adapters/postgres/client.ts";
import { createSessionList, pageStatement } from "../../adapters/postgres/sessions/list.ts";
import { NEWEST_FIRST, type SessionFilter, type SessionOrder, type SessionQuery } from "../../domain/sessions/query.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { applyMigrations } from "../../local/migrate.ts";
import { startNeonProxy } from "../../local/neon-proxy.ts";
import { removeOutsideFolder } from "../../local/postgres-home.ts";
import { DATABASE, startPostgres } from "../../local/postgres.ts";
import { onEnd } from "../cleanup.ts";
import { percentile } from "../statistics.ts";
import { fixed, table } from "../table.ts";
import type { Workspace } from "../workspace.ts";
import { RARE, fillSessions } from "./session-rows.ts";

const TENANT = "crowd" as TenantId;
const SESSIONS = 1_000_000;
const OTHERS = 100_000;
const QUICK_SHARE = 0.05;
const PAGE = 50;
/** Before what is measured: the first ones read what no cache has. */
const WARM_UP = 2;
const TIMES = 21;
export const MAX_LIST_P50_MS = 20;

export type ListFigure = {
  readonly name: string;
  readonly rows: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** As EXPLAIN names them; empty: none. */
  readonly indexes: readonly string[];
};

type Asked = { readonly name: string; readonly filter: SessionFilter; readonly order: SessionOrder };

const ENDED: SessionFilter = { status: ["completed", "failed"] };

/** What few sessions have and what many have, filter by filter; and every order. */
const COMMON: Readonly<Record<string, SessionFilter>> = {
  "nothing asked": {},
  "status, common": { status: ["completed"] },
  "state, common": { state: ["completed"] },
  "lane, common": { lane: ["standard"] },
  "direction, 10 %": { direction: ["outbound"] },
  "trunk, 2 %": { trunk: ["trunk-7"] },
  "rule, 1 %": { ruleId: ["rule-7"] },
  "destination, 5 %": { destination: ["carrier-7"] },
  "disposition, 5 %": { disposition: ["busy"] },
  "tag, 20 %": { tag: ["vip"] },
  "metadata, 20 %": { metadata: [{ path: ["plan", "tier"], values: ["2"] }] },
  "callee*, everybody's": { callee: [{ tag: "prefix", value: "+49" }] },
  "q, 3 digits": { part: ["123"] },
  "q, 5 digits": { part: ["12345"] },
  "q, nobody's": { part: ["98765432"] },
  "minDurationMs, common": { minDurationMs: 1_000 },
};

function questions(): readonly Asked[] {
  const rare = Object.entries(RARE).map(([name, { filter }]) => ({ name: `${name}, rare`, filter, order: NEWEST_FIRST }));
  const common = Object.entries(COMMON).map(([name, filter]) => ({ name, filter, order: NEWEST_FIRST }));
  const orders = (["openedMs", "endedMs", "durationMs"] as const).flatMap((key) =>
    [true, false].map((descending) => ({
      name: `by ${key}, ${descending ? "descending" : "ascending"}`,
      filter: ENDED,
      order: { key, descending },
    })),
  );
  return [...rare, ...common, ...orders];
}

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

async function indexesOf(database: Database, appUrl: string, query: SessionQuery): Promise<readonly string[]> {
  const { sql: statement, params } = pageStatement(database, TENANT, query).toSQL();
  return withClient(appUrl, async (client) => {
    await client.query("begin");
    await client.query("select set_config('trunkline.tenant', $1, true)", [TENANT]);
    const { rows } = await client.query(`explain ${statement}`, params);
    const plan = rows.map((row) => String(row["QUERY PLAN"])).join("\n");
    return [...new Set(plan.match(/sessions_(?:by|tenant)\w+/g) ?? [])];
  });
}

/** A page takes at least so long: a transaction for the tenant in which nothing is read. */
async function measureFloor(database: Database): Promise<ListFigure> {
  const times = await timesOf(() => asTenant(database, TENANT, [database.orm.execute(sql`select 1`)]));
  return { name: "floor: select 1", rows: 1, p50Ms: percentile(times, 0.5), p95Ms: percentile(times, 0.95), indexes: [] };
}

/** Milliseconds, ascending. */
async function timesOf(work: () => Promise<unknown>): Promise<readonly number[]> {
  const times: number[] = [];
  for (let time = -WARM_UP; time < TIMES; time++) {
    const startedMs = performance.now();
    await work();
    if (time >= 0) times.push(performance.now() - startedMs);
  }
  return times.sort((a, b) => a - b);
}

/** @param quick fewer sessions: tells whether everything works, and nothing about speed. */
export async function measureLists(
  workspace: Workspace,
  quick: boolean,
  progress: (text: string) => void,
): Promise<readonly ListFigure[]> {
  const stateDir = join(workspace.folder, "lists-database");
  mkdirSync(stateDir);
  const remove = () => removeOutsideFolder(stateDir);
  onEnd(remove, remove);
  const { superuser } = workspace.secrets.postgres;
  const postgres = await startPostgres(stateDir, workspace.secrets.postgres);
  onEnd(postgres.stop, () => void process.kill(postgres.pid, "SIGQUIT"));
  const proxy = await startNeonProxy(() => postgres.port);
  onEnd(proxy.stop, () => {});
  await applyMigrations(postgres.url("trunkline_owner"));
  const share = quick ? QUICK_SHARE : 1;
  progress(`${SESSIONS * share} sessions of one tenant, ${OTHERS * share} of another`);
  const superuserUrl = `postgresql://postgres:${encodeURIComponent(superuser)}@127.0.0.1:${postgres.port}/${DATABASE}`;
  await withClient(superuserUrl, (client) =>
    fillSessions(client, [
      { tenant: TENANT, sessions: SESSIONS * share },
      { tenant: "others", sessions: OTHERS * share },
    ]),
  );
  const appUrl = postgres.url("trunkline_app");
  const database = connect(appUrl, proxy.endpoint);
  const list = createSessionList(database);
  const figures: ListFigure[] = [await measureFloor(database)];
  for (const { name, filter, order } of questions()) {
    const query: SessionQuery = { filter, order, after: null, limit: PAGE };
    const rows = (await list.page(TENANT, query)).length;
    const times = await timesOf(() => list.page(TENANT, query));
    const indexes = await indexesOf(database, appUrl, query);
    figures.push({ name, rows, p50Ms: percentile(times, 0.5), p95Ms: percentile(times, 0.95), indexes });
  }
  return figures;
}

/** In words, with what is missed of the targets. */
export function listsText(figures: readonly ListFigure[]): { readonly text: string; readonly missed: readonly string[] } {
  const rows = figures.map(({ name, rows: found, p50Ms, p95Ms, indexes }) => [
    name,
    String(found),
    fixed(p50Ms, 1),
    fixed(p95Ms, 1),
    indexes.join(", "),
  ]);
  const missed = figures.flatMap(({ name, p50Ms, indexes }) => [
    ...(p50Ms <= MAX_LIST_P50_MS ? [] : [`a list (${name}): p50 ${fixed(p50Ms, 1)} ms, not ${MAX_LIST_P50_MS}`]),
    ...(indexes.length > 0 || name.startsWith("floor") ? [] : [`a list (${name}): no index`]),
  ]);
  const text = [
    `Pages of ${PAGE} sessions, the newest first unless said otherwise, by the adapter through the proxy, one at a time, ${TIMES} times each`,
    table(["filter", "rows", "p50 ms", "p95 ms", "index"], rows),
  ].join("\n\n");
  return { text, missed };
}
