/** Lists of projected sessions, by the real Postgres. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Database, connect } from "../../adapters/postgres/client.ts";
import { createSessionList, pageStatement } from "../../adapters/postgres/sessions/list.ts";
import { createProjectionStore } from "../../adapters/postgres/sessions/project.ts";
import {
  NEWEST_FIRST,
  SORT_KEYS,
  type SessionFilter,
  type SessionOrder,
  type SessionPlace,
  type SessionQuery,
  byPlace,
  isListed,
} from "../../domain/sessions/query.ts";
import type { SessionSummary } from "../../domain/sessions/summary.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { applyMigrations } from "../../local/migrate.ts";
import { timeline } from "../domain/sessions/timelines.ts";
import type { CloudEvent } from "../../domain/events/event.ts";
import { RARE, fillSessions } from "../../bench/api/session-rows.ts";
import { startTestDatabase, type TestDatabase, withClient } from "./fixture.ts";
import { KEYS } from "./keys.ts";

const LEFT = "left" as TenantId;
const RIGHT = "right" as TenantId;
const CROWD = "crowd" as TenantId;
const CROWD_SIZE = 20_000;

let server: TestDatabase;
let database: Database;
/** Of tenant `left`; `right` has others. */
let all: readonly SessionSummary[];

beforeAll(async () => {
  server = await startTestDatabase();
  await applyMigrations(server.ownerUrl);
  database = connect(server.appUrl, server.endpoint);
  const lives = fc.sample(timeline([LEFT, LEFT, LEFT, RIGHT]), { numRuns: 150, seed: 3 });
  const sample = [...new Map(lives.map((life) => [life.summary.id, life])).values()];
  all = sample.map(({ summary }) => summary).filter(({ tenant }) => tenant === LEFT);
  await createProjectionStore(database, KEYS).project(
    sample.flatMap(({ events }) => events),
    null,
  );
});
afterAll(() => server.stop());

const page = (query: SessionQuery) => createSessionList(database).page(LEFT, query);

/** What the query asks for, the slow way. */
const expected = (query: SessionQuery): readonly SessionSummary[] => {
  const { order, after, limit } = query;
  const compare = byPlace(order);
  return all
    .filter((session) => isListed(query, session) && (after === null || compare(session, after) > 0))
    .toSorted(compare)
    .slice(0, limit + 1);
};

const some = <T>(values: readonly T[]) => fc.subarray([...values], { minLength: 0 });

const orders: fc.Arbitrary<SessionOrder> = fc.record({ key: fc.constantFrom(...SORT_KEYS), descending: fc.boolean() });

/** For each filter, values of which some match. */
function filters() {
  const times = all.flatMap(({ openedMs }) => [openedMs, openedMs + 1]);
  const party = (...numbers: string[]) =>
    fc.subarray([
      ...numbers.map((value) => ({ tag: "exact" as const, value })),
      ...numbers.map((value) => ({ tag: "prefix" as const, value: value.slice(0, -1) })),
      { tag: "prefix" as const, value: "+1_5%" },
      { tag: "prefix" as const, value: "+1555" },
    ]);
  return {
    status: some(["ongoing", "completed", "failed"] as const),
    state: some(["queued", "initiating", "active", "completed", "failed"] as const),
    lane: some(["standard", "emergency"] as const),
    direction: some(["inbound", "outbound", "internal"] as const),
    channel: some(["pbx", "api", "mobile"] as const),
    recorded: fc.boolean(),
    trunk: some(["main", "other", "it's \0"]),
    destination: some(["carrier-a", "carrier-b", "nowhere"]),
    ruleId: some(["us", "eu"]),
    disposition: some(["answered", "busy", "sold", "timeout", "rejected"]),
    caller: party("+15551230001", "+15551230009"),
    callee: party("+15551230002", "x"),
    part: some(["230001", "30002", "999"]),
    tag: some(["vip", "billing", 'a,"b'] as const),
    metadata: fc.subarray([
      { path: ["account"], values: ["42"] },
      { path: ["account"], values: ["43", "x"] },
      { path: ["nested", "deep"], values: ["1"] },
      { path: ["deep", "er"], values: ["true"] },
      { path: ["it's\\", '"'], values: ['"}', "1e3"] },
    ]),
    minDurationMs: fc.constantFrom(0, 1, 5_000, 40_000),
    fromMs: fc.constantFrom(...times),
    toMs: fc.constantFrom(...times),
  } satisfies { [Name in keyof SessionFilter]-?: fc.Arbitrary<SessionFilter[Name]> };
}

