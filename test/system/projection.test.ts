/** The projection of a started system, with Postgres away, rows that were tampered with and tables made anew. */
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { localOwnerUrl } from "../../local/operator/owner.ts";
import { isClean } from "../../local/verify/verify.ts";
import { placeCalls } from "../proofs/calls.ts";
import { outage } from "../proofs/outage.ts";
import { rebuildOf } from "../proofs/queue.ts";
import { type Stage, operatorOf, verifyAll } from "../proofs/stage.ts";
import { torture } from "../proofs/torture.ts";
import { type World, startWorld } from "./harness.ts";

const START_DEADLINE_MS = 120_000;

let world: World;
let stage: Stage;

beforeAll(async () => {
  const startedMs = Date.now();
  world = await startWorld();
  const { system, stateDir, end } = world;
  stage = { system, stateDir, end, startedMs, lanes: operatorOf(stateDir, system) };
}, START_DEADLINE_MS);

afterAll(async () => {
  await world.end();
});

/** As nobody may who is bound by row-level security. */
async function tamper(...statements: readonly string[]): Promise<void> {
  const url = new URL(localOwnerUrl(stage.stateDir));
  url.username = "postgres";
  url.password = encodeURIComponent(world.secrets.postgres.superuser);
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    for (const statement of statements) expect((await client.query(statement)).rowCount).toBe(1);
  } finally {
    await client.end();
  }
}

const said = async (): Promise<readonly string[]> => (await verifyAll(stage.lanes, stage.startedMs)).lines;

describe("[PRJ-5] with Postgres away", () => {
  it("calls go on, lists say what they miss, and everything catches up [LST-5] [VER-1]", async () => {
    const { calls, lists, caughtUpMs, verified } = await outage(stage, { perSecond: 10, outageMs: 10_000 });
    expect([calls.failures(), calls.placed() > 50]).toEqual([[], true]);
    expect(lists.length).toBeGreaterThan(0);
    for (const list of lists) expect(list).toMatchObject({ status: 200, partial: true, asOf: true });
    expect(caughtUpMs).toBeLessThan(60_000);
    expect([isClean(verified.outcome), verified.lines]).toEqual([true, [expect.stringContaining("no difference")]]);
    expect(verified.outcome.sessions).toBe(calls.placed());
  });
});

describe("[VER-1] what was tampered with in Postgres", () => {
  it("is named, each thing in a line of its own", async () => {
    await tamper(
      "delete from session_events where id = (select id from session_events order by id limit 1)",
      "update session_events set metadata = '{}' where id = (select id from session_events order by id desc limit 1)",
      "update sessions set caller_id = 'somebody' where id = (select id from sessions order by started_at desc limit 1)",
      "delete from sessions where id = (select id from sessions s where (select count(*) from session_events where session_id = s.id) = 7 order by started_at offset 5 limit 1)",
    );
    const lines = await said();
    const kinds = lines.slice(0, -1).map((line) => line.split(":")[0]);
    expect(kinds.filter((kind) => kind === "event_missing")).toHaveLength(8);
    expect(kinds.filter((kind) => kind !== "event_missing").sort()).toEqual(["event_differs", "row_differs", "row_missing"]);
    expect(lines.find((line) => line.startsWith("row_differs"))).toContain(
      'sessions.caller_id is "somebody", not "+15550100100"',
    );
    expect(lines.at(-1)).toContain("11 differences, 0 lagging");
  });
});

describe("[VER-2] the tables made anew", () => {
  it("have everything, also what came in meanwhile", async () => {
    const meanwhile = placeCalls(
      { url: stage.system.gateUrl, key: stage.system.apiKeys.demo },
      { perSecond: 10, pauseMs: 100 },
    );
    await sleep(1_000);
    const rebuilt = await rebuildOf(stage);
    await meanwhile.finish();
    expect([rebuilt.events > 300, rebuilt.leftOut, rebuilt.unreadable, meanwhile.failures()]).toEqual([true, 0, [], []]);
    expect(await said()).toEqual([expect.stringContaining("no difference")]);
  });
});

describe("[LIVE-2] clients whose lines are cut while a lane is killed", () => {
  it("see every event once and in order, and viewers of the feed what the list has [FEED-2] [VER-1]", async () => {
    const { kills, cuts, received, faults, viewerFaults, verified } = await torture(stage, {
      clients: 32,
      sessions: 8,
      durationMs: 7_000,
    });
    expect([kills > 0, cuts > 10, received > 0]).toEqual([true, true, true]);
    expect([faults, viewerFaults]).toEqual([[], []]);
    expect(verified.lines).toEqual([expect.stringContaining("no difference")]);
  });
});

describe("[VER-1] what an operator asks", () => {
  it("is told to nobody without the configuration key", async () => {
    for (const client of [world.gate, world.standard]) {
      for (const path of ["lag", "tenants", "events?fromMs=0&toMs=1", "rows?tenant=demo&fromMs=0&toMs=1"])
        expect((await client.get(`/internal/verify/${path}`)).status).toBe(404);
      expect((await client.post("/internal/verify/sessions", { ids: [] })).status).toBe(404);
      expect((await client.post("/internal/projection/replay", { fromMs: 0, toMs: 1 })).status).toBe(404);
    }
  });
});
