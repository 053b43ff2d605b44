import { runDurableObjectAlarm } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { ACTIVE_SILENCE_MS, RETENTION_MS, SETUP_SILENCE_MS } from "../../domain/call/timers.ts";
import type { CloudEvent } from "../../domain/events/event.ts";
import type { AppendOutcome } from "../../durable-objects/event-log/event-log.ts";
import { HOUR_MS, MovableClock, until } from "./fixture/clock.ts";
import { SessionUnderTest, typesOf } from "./fixture/session.ts";

/** A session that has ended, and whose events the log has. */
async function endedSession(): Promise<SessionUnderTest> {
  const session = new SessionUnderTest();
  await session.open();
  await session.report("answered");
  await session.report("ended");
  await until(async () => (await session.alarmAt())! > Date.now() + HOUR_MS, "the log's confirmation");
  return session;
}

async function archivedSession(): Promise<SessionUnderTest> {
  const session = await endedSession();
  expect(await session.fireAlarm()).toBe(true);
  expect((await session.view()).archived).toBe(true);
  return session;
}

const never = (): Promise<AppendOutcome> => new Promise(() => {});

describe("silence", () => {
  it("[SESS-8] ends a call that was never answered, once, and the alarm that did it does not come back", async () => {
    const session = new SessionUnderTest();
    const clock = new MovableClock();
    await session.setClock(clock.nowMs);
    await session.open();
    clock.move(SETUP_SILENCE_MS + 1);
    expect(await runDurableObjectAlarm(session.stub)).toBe(true);
    expect((await session.view()).state).toMatchObject({ phase: "failed", disposition: "timeout" });
    await until(async () => (await session.logged()).length === 4, "the end in the log");
    expect(typesOf(await session.logged())).toEqual(["call.received", "call.routed", "session.opened", "session.failed"]);
    await until(
      async () => ((await session.alarmAt()) ?? 0) > clock.nowMs() + RETENTION_MS - HOUR_MS,
      "the alarm for the archive",
    );
    expect(await session.fireAlarm()).toBe(true);
    expect(await session.fireAlarm()).toBe(false);
    expect(await session.view()).toMatchObject({ archived: true, sequence: 4 });
  });

  it("[SESS-8] leaves an answered call its hours, and ends it as answered", async () => {
    const session = new SessionUnderTest();
    const clock = new MovableClock();
    await session.setClock(clock.nowMs);
    await session.open();
    await session.report("answered");
    clock.move(SETUP_SILENCE_MS + 1);
    expect(await session.fireAlarm()).toBe(true);
    expect((await session.view()).state.phase).toBe("active");
    clock.move(ACTIVE_SILENCE_MS);
    expect(await session.fireAlarm()).toBe(true);
    expect((await session.view()).state).toMatchObject({ phase: "completed", disposition: "answered" });
  });

  it("[SESS-8] is broken by a report: the alarm looks again later", async () => {
    const session = new SessionUnderTest();
    const clock = new MovableClock();
    await session.setClock(clock.nowMs);
    await session.open();
    clock.move(SETUP_SILENCE_MS - 1_000);
    await session.report("ringing");
    clock.move(2_000);
    expect(await session.fireAlarm()).toBe(true);
    expect((await session.view()).state.phase).toBe("ringing");
    expect(await session.alarmAt()).toBeGreaterThan(clock.nowMs());
  });

  it("[DUR-9] an end by silence is in the log even when the process dies before the log has answered", async () => {
    const session = new SessionUnderTest();
    const clock = new MovableClock();
    await session.setClock(clock.nowMs);
    await session.open();
    await session.setLog(never);
    clock.move(SETUP_SILENCE_MS + 1);
    expect(await session.fireAlarm()).toBe(true);
    await session.kill();
    expect((await session.view()).state.phase).toBe("failed");
    expect(await session.alarmAt(), "an alarm that offers the events again").not.toBeNull();
    expect(await session.fireAlarm()).toBe(true);
    expect(typesOf(await session.logged())).toContain("session.failed");
  });
});