function queries(): fc.Arbitrary<SessionQuery> {
  const known = filters();
  const names = Object.keys(known) as (keyof typeof known)[];
  const filter = fc.subarray(names, { maxLength: 3 }).chain((chosen) => {
    const given = Object.fromEntries(chosen.map((name) => [name, known[name]]));
    return fc.record(given as Record<string, fc.Arbitrary<unknown>>) as fc.Arbitrary<SessionFilter>;
  });
  return orders.chain((order) =>
    fc.record({
      filter,
      order: fc.constant(order),
      after: fc.option(fc.constantFrom<SessionPlace[]>(...all.filter((session) => session[order.key] !== null))),
      limit: fc.integer({ min: 1, max: 40 }),
    }),
  );
}

describe("[LST-1] [LST-2] a page", () => {
  it("has what the predicate of all lists lets through, in its order", async () => {
    expect(all.length).toBeGreaterThan(50);
    await fc.assert(
      fc.asyncProperty(queries(), async (query) => {
        expect(await page(query)).toEqual(expected(query));
      }),
      { numRuns: 150 },
    );
  });

  it("[REC-6] is right for every filter by itself, and each finds some and leaves some out", async () => {
    for (const [name, values] of Object.entries(filters()))
      for (const wanted of fc.sample(values as fc.Arbitrary<unknown>, { numRuns: 12, seed: 5 })) {
        const query: SessionQuery = { filter: { [name]: wanted }, order: NEWEST_FIRST, after: null, limit: 500 };
        const ids = (await page(query)).map(({ id }) => id);
        expect({ name, wanted, ids }).toEqual({ name, wanted, ids: expected(query).map(({ id }) => id) });
      }
    for (const status of ["ongoing", "completed", "failed"] as const)
      expect(expected({ filter: { status: [status] }, order: NEWEST_FIRST, after: null, limit: 500 })).not.toEqual([]);
  });

  it("goes on where the last one ended, until every announced session was there once", async () => {
    for (const order of [NEWEST_FIRST, { ...NEWEST_FIRST, descending: false }]) {
      const seen: SessionSummary[] = [];
      let after: SessionQuery["after"] = null;
      for (let hasMore = true; hasMore;) {
        const rows = await page({ filter: {}, order, after, limit: 7 });
        hasMore = rows.length > 7;
        seen.push(...rows.slice(0, 7));
        after = seen.at(-1)!;
      }
      // One that was only reported on is found by its id alone.
      const announced = all.filter(({ callee }) => callee !== null);
      expect(seen).toEqual(announced.toSorted(byPlace(order)));
    }
  });
});

describe("[REC-7] pages while sessions go on", () => {
  it("have each session that matched all the time once, and none twice", async () => {
    const tenant = "busy" as TenantId;
    const store = createProjectionStore(database, KEYS);
    const lives = fc.sample(timeline([tenant]), { numRuns: 90, seed: 11 });
    const distinct = [...new Map(lives.map((life) => [life.summary.id, life])).values()];
    const statusesOf = async (events: readonly CloudEvent[]) => store.project(events, null);
    await statusesOf(distinct.flatMap(({ events }) => events.slice(0, Math.ceil(events.length / 2))));
    for (const order of SORT_KEYS.flatMap((key) => [true, false].map((descending) => ({ key, descending })))) {
      const query = { filter: { status: ["completed", "failed"] }, order, limit: 4 } satisfies Partial<SessionQuery>;
      const list = createSessionList(database);
      const every = async () => (await list.page(tenant, { ...query, after: null, limit: 500 })).map(({ id }) => id);
      const before = await every();
      const seen: string[] = [];
      let after: SessionQuery["after"] = null;
      for (let number = 0, hasMore = true; hasMore; number++) {
        const rows = await list.page(tenant, { ...query, after });
        hasMore = rows.length > query.limit;
        seen.push(...rows.slice(0, query.limit).map(({ id }) => id));
        after = rows[Math.min(rows.length, query.limit) - 1] ?? after;
        // Others end, and what has ended is written on, between the pages.
        await statusesOf(distinct.flatMap(({ events }, index) => (index % 9 === number % 9 ? events : [])));
      }
      const atLast = new Set(await every());
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen).toEqual(expect.arrayContaining(before.filter((id) => atLast.has(id))));
      expect(seen.filter((id) => !atLast.has(id as SessionSummary["id"]))).toEqual([]);
    }
  });
});

