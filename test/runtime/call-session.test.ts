import { describe, expect, it } from "vitest";
import { HANDOVER_MS, SETUP_SILENCE_MS } from "../../domain/call/timers.ts";
import { MAX_EVENTS_PER_SESSION } from "../../durable-objects/call-session/record.ts";
import { MovableClock, sleep } from "./fixture/clock.ts";
import { LogUnderTest } from "./fixture/log.ts";
import { ROUTED, SessionUnderTest, tenantId, typesOf } from "./fixture/session.ts";

/** Counts what is billed: rows put, and alarms set. */
async function countWrites(session: SessionUnderTest): Promise<{ rows: number; alarms: number }> {
  const written = { rows: 0, alarms: 0 };
  await session.inside((instance, state) => {
    const counted = (target: object, name: string, note: () => void): object =>
      new Proxy(target, {
        get(from, key) {
          const value: unknown = Reflect.get(from, key, from);
          if (typeof value !== "function") return value;
          return (...rest: unknown[]) => {
            if (key === name) note();
            return Reflect.apply(value, from, rest) as unknown;
          };
        },
      });
    const kv = counted(state.storage.kv, "put", () => (written.rows += 1));
    const storage = counted(state.storage, "setAlarm", () => (written.alarms += 1));
    const withKv = new Proxy(storage, { get: (from, key) => (key === "kv" ? kv : (Reflect.get(from, key) as unknown)) });
    const ctx = { storage: withKv, waitUntil: (work: Promise<unknown>) => state.waitUntil(work), id: state.id };
    Object.assign(instance, { ctx });
  });
  return written;
}

const keysOf = (session: SessionUnderTest) => session.inside((_, { storage }) => [...storage.kv.list()].map(([key]) => key));

describe("opening a session", () => {
  it("[DUR-8] is on disk before it is answered: a process that dies right after has the session", async () => {
    const session = new SessionUnderTest();
    const opened = await session.open();
    await session.kill();
    expect(opened.created).toBe(true);
    expect(await session.view()).toMatchObject({ announced: true, plan: ROUTED, sequence: 3 });
    expect(typesOf(await session.ownEvents())).toEqual(["call.received", "call.routed", "session.opened"]);
  });

  it("[DUR-8] believes storage after an eviction, not memory", async () => {
    const session = new SessionUnderTest();
    await session.open();
    await session.report("ringing");
    await session.evict();
    expect((await session.view()).state.phase).toBe("ringing");
  });

  it("[CALL-15] twice gives the same session, and the plan that it was opened with", async () => {
    const session = new SessionUnderTest();
    const first = await session.open({}, "digest");
    const again = await session.open({}, "digest", { ...ROUTED, ruleId: "another" });
    expect(first.created).toBe(true);
    expect(again).toMatchObject({ created: false, sameRequest: true, view: { plan: ROUTED, sequence: 3 } });
    await session.evict();
    expect((await session.open({}, "digest")).created).toBe(false);
    expect((await session.ownEvents()).length).toBe(3);
  });

  it("[CALL-15] tells another request under the same key from a repetition", async () => {
    const session = new SessionUnderTest();
    await session.open({}, "digest");
    expect(await session.open({}, "another digest")).toMatchObject({ created: false, sameRequest: false });
  });

  it("[CALL-15] at the same moment from two sides opens it once", async () => {
    const session = new SessionUnderTest();
    const both = await Promise.all([session.open(), session.open()]);
    expect(both.map(({ created }) => created).sort()).toEqual([false, true]);
    expect((await session.ownEvents()).length).toBe(3);
  });

  it("[SESS-4] ends at once when the call is refused, and says how", async () => {
    const session = new SessionUnderTest();
    await session.open({}, null, {
      action: "reject",
      executor: "peer",
      decidedBy: "no_route",
      ruleId: null,
      candidates: [],
      snapshotVersion: "v1",
      destinations: [],
      reject: { sipCode: 404, reason: "No route" },
    });
    expect((await session.view()).state).toMatchObject({ phase: "failed", disposition: "rejected", endCode: 404 });
  });
});