describe("the end", () => {
  it("[SESS-19] takes every event to the log, and the alarm stands at the archive time", async () => {
    const before = Date.now();
    const session = await endedSession();
    expect(typesOf(await session.logged())).toEqual([
      "call.received",
      "call.routed",
      "session.opened",
      "call.answered",
      "call.ended",
      "session.completed",
    ]);
    const archiveMs = (await session.alarmAt())!;
    expect(archiveMs).toBeGreaterThanOrEqual(before + RETENTION_MS);
    expect(archiveMs).toBeLessThanOrEqual(Date.now() + RETENTION_MS);
  });

  it("[DUR-9] reaches the log by the alarm when the process dies between commit and forward", async () => {
    const session = new SessionUnderTest();
    await session.setLog(never);
    await session.open();
    await session.report("failed", { sipCode: 503 });
    await session.kill();
    expect(await session.logged()).toEqual([]);
    expect(await session.fireAlarm()).toBe(true);
    expect(typesOf(await session.logged())).toContain("session.failed");
    expect(await session.alarmAt()).toBeGreaterThan(Date.now() + HOUR_MS);
  });

  it("[DUR-9] is offered again when the log never answers the first time", async () => {
    const session = new SessionUnderTest();
    await session.setLog(never);
    await session.open();
    await session.report("ended");
    expect(await session.fireAlarm()).toBe(true);
    expect(await session.alarmAt(), "an alarm that offers the events again").not.toBeNull();
  });

  for (const [name, refuse] of [
    ["refuses", async (): Promise<AppendOutcome> => "overloaded"],
    ["fails", (): Promise<AppendOutcome> => Promise.reject(new Error("the log is away"))],
  ] as const) {
    it(`[SESS-20] is offered again, at growing distances, to a log that ${name}`, async () => {
      const session = new SessionUnderTest();
      await session.setLog(refuse);
      await session.open();
      await session.report("ended");
      const waits: number[] = [];
      for (let i = 0; i < 4; i++) {
        await until(async () => {
          const alarmMs = await session.alarmAt();
          return alarmMs !== null && alarmMs < Date.now() + 4 * 60_000;
        }, "a retry");
        waits.push((await session.alarmAt())! - Date.now());
        await session.fireAlarm();
      }
      expect(waits[3]).toBeGreaterThan(waits[0]! * 2);
      await session.useRealLog();
      await session.fireAlarm();
      expect(typesOf(await session.logged())).toContain("session.completed");
      expect(await session.alarmAt()).toBeGreaterThan(Date.now() + HOUR_MS);
    });
  }

  it("[SESS-5] is followed to the log by reports that come after it", async () => {
    const session = await endedSession();
    await session.report("cancelled");
    await until(async () => typesOf(await session.logged()).includes("call.cancelled"), "the late report in the log");
    await expect.poll(() => session.alarmAt()).toBeGreaterThan(Date.now() + HOUR_MS);
  });
});

describe("the archive", () => {
  it("[SESS-21] keeps how the call ended and gives up the call's data", async () => {
    const session = await endedSession();
    const before = await session.view();
    await session.fireAlarm();
    await session.evict();
    const after = await session.view();
    expect(after).toMatchObject({ archived: true, announced: true, call: null, plan: null, state: before.state });
    expect(await session.alarmAt()).toBeNull();
    const row = await session.inside((_, { storage }) => storage.kv.get<string>("session"));
    expect(row).not.toContain("+1555");
    expect(row!.length).toBeLessThan(1_000);
  });

  it("[SESS-21] does not happen before the log has everything", async () => {
    const session = await endedSession();
    const archiveMs = (await session.alarmAt())!;
    await session.setLog(async () => "overloaded");
    await session.setClock(() => archiveMs + HOUR_MS);
    await session.report("cancelled");
    await session.fireAlarm();
    expect((await session.view()).archived).toBe(false);
  });

  it("[SESS-21] happens by the platform's own alarm, when its time has come", async () => {
    const session = new SessionUnderTest();
    const endMs = Date.now() - RETENTION_MS + 500;
    await session.setClock(() => endMs);
    await session.open();
    await session.report("ended");
    await until(async () => (await session.view()).archived, "the archive", 3_000);
    expect(typesOf(await session.logged())).toContain("session.completed");
  });

  it("[SESS-21] is reached also when the log's confirmation comes after the archive time", async () => {
    const session = new SessionUnderTest();
    const clock = new MovableClock();
    await session.setClock(clock.nowMs);
    await session.setLog(async () => "overloaded");
    await session.open();
    await session.report("ended");
    clock.move(RETENTION_MS + HOUR_MS);
    let offers = 0;
    await session.setLog(async () => {
      offers += 1;
      return "durable";
    });
    expect(await session.fireAlarm()).toBe(true);
    await until(async () => (await session.view()).archived, "the archive");
    expect(offers, "offers of the same events").toBe(1);
    await session.inside((_, { storage }) => storage.deleteAlarm());
  });

  it("[SESS-22] takes late reports into the log as not applied, and wakes nothing up", async () => {
    const session = await archivedSession();
    expect(await session.report("ringing")).toMatchObject({ tag: "taken", applied: false, view: { archived: true } });
    const late = (await session.logged()).at(-1);
    expect(late).toMatchObject({ type: "dev.trunkline.call.ringing.v1", data: { applied: false } });
    expect(await session.view()).toMatchObject({ archived: true, call: null });
    expect(await session.open()).toMatchObject({ created: false, view: { archived: true } });
    expect(await session.alarmAt()).toBeNull();
  });

  it("[SESS-22] loses none of several late reports that come at once", async () => {
    const session = await archivedSession();
    const before = (await session.logged()).length;
    await Promise.all([session.report("ringing", { reportId: "a" }), session.report("ringing", { reportId: "b" })]);
    const late: CloudEvent[] = (await session.logged()).slice(before);
    expect(late.map(({ data }) => data["reportId"]).sort()).toEqual(["a", "b"]);
  });

  it("[SESS-22] does not acknowledge a late report that the log has refused, and offers it again by itself, once", async () => {
    const session = await archivedSession();
    await session.setLog(async () => "overloaded");
    expect(await session.report("ringing", { reportId: "late" })).toEqual({ tag: "unavailable" });
    expect(await session.report("ringing", { reportId: "late" })).toEqual({ tag: "unavailable" });
    await session.kill();
    expect(await session.fireAlarm()).toBe(true);
    const lateOnes = async () => (await session.logged()).filter(({ data }) => data["reportId"] === "late");
    expect(await lateOnes()).toHaveLength(1);
    expect(await session.report("ringing", { reportId: "late" })).toMatchObject({ tag: "taken", applied: false });
    expect(await lateOnes()).toHaveLength(1);
    expect(await session.alarmAt()).toBeNull();
  });
});