describe("[LST-1] [REC-6] among many sessions of several tenants", () => {
  /** The plan of a page as the role of the Workers gets it. */
  async function planOf(filter: SessionFilter, order: SessionOrder, after: SessionPlace | null = null): Promise<string> {
    const { sql, params } = pageStatement(database, CROWD, { filter, order, after, limit: 50 }).toSQL();
    return withClient(server.appUrl, async (client) => {
      await client.query("begin");
      await client.query("select set_config('trunkline.tenant', $1, true)", [CROWD]);
      const { rows } = await client.query(`explain ${sql}`, params);
      await client.query("rollback");
      return rows.map((row) => String(row["QUERY PLAN"])).join("\n");
    });
  }

  beforeAll(async () => {
    await withClient(server.superuserUrl, async (client) => {
      await fillSessions(client, [
        { tenant: CROWD, sessions: CROWD_SIZE },
        { tenant: "others", sessions: CROWD_SIZE / 5 },
      ]);
    });
  }, 120_000);

  it.each<[string, SessionFilter, string]>(Object.entries(RARE).map(([name, { filter, index }]) => [name, filter, index]))(
    "%s that few have are found by an index",
    async (_, filter, index) => {
      const plan = await planOf(filter, NEWEST_FIRST);
      expect(plan).toContain(index);
      expect(plan).not.toContain("Seq Scan");
    },
  );

  it.each<[string, SessionFilter]>([
    ["everything", {}],
    ["what most are", { status: ["completed"], recorded: false, lane: ["standard"] }],
    ["a common tag", { tag: ["vip"] }],
    ["a common value of metadata", { metadata: [{ path: ["plan", "tier"], values: ["2"] }] }],
  ])("%s is read in the order of time, both ways", async (_, filter) => {
    const plan = await planOf(filter, NEWEST_FIRST);
    expect(plan).toMatch(/Backward using sessions_by_\w+ on sessions/);
    expect(plan).not.toContain("Sort");
    const oldest = { ...NEWEST_FIRST, descending: false };
    expect(await planOf(filter, oldest, all[0]!)).toMatch(/Index Scan using sessions_by_\w+ on sessions/);
  });

  it.each([
    ["endedMs", "sessions_by_end"],
    ["durationMs", "sessions_by_duration"],
  ] as const)("those that have ended are read by %s from an index, in its order", async (key, index) => {
    const filter: SessionFilter = { status: ["completed", "failed"] };
    const plan = await planOf(filter, { key, descending: true }, { [key]: 1_772_400_000_000, id: all[0]!.id });
    expect(plan).toContain(`Backward using ${index} on sessions`);
    expect(plan).not.toContain("Sort");
  });

  it("a page takes some milliseconds", async () => {
    const list = createSessionList(database);
    const query = { filter: {}, order: NEWEST_FIRST, after: null, limit: 50 } as const;
    const first = await list.page(CROWD, query);
    const startedMs = performance.now();
    const second = await list.page(CROWD, { ...query, after: first[49]! });
    expect(second).toHaveLength(51);
    expect(performance.now() - startedMs).toBeLessThan(500);
  });
});

describe("[CFG-6] the view that lists read", () => {
  const rowsOf = (settings: string) =>
    withClient(server.appUrl, async (client) => {
      await client.query("begin");
      await client.query(settings);
      const { rows } = await client.query("select distinct tenant_id from listed_sessions order by 1");
      await client.query("rollback");
      return rows.map((row) => String(row["tenant_id"]));
    });

  it("shows the tenant of the transaction, nobody else's, and without one nothing", async () => {
    expect(await rowsOf("select set_config('trunkline.tenant', 'left', true)")).toEqual([LEFT]);
    expect(await rowsOf("select set_config('trunkline.tenants', 'left,right', true)")).toEqual([]);
    expect(await rowsOf("select 1")).toEqual([]);
  });

  it("belongs to a role that nobody logs in as, that may read these sessions and nothing else", async () => {
    const { rows } = await withClient(server.superuserUrl, (client) =>
      client.query(`select pg_get_userbyid(relowner) as owner, rolcanlogin, rolsuper,
        has_schema_privilege('trunkline_lists', 'public', 'create') as creates,
        pg_has_role('trunkline_app', 'trunkline_lists', 'member') as is_app,
        (select array_agg(distinct table_name || ' ' || privilege_type order by table_name || ' ' || privilege_type)
          from information_schema.role_table_grants where grantee = 'trunkline_lists' and table_name <> 'listed_sessions') as grants
        from pg_class join pg_roles on rolname = pg_get_userbyid(relowner) where relname = 'listed_sessions'`),
    );
    expect(rows).toEqual([
      {
        owner: "trunkline_lists",
        rolcanlogin: false,
        rolsuper: false,
        creates: false,
        is_app: false,
        grants: ["sessions SELECT"],
      },
    ]);
  });

  it("has every column of the table", async () => {
    const columns = (table: string) =>
      withClient(server.superuserUrl, async (client) => {
        const { rows } = await client.query(
          "select column_name from information_schema.columns where table_name = $1 order by 1",
          [table],
        );
        return rows.map((row) => String(row["column_name"]));
      });
    expect(await columns("listed_sessions")).toEqual(await columns("sessions"));
  });
});
