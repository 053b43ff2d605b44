/** Figures over projected sessions, by the real Postgres. */
import fc from "fast-check";
import { PgDialect } from "drizzle-orm/pg-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Database, connect } from "../../adapters/postgres/client.ts";
import { createFiguresReader, figuresStatement } from "../../adapters/postgres/sessions/figures.ts";
import { createProjectionStore } from "../../adapters/postgres/sessions/project.ts";
import { DatabaseUnavailable } from "../../adapters/postgres/unavailable.ts";
import { DIRECTIONS } from "../../domain/call/call.ts";
import { type Failure, type Figure, type FiguresQuery, GROUPINGS, MAX_GROUPS } from "../../domain/sessions/figures.ts";
import { countryOf } from "../../domain/numbers/country.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { isTerminal } from "../../domain/call/state.ts";
import { viewOf } from "../../durable-objects/call-session/view.ts";
import { fillSessions } from "../../bench/api/session-rows.ts";
import { applyMigrations } from "../../local/migrate.ts";
import { type Timeline, timeline } from "../domain/sessions/timelines.ts";
import { startTestDatabase, type TestDatabase, withClient } from "./fixture.ts";
import { KEYS } from "./keys.ts";

const LEFT = "left" as TenantId;
const CROWD = "crowd" as TenantId;
const FROM_MS = Date.parse("2026-03-01T12:00:00.000Z");
const HOUR_MS = 3_600_000;
const QUERY: FiguresQuery = {
  fromMs: FROM_MS,
  toMs: FROM_MS + HOUR_MS,
  bucketMs: HOUR_MS,
  by: "none",
  lane: null,
  direction: null,
};

let server: TestDatabase;
let database: Database;
let all: readonly Timeline[];

beforeAll(async () => {
  server = await startTestDatabase();
  await applyMigrations(server.ownerUrl);
  database = connect(server.appUrl, server.endpoint);
  const lives = fc.sample(timeline([LEFT, LEFT, LEFT, "right" as TenantId]), { numRuns: 250, seed: 21 });
  // In tests the same time brings the same random bytes: two sessions may come to the same event id, which none does elsewhere.
  const seen = new Set<string>();
  const sample = lives.filter(({ events, summary }) => {
    const ids = [summary.id, ...events.map(({ id }) => id)];
    const isNew = !ids.some((id) => seen.has(id));
    for (const id of ids) seen.add(id);
    return isNew;
  });
  all = sample.filter(({ summary }) => summary.tenant === LEFT);
  await createProjectionStore(database, KEYS).project(
    sample.flatMap(({ events }) => events),
    null,
  );
}, 120_000);
afterAll(() => server.stop());

const groupOf = ({ summary }: Timeline, by: FiguresQuery["by"]): string | null => {
  const { trunk, destination, ruleId, callee } = summary;
  return { trunk, destination, rule: ruleId, country: countryOf(callee ?? ""), none: null }[by];
};

/** Nearest rank. */
const percentile = (sorted: readonly number[], p: number): number => sorted[Math.ceil(p * sorted.length) - 1]!;

