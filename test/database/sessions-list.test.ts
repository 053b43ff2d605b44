/** Lists of projected sessions, by the real Postgres. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Database, connect } from "../../adapters/postgres/client.ts";
import { createSessionList } from "../../adapters/postgres/sessions/list.ts";
import { createProjectionStore } from "../../adapters/postgres/sessions/project.ts";
import { type SessionFilter, type SessionQuery, byPlace, matches } from "../../domain/sessions/query.ts";
import type { SessionSummary } from "../../domain/sessions/summary.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { applyMigrations } from "../../local/migrate.ts";
import { timeline } from "../domain/sessions/timelines.ts";
import { startTestDatabase, type TestDatabase, withClient } from "./fixture.ts";
import { KEYS } from "./keys.ts";

const LEFT = "left" as TenantId;
const RIGHT = "right" as TenantId;
const CROWD = "crowd" as TenantId;
const CROWD_SIZE = 100_000;

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
const expected = ({ filter, order, after, limit }: SessionQuery): readonly SessionSummary[] => {
  const compare = byPlace(order);
  return all
    .filter((session) => matches(filter, session) && (after === null || compare(session, after) > 0))
    .toSorted(compare)
    .slice(0, limit + 1);
};

const some = <T>(values: readonly T[]) => fc.subarray([...values], { minLength: 0 });

function queries(): fc.Arbitrary<SessionQuery> {
  const places = all.map(({ id, openedMs }) => ({ id, openedMs }));
  const times = all.flatMap(({ openedMs }) => [openedMs, openedMs + 1]);
  const filter: fc.Arbitrary<SessionFilter> = fc.record(
    {
      status: some(["ongoing", "completed", "failed"] as const),
      trunk: some(["main", "other", "it's \0"]),
      lane: some(["standard", "emergency"] as const),
      disposition: some(["answered", "busy", "sold", "timeout", "rejected"]),
      caller: some(["+15551230001", "+15551230009"]),
      callee: some(["+15551230002", ""]),
      tag: some(["vip", "billing", 'a,"b'] as const),
      fromMs: fc.constantFrom(...times),
      toMs: fc.constantFrom(...times),
    },
    { requiredKeys: [] },
  );
  return fc.record({
    filter: fc.oneof({ weight: 3, arbitrary: filter }, { weight: 1, arbitrary: fc.constant({}) }),
    order: fc.constantFrom("newest_first" as const, "oldest_first" as const),
    after: fc.option(fc.constantFrom(...places)),
    limit: fc.integer({ min: 1, max: 40 }),
  });
}

describe("[LST-1] [LST-2] a page", () => {
  it("has what the predicate of all lists lets through, in its order", async () => {
    expect(all.length).toBeGreaterThan(50);
    await fc.assert(
      fc.asyncProperty(queries(), async (query) => {
        expect(await page(query)).toEqual(expected(query));
      }),
      { numRuns: 200 },
    );
  });

  it("goes on where the last one ended, until every announced session was there once", async () => {
    for (const order of ["newest_first", "oldest_first"] as const) {
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

describe("[LST-1] among 100,000 sessions", () => {
  /** The plan of a list as the role of the Workers gets it. */
  async function planOf(condition: string, order = "desc"): Promise<string> {
    return withClient(server.appUrl, async (client) => {
      await client.query("begin");
      await client.query("select set_config('trunkline.tenants', $1, true)", [CROWD]);
      const { rows } = await client.query(
        `explain select * from sessions where tenant_id = '${CROWD}' and ${condition} order by started_at ${order}, id ${order} limit 51`,
      );
      await client.query("rollback");
      return rows.map((row) => String(row["QUERY PLAN"])).join("\n");
    });
  }

  beforeAll(async () => {
    await withClient(server.superuserUrl, async (client) => {
      await client.query(
        `insert into sessions (tenant_id, id, lane, started_at, last_event_at, trunk, caller_id, callee_id, end_phase, status, end_reported_at)
        select $1, gen_random_uuid(), 'standard', at, at, 'trunk-' || n % 5, '+1555' || n % 1000, '+1444' || n % 1000,
          case when n % 100 = 0 then null else 'completed' end, (case when n % 100 = 0 then 'ongoing' else 'completed' end)::session_status, at
        from generate_series(1, $2::int) n, lateral (select timestamptz '2026-03-01' + n * interval '1 second' as at) t`,
        [CROWD, CROWD_SIZE],
      );
      await client.query("analyze sessions");
    });
  }, 60_000);

  it.each([
    ["the newest", "true", "sessions_by_start"],
    [
      "those after a place",
      "(started_at, id) < ('2026-03-01T10:00:00Z', '01a1fec8-0000-7000-8000-000000000000')",
      "sessions_by_start",
    ],
    ["those of a day", "started_at >= '2026-03-01T05:00:00Z' and started_at < '2026-03-01T06:00:00Z'", "sessions_by_start"],
    ["those of a caller", "caller_id in ('+1555007')", "sessions_by_caller"],
    ["those of a callee", "callee_id in ('+1444007')", "sessions_by_callee"],
    ["those that are under way", "status in ('ongoing')", "sessions_ongoing"],
  ])("%s are read from an index, in its order", async (_, condition, index) => {
    const plan = await planOf(condition);
    expect(plan).toContain(`Backward using ${index} on sessions`);
    expect(plan).not.toContain("Sort");
    expect(await planOf(condition, "asc")).toContain(`Index Scan using ${index} on sessions`);
  });

  it("a page takes some milliseconds", async () => {
    const list = createSessionList(database);
    const query = { filter: {}, order: "newest_first", after: null, limit: 50 } as const;
    const first = await list.page(CROWD, query);
    const startedMs = performance.now();
    const second = await list.page(CROWD, { ...query, after: first[49]! });
    expect(second).toHaveLength(51);
    expect(performance.now() - startedMs).toBeLessThan(500);
  });
});
