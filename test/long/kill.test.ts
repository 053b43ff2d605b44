/** Every process is killed in mid-traffic. What was acknowledged is there afterwards: exactly once, with the plan that was given. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../../local/deadline.ts";
import type { Answer, Json } from "../system/client.ts";
import { EMERGENCY_CALL, type World, startWorld } from "../system/harness.ts";
import { type Load, startLoad } from "../system/load/driver.ts";
import { type Witnessed, witnessAll } from "../system/load/witness.ts";

const CALL_EVERY_MS = 100;
const PAUSE_BETWEEN_REPORTS_MS = 400;
const CALM_MS = 2_500;
const FLUSH_DEADLINE_MS = 30_000;

let world: World;
let load: Load;
/** Emergency calls that were answered, with their plans. */
const emergencies: { readonly id: string; readonly plan: unknown }[] = [];

beforeAll(async () => {
  // Flushed all the time, so that every kill falls into one or close to it.
  world = await startWorld({ vars: { standard: { FLUSH_AGE_MS: "300" }, emergency: { FLUSH_AGE_MS: "300" } } });
});
afterAll(async () => {
  await world.end();
});

const note = (answer: Answer): Answer => {
  if (answer.status === 201) emergencies.push({ id: String(answer.json["id"]), plan: answer.json["plan"] });
  return answer;
};

/** Places emergency calls one after another until `over`, and gives the statuses. */
async function emergencyCallsWhile(over: () => boolean): Promise<readonly number[]> {
  const statuses: number[] = [];
  while (!over()) {
    statuses.push(note(await world.gate.post("/v1/calls", EMERGENCY_CALL, { mayBeUnavailable: true })).status);
    await sleep(20);
  }
  return statuses;
}

async function settles<T>(
  work: Promise<T>,
  meanwhile: (over: () => boolean) => Promise<readonly number[]>,
): Promise<readonly number[]> {
  let over = false;
  const settled = work.finally(() => {
    over = true;
  });
  const [statuses] = await Promise.all([meanwhile(() => over), settled]);
  return statuses;
}

const segmentsOnly = ({ events, sources }: Witnessed): boolean => sources.segments === events;

async function everythingIsThere(): Promise<void> {
  await witnessAll(world.gate, load.sessions);
  for (const { id, plan } of emergencies) {
    const session = await world.gate.get(`/v1/sessions/${id}`);
    expect(session.json).toMatchObject({ id, plan, lane: "emergency" });
    expect((await world.gate.get(`/v1/sessions/${id}/events`)).json["items"]).toHaveLength(4);
  }
}

describe("under load", () => {
  it("[DUR-1] calls go on while Postgres is killed", async () => {
    load = startLoad(world.gate, CALL_EVERY_MS, { pauseMs: PAUSE_BETWEEN_REPORTS_MS });
    await sleep(CALM_MS);
    await world.system.kill("postgres");
    await sleep(500);
    await world.system.startLane("postgres");
    await sleep(500);
    expect(load.sessions.length).toBeGreaterThan(5);
    expect(load.failedAttempts()).toBe(0);
  });

  it("[DUR-2] emergency calls are answered from the moment when the standard lane is killed until it is back", async () => {
    await world.system.kill("standard");
    const statuses = await settles(world.system.startLane("standard"), emergencyCallsWhile);
    expect(statuses.length).toBeGreaterThan(5);
    expect(new Set(statuses)).toEqual(new Set([201]));
    expect(load.failedAttempts()).toBeGreaterThan(0);
    await sleep(CALM_MS);
  });

  it("[DUR-3] the emergency lane comes back by itself when it is killed, and takes calls at once", async () => {
    await world.system.kill("emergency");
    await world.system.startLane("emergency");
    expect(note(await world.gate.post("/v1/calls", EMERGENCY_CALL)).status).toBe(201);
    await sleep(CALM_MS);
  });

  it("[DUR-4] the standard lane survives being killed again while it comes back and flushes", async () => {
    for (let time = 0; time < 2; time++) {
      await world.system.kill("standard");
      await world.system.startLane("standard");
      await sleep(350);
    }
    await load.finish();
    expect(load.requests()).toBeGreaterThan(200);
  });
});

describe("afterwards", () => {
  it("[DUR-5] every acknowledged session has its plan, and every acknowledged report is in its record exactly once", async () => {
    await everythingIsThere();
    expect(emergencies.length).toBeGreaterThan(5);
  });

  it("[DUR-6] the record is the same before and after its events have moved to segments", async () => {
    const fresh = startLoad(world.gate, 20, { pauseMs: 0 });
    await sleep(400);
    await fresh.finish();
    const before = await witnessAll(world.gate, fresh.sessions);
    expect(before.some(({ events, sources }) => sources.segments < events)).toBe(true);
    load.sessions.push(...fresh.sessions);

    const ended = fresh.sessions.filter(({ reports }) => [...reports.values()].includes("ended"));
    expect(ended.length).toBeGreaterThan(5);
    let seen: readonly Witnessed[] = [];
    await until(async () => (seen = await witnessAll(world.gate, ended)).every(segmentsOnly), FLUSH_DEADLINE_MS, 1_000);
    expect(seen.filter((each) => !segmentsOnly(each))).toEqual([]);
  });

  it("[DUR-7] all of it is there after everything was stopped and started again", async () => {
    world = await world.restarted();
    await everythingIsThere();
    const [first] = load.sessions.filter(({ reports }) => !reports.has("ended"));
    const report = { id: "after-the-restart", type: "ringing" };
    expect((await world.gate.post(`/v1/sessions/${first!.id}/events`, report)).json).toMatchObject({ applied: true });
    const repeated = await world.gate.post("/v1/calls", {
      from: "+15550100100",
      to: "+15551230001",
      channel: "api",
      callId: first!.callId,
    });
    expect([repeated.status, repeated.json["id"], repeated.json["plan"]]).toEqual([200, first!.id, first!.plan as Json]);
  });
});