describe("reports", () => {
  it("[SESS-3] before the call is announced are kept, and the announcement finds them", async () => {
    const session = new SessionUnderTest();
    expect(await session.report("ringing", {}, true)).toMatchObject({
      tag: "taken",
      applied: true,
      view: { announced: false },
    });
    await session.evict();
    expect(await session.open()).toMatchObject({ created: true, state: { phase: "ringing" } });
    expect(await session.view()).toMatchObject({ announced: true });
    expect(typesOf(await session.ownEvents())).toEqual(["call.ringing", "call.received", "call.routed", "session.opened"]);
  });

  it("[SESS-3] on a call that nobody knows are not taken where the caller must know the call", async () => {
    const session = new SessionUnderTest();
    expect(await session.report("ringing")).toEqual({ tag: "unknown" });
    expect(await keysOf(session)).toEqual([]);
  });

  it("[SESS-17] of another tenant change nothing and learn nothing", async () => {
    const session = new SessionUnderTest();
    await session.open();
    const stranger = new SessionUnderTest(tenantId("other"), session.id);
    expect(await stranger.report("ended", {}, true)).toEqual({ tag: "unknown" });
    expect((await session.view()).state.phase).toBe("initiating");
  });

  it("[CALL-4] in any order and repeated come to the same end, which stands once", async () => {
    const atMs = Date.now();
    const reports = [
      ["started", { atMs }],
      ["ringing", { atMs: atMs + 10 }],
      ["failover", { atMs: atMs + 20, routeIndex: 0, sipCode: 503 }],
      ["answered", { atMs: atMs + 30 }],
      ["ended", { atMs: atMs + 40 }],
    ] as const;
    const ends = [];
    for (const order of [reports, [...reports].reverse(), [...reports, ...reports]]) {
      const session = new SessionUnderTest();
      await session.open();
      for (const [type, changes] of order) await session.report(type, changes);
      ends.push((await session.view()).state);
      expect(typesOf(await session.ownEvents()).filter((type) => type.startsWith("session."))).toEqual([
        "session.opened",
        "session.completed",
      ]);
    }
    expect(ends[1]).toEqual(ends[0]);
    expect(ends[2]).toEqual(ends[0]);
    expect(ends[0]).toMatchObject({
      phase: "completed",
      disposition: "answered",
      failovers: [{ routeIndex: 0, sipCode: 503 }],
    });
  });

  it("[CALL-4] with an id of their own are known again by it", async () => {
    const session = new SessionUnderTest();
    await session.open();
    expect(await session.report("ringing", { reportId: "r1" })).toMatchObject({ applied: true });
    await session.evict();
    expect(await session.report("ringing", { reportId: "r1", atMs: Date.now() + 5 })).toMatchObject({ applied: false });
    expect(typesOf(await session.ownEvents()).filter((type) => type === "call.ringing")).toHaveLength(1);
  });

  it("[SESS-5] that come after the end are recorded as not applied", async () => {
    const session = new SessionUnderTest();
    await session.open();
    await session.report("failed", { sipCode: 486 });
    expect(await session.report("cancelled")).toMatchObject({
      tag: "taken",
      applied: false,
      view: { state: { phase: "failed" } },
    });
    const late = (await session.ownEvents()).find(({ type }) => type.includes("cancelled"));
    expect(late?.data).toMatchObject({ applied: false });
  });
});

describe("what a call costs", () => {
  it("[SESS-18] one row per commit, an alarm at the opening and one at the end", async () => {
    const session = new SessionUnderTest();
    const written = await countWrites(session);
    await session.open();
    expect(written).toEqual({ rows: 1, alarms: 1 });
    for (const type of ["started", "ringing", "answered"] as const) await session.report(type);
    expect(written).toEqual({ rows: 4, alarms: 1 });
    await session.report("answered", { atMs: Date.now() + 7 });
    expect(written).toEqual({ rows: 4, alarms: 1 });
    await session.report("ended");
    await expect.poll(() => written).toEqual({ rows: 5, alarms: 2 });
    expect(await keysOf(session)).toEqual(["session"]);
  });

  it("[SESS-18] two alarms more where it lasts longer than a session waits for the log: for that look, and at its end", async () => {
    const session = new SessionUnderTest();
    const clock = new MovableClock();
    await session.setClock(clock.nowMs);
    const written = await countWrites(session);
    await session.open();
    await session.report("answered");
    clock.move(HANDOVER_MS);
    await session.fireAlarm();
    expect(written).toEqual({ rows: 2, alarms: 2 });
    clock.move(150_000);
    await session.report("ended");
    await expect.poll(() => written).toEqual({ rows: 3, alarms: 4 });
  });

  it("[CALL-12] the alarm stands where silence would end the call, once the log has everything", async () => {
    const session = new SessionUnderTest();
    const clock = new MovableClock();
    await session.setClock(clock.nowMs);
    await session.open();
    const { newsMs } = await session.view();
    expect(await session.alarmAt()).toBeLessThanOrEqual(clock.nowMs() + HANDOVER_MS);
    clock.move(HANDOVER_MS);
    await session.fireAlarm();
    expect(await session.alarmAt()).toBe(newsMs + SETUP_SILENCE_MS);
  });
});

describe("a call with very many events", () => {
  it("[SESS-6] keeps its row small and loses none of them", async () => {
    const session = new SessionUnderTest();
    await new LogUnderTest(session.identity.log.name).hold();
    await session.open();
    const atMs = Date.now();
    let largest = 0;
    for (let i = 0; i < 200; i++) {
      await session.report("ringing", { atMs: atMs + i });
      // Requests from this same thread leave it no time for timers, and the log commits by timer.
      if (i % 10 === 0) await sleep(20);
      largest = Math.max(largest, (await session.ownEvents()).length);
    }
    await session.report("ended", { atMs: atMs + 1_000 });
    const { sequence } = await session.view();
    expect(sequence).toBe(3 + 200 + 2);
    // 64 recent ones, 32 that may be unconfirmed, and those of one round trip to the log.
    expect(largest).toBeLessThanOrEqual(64 + 32 + 20);
    await expect.poll(async () => (await session.logged()).length).toBe(sequence);
  });

  it("[SESS-6] still ends when a peer that reported in a loop reports the end", async () => {
    const session = new SessionUnderTest();
    await session.setLog(async () => "durable");
    await session.open();
    await session.inside((_, { storage }) => {
      const row = JSON.parse(storage.kv.get<string>("session")!) as { sequence: number; forwarded: number };
      storage.kv.put(
        "session",
        JSON.stringify({ ...row, sequence: MAX_EVENTS_PER_SESSION, forwarded: MAX_EVENTS_PER_SESSION }),
      );
    });
    await session.evict();
    expect(await session.report("ringing")).toMatchObject({ tag: "taken", applied: false });
    expect(await session.report("ended")).toMatchObject({
      tag: "taken",
      applied: true,
      view: { state: { phase: "completed" } },
    });
  });
});
