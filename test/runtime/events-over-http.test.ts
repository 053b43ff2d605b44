import { beforeAll, describe, expect, it } from "vitest";
import { HOUR_MS, MovableClock, sleep, until } from "./fixture/clock.ts";
import { type Answer, ask, itemsOf } from "./fixture/http.ts";
import { LogUnderTest } from "./fixture/log.ts";
import { SessionUnderTest, typesOf } from "./fixture/session.ts";
import { type TestTenant, publishedTenant } from "./fixture/tenant.ts";

const WHOLE_CALL = [
  "call.received",
  "call.routed",
  "session.opened",
  "call.ringing",
  "call.answered",
  "call.ended",
  "session.completed",
];

let tenant: TestTenant;
beforeAll(async () => {
  tenant = await publishedTenant();
});

const events = (session: SessionUnderTest): Promise<Answer> =>
  ask(`/v1/sessions/${session.id}/events`, { key: tenant.key("viewer") });

/** A call that has ended, whose shard flushes when the test says so. */
async function endedCall(): Promise<{ session: SessionUnderTest; log: LogUnderTest }> {
  const session = new SessionUnderTest(tenant.id);
  const log = new LogUnderTest(session.identity.log.name);
  await log.hold();
  await session.open();
  for (const type of ["ringing", "answered", "ended"] as const) await session.report(type);
  await until(async () => (await session.alarmAt())! > Date.now() + HOUR_MS, "the log's confirmation");
  return { session, log };
}

async function expectWholeCall(session: SessionUnderTest): Promise<Answer> {
  const answer = await events(session);
  expect(answer.status).toBe(200);
  expect(typesOf(itemsOf(answer))).toEqual(WHOLE_CALL);
  return answer;
}

describe("GET /v1/sessions/{id}/events", () => {
  it("[EVT-11] reads its own writes while the call lives", async () => {
    const session = new SessionUnderTest(tenant.id);
    await session.open();
    expect(typesOf(itemsOf(await events(session)))).toEqual(WHOLE_CALL.slice(0, 3));
    await session.report("ringing");
    expect(typesOf(itemsOf(await events(session)))).toEqual(WHOLE_CALL.slice(0, 4));
  });

  it("[EVT-11] gives every event exactly once before, during and after a flush, and after the archive", async () => {
    const { session, log } = await endedCall();
    const before = await expectWholeCall(session);
    for (const point of ["event-log.before-manifest", "event-log.before-release"] as const) {
      await log.breakAt(point);
      expect(await log.flush()).toBe(false);
      expect(itemsOf(await expectWholeCall(session))).toEqual(itemsOf(before));
    }
    await log.kill();
    expect(itemsOf(await expectWholeCall(session))).toEqual(itemsOf(before));
    await log.hold();
    expect(await log.flush()).toBe(true);
    const after = await expectWholeCall(session);
    expect(after.headers.get("Trunkline-Sources")).toContain("segments=7");
    await session.fireAlarm();
    await session.evict();
    const archived = await expectWholeCall(session);
    expect(itemsOf(archived)).toEqual(itemsOf(before));
    expect(archived.headers.get("Trunkline-Sources")).toBe("object=0, log=0, segments=7");
  });

  it("[EVT-11] gives an archived call's events from the log where they are not flushed", async () => {
    const { session } = await endedCall();
    await session.fireAlarm();
    const answer = await expectWholeCall(session);
    expect(answer.headers.get("Trunkline-Sources")).toBe("object=0, log=7, segments=0");
  });

  it("[EVT-11] gives a report that came days after the archive, before and after its flush", async () => {
    const { session, log } = await endedCall();
    await session.fireAlarm();
    expect(await log.flush()).toBe(true);
    const lateMs = Date.now() + 30 * 24 * HOUR_MS;
    await session.setClock(() => lateMs);
    await session.report("ringing", { atMs: lateMs });
    const whole = [...WHOLE_CALL, "call.ringing"];
    expect(typesOf(itemsOf(await events(session)))).toEqual(whole);
    expect(await log.flush()).toBe(true);
    expect(typesOf(itemsOf(await events(session)))).toEqual(whole);
  });

  it("[EVT-11] gives every event of a long call that has let go of most of them, once", async () => {
    const session = new SessionUnderTest(tenant.id);
    const log = new LogUnderTest(session.identity.log.name);
    await log.hold();
    const clock = new MovableClock();
    await session.setClock(clock.nowMs);
    await session.open();
    for (let hour = 0; hour < 3; hour++) {
      for (let i = 0; i < 60; i++) {
        await session.report("ringing", { atMs: clock.nowMs() + i });
        if (i % 10 === 0) await sleep(15);
      }
      if (hour < 2) await log.flush();
      clock.move(HOUR_MS);
    }
    expect((await session.ownEvents()).length).toBeLessThan(150);
    const items = itemsOf(await events(session));
    expect(items.map(({ sequence }) => Number(sequence)).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 183 }, (_, index) => index + 1),
    );
  });

  it("[EVT-11] gives the events of a call whose process was killed, wherever it was", async () => {
    const { session, log } = await endedCall();
    await Promise.all([session.kill(), log.kill()]);
    await expectWholeCall(session);
  });

  it("[EVT-2] is a list of CloudEvents in the order in which they happened, whatever the order of arrival", async () => {
    const session = new SessionUnderTest(tenant.id);
    await session.open();
    const atMs = Date.now() + 10;
    await session.report("answered", { atMs: atMs + 20 });
    await session.report("ringing", { atMs });
    const items = itemsOf(await events(session));
    expect(typesOf(items).slice(-2)).toEqual(["call.ringing", "call.answered"]);
    expect(items[0]).toMatchObject({
      specversion: "1.0",
      source: `/tenants/${tenant.id}/calls`,
      subject: session.id,
      type: "dev.trunkline.call.received.v1",
      datacontenttype: "application/json",
    });
    expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
  });
});