function countedFailures(calls: readonly Timeline[]): Failure[] {
  const failed = calls.filter(({ summary }) => summary.phase === "failed");
  const counts = new Map<string, number>();
  for (const { commits, summary } of failed) {
    const { disposition } = viewOf(commits.at(-1)!.row).state;
    const key = JSON.stringify([disposition, summary.endCode]);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const list = [...counts].map(([key, count]) => {
    const [disposition, sipCode] = JSON.parse(key) as [string | null, number | null];
    return { disposition, sipCode, count };
  });
  const order = (a: Failure) => `${a.disposition ?? "~"} ${String(a.sipCode ?? 9_999).padStart(5, "0")}`;
  return list.toSorted((a, b) => b.count - a.count || (order(a) < order(b) ? -1 : 1));
}

/** The slow way, with what sessions themselves say of their times. */
function naive(query: FiguresQuery): Figure[] {
  const wanted = all.filter(({ summary: { openedMs, recorded, callee, lane, direction } }) => {
    const isAsked = (query.lane ?? lane) === lane && (query.direction ?? direction) === direction;
    return !recorded && callee !== null && isAsked && openedMs >= query.fromMs && openedMs < query.toMs;
  });
  const bucketOf = ({ summary }: Timeline) => Math.floor(summary.openedMs / query.bucketMs) * query.bucketMs;
  const size = (group: string | null) => wanted.filter((call) => groupOf(call, query.by) === group).length;
  const groups = [...new Set(wanted.map((call) => groupOf(call, query.by)))].toSorted((a, b) => size(b) - size(a));
  const buckets = [...new Set(wanted.map(bucketOf))].toSorted((a, b) => a - b);
  return buckets.flatMap((startMs) =>
    groups.flatMap((group) => {
      const calls = wanted.filter((call) => bucketOf(call) === startMs && groupOf(call, query.by) === group);
      if (calls.length === 0) return [];
      const states = calls.map(({ commits }) => viewOf(commits.at(-1)!.row).state);
      const talks = states.flatMap(({ answeredAtMs, endedAtMs }) =>
        answeredAtMs === null || endedAtMs === null ? [] : [Math.max(0, endedAtMs - answeredAtMs)],
      );
      const delays = calls
        .flatMap(({ summary: { openedMs, ringingMs, answeredMs } }) => {
          const atMs = ringingMs ?? answeredMs;
          return atMs === null ? [] : [Math.max(0, atMs - openedMs)];
        })
        .toSorted((a, b) => a - b);
      const seized = calls.filter(({ summary }) => summary.answeredMs !== null || isTerminal(summary.phase));
      return [
        {
          startMs,
          group,
          others: false,
          sessions: calls.length,
          seizures: seized.length,
          answered: calls.filter(({ summary }) => summary.answeredMs !== null).length,
          talkMs: talks.length === 0 ? null : talks.reduce((sum, ms) => sum + ms, 0) / talks.length,
          postDialDelayMs:
            delays.length === 0 ? null : [percentile(delays, 0.5), percentile(delays, 0.95), percentile(delays, 0.99)],
          failures: countedFailures(calls),
        },
      ];
    }),
  );
}

const byGroup = (figures: readonly Figure[]): Figure[] =>
  figures
    .map((figure) => ({ ...figure, talkMs: figure.talkMs === null ? null : Math.round(figure.talkMs * 1000) / 1000 }))
    .toSorted((a, b) => a.startMs - b.startMs || String(a.group).localeCompare(String(b.group)));

describe("[VCON-3] figures over sessions", () => {
  it("are what a count one by one gives, by every grouping, lane, direction, bucket and period", async () => {
    const lane = fc.constantFrom(null, null, "standard" as const, "emergency" as const);
    const queries = fc.record({
      fromMs: fc.integer({ min: FROM_MS - 100_000, max: FROM_MS + 500_000 }),
      toMs: fc.integer({ min: FROM_MS + 500_001, max: FROM_MS + HOUR_MS }),
      bucketMs: fc.constantFrom(60_000, HOUR_MS, 24 * HOUR_MS),
      by: fc.constantFrom(...GROUPINGS),
      lane,
      direction: fc.constantFrom(null, null, ...DIRECTIONS),
    });
    const read = createFiguresReader(database);
    let failures = 0;
    await fc.assert(
      fc.asyncProperty(queries, async (query) => {
        const figures = await read(LEFT, query);
        expect(byGroup(figures)).toEqual(byGroup(naive(query)));
        failures += figures.flatMap((figure) => figure.failures).length;
      }),
      { numRuns: 60 },
    );
    expect(failures).toBeGreaterThan(50);
    const [whole] = await read(LEFT, QUERY);
    expect(whole!.sessions).toBeGreaterThan(100);
    expect(whole!.answered).toBeGreaterThan(20);
  });

  it("are of one's own tenant alone", async () => {
    expect(await createFiguresReader(database)("nobody" as TenantId, QUERY)).toEqual([]);
  });
});

describe("[VCON-3] figures over many sessions", () => {
  const DAY_MS = 24 * HOUR_MS;
  const day: FiguresQuery = { ...QUERY, fromMs: Date.parse("2026-03-01T00:00:00Z"), toMs: Date.parse("2026-03-02T00:00:00Z") };

  beforeAll(async () => {
    await withClient(server.superuserUrl, async (client) => {
      // Of 101 rules.
      await fillSessions(client, [{ tenant: CROWD, sessions: 20_000 }]);
    });
  }, 120_000);

  it("show the largest groups, and the others together", async () => {
    const figures = await createFiguresReader(database)(CROWD, { ...day, bucketMs: DAY_MS, by: "rule" });
    expect(figures).toHaveLength(MAX_GROUPS + 1);
    expect(figures.filter(({ others }) => others)).toEqual([figures.at(-1)]);
    expect(figures.reduce((sum, { sessions }) => sum + sessions, 0)).toBe((await total()).sessions);
  });

  const total = async () => (await createFiguresReader(database)(CROWD, { ...day, bucketMs: DAY_MS }))[0]!;

  it("read the period by an index, as the role of the Workers, in time", async () => {
    const { sql, params } = new PgDialect().sqlToQuery(
      figuresStatement(CROWD, { ...day, toMs: day.fromMs + HOUR_MS, by: "trunk" }),
    );
    const plan = await withClient(server.appUrl, async (client) => {
      await client.query("begin");
      await client.query("select set_config('trunkline.tenants', $1, true)", [CROWD]);
      const { rows } = await client.query(`explain ${sql}`, params);
      await client.query("rollback");
      return rows.map((row) => String(row["QUERY PLAN"])).join("\n");
    });
    expect(plan).toMatch(/using sessions_by_\w+ on sessions|on sessions_by_\w+/);
    expect(plan).not.toContain("Seq Scan on sessions");
  });

  it("are refused as unavailable while Postgres is away", async () => {
    await server.kill();
    await expect(createFiguresReader(database)(CROWD, day)).rejects.toBeInstanceOf(DatabaseUnavailable);
  });
});
