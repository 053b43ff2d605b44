/** The one alarm of a session never stands later than what is due. */
import { describe, expect, it } from "vitest";
import type { Plan } from "../../domain/routing/plan.ts";
import { HANDOVER_MS, SETUP_SILENCE_MS } from "../../domain/call/timers.ts";
import { upgradeRequest } from "../../durable-objects/sockets/upgrade.ts";
import { MINUTE_MS, MovableClock } from "./fixture/clock.ts";
import { ROUTED, SessionUnderTest, typesOf } from "./fixture/session.ts";
import { LiveClient } from "./fixture/socket.ts";

type Watched = { readonly session: SessionUnderTest; readonly clock: MovableClock; readonly openedMs: number };

async function opened(plan: Plan = ROUTED): Promise<Watched> {
  const session = new SessionUnderTest();
  const clock = new MovableClock();
  await session.setClock(clock.nowMs);
  await session.open({}, null, plan);
  return { session, clock, openedMs: (await session.view()).createdMs };
}

/** @param forMs until the credentials expire. */
async function watch({ session, clock }: Watched, forMs: number): Promise<LiveClient> {
  const { id, identity } = session;
  const holder = { subject: `watcher of ${id}`, permissions: ["sessions:read"], expiresMs: clock.nowMs() + forMs } as const;
  const response = await session.stub.fetch(upgradeRequest({ tenant: identity.tenant, holder, ticket: null, query: {} }, null));
  return new LiveClient(response.webSocket!);
}

describe("[TMR-1] the alarm", () => {
  it("[TMR-1] that is overdue is not put off by a client that comes first", async () => {
    const watched = await opened();
    watched.clock.move(SETUP_SILENCE_MS + 1);
    await watch(watched, 30 * MINUTE_MS);
    expect(await watched.session.alarmAt()).toBeLessThanOrEqual(watched.openedMs + SETUP_SILENCE_MS);
    await watched.session.fireAlarm();
    expect((await watched.session.view()).state).toMatchObject({ phase: "failed", disposition: "timeout" });
  });

  it("[TMR-1] of an ended session that has to give up its storage is not put off either", async () => {
    const watched = await opened();
    await watched.session.report("failed", { sipCode: 486 });
    watched.clock.move(8 * 24 * 60 * MINUTE_MS);
    const standingMs = await watched.session.alarmAt();
    await watch(watched, 30 * MINUTE_MS);
    expect(await watched.session.alarmAt()).toBe(standingMs);
  });

  it("[TMR-1] for what is due already comes at once, whoever watches", async () => {
    const watched = await opened({ ...ROUTED, maxDurationMs: 1_000 } as Plan);
    await watch(watched, 30 * MINUTE_MS);
    await watched.session.report("answered", { atMs: watched.clock.nowMs() - 10 * MINUTE_MS });
    expect(await watched.session.alarmAt()).toBeLessThanOrEqual(watched.clock.nowMs());
  });

  it("[TMR-1] that came early for a client is followed by one at the time that is on disk", async () => {
    const watched = await opened();
    await watched.session.report("answered");
    watched.clock.move(SETUP_SILENCE_MS + 1);
    await watched.session.fireAlarm();
    await watched.session.report("ringing");
    const client = await watch(watched, 5_000);
    watched.clock.move(10_000);
    await watched.session.fireAlarm();
    expect(await client.closeCode()).toBe(4001);
    // Whoever starts anew from disk has to find an alarm that keeps what the row says of it.
    const row = await watched.session.inside(
      (_, { storage }) => JSON.parse(storage.kv.get<string>("session")!) as { alarmMs: number },
    );
    expect(row.alarmMs).toBeGreaterThan(watched.clock.nowMs());
    expect(await watched.session.alarmAt()).toBeLessThanOrEqual(row.alarmMs);
  });
});

/** When the alarm comes, from now on. */
async function waitOf({ session, clock }: Watched): Promise<number> {
  return ((await session.alarmAt()) ?? Infinity) - clock.nowMs();
}

describe("[SESS-20] what a live call has recorded and the log has not", () => {
  it("[SESS-20] is offered within half a minute although whoever offered it died and nobody says anything more", async () => {
    const watched = await opened();
    const { session, clock } = watched;
    await session.setLog(() => new Promise(() => {}));
    await session.report("answered");
    await session.kill();
    await session.setClock(clock.nowMs);
    expect(await waitOf(watched)).toBeLessThanOrEqual(HANDOVER_MS);
    clock.move(HANDOVER_MS);
    await session.fireAlarm();
    expect(typesOf(await session.logged())).toContain("call.answered");
    expect(await waitOf(watched)).toBeGreaterThan(MINUTE_MS);
  });

  it("[SESS-20] is offered again within seconds of a refusal, at growing distances that stay below a minute", async () => {
    const watched = await opened();
    const { session, clock } = watched;
    await session.report("answered");
    await session.setLog(async () => "overloaded");
    const waits: number[] = [];
    for (let refusal = 0; refusal < 8; refusal++) {
      clock.move(await waitOf(watched));
      await session.fireAlarm();
      waits.push(await waitOf(watched));
    }
    expect(waits[0]).toBeLessThanOrEqual(5_000);
    expect(waits[3]).toBeGreaterThan(waits[0]! * 2);
    expect(Math.max(...waits)).toBeLessThanOrEqual(1.25 * HANDOVER_MS);
    await session.useRealLog();
    clock.move(await waitOf(watched));
    await session.fireAlarm();
    expect(typesOf(await session.logged())).toContain("call.answered");
    expect(await waitOf(watched)).toBeGreaterThan(MINUTE_MS);
  });

  it("[SESS-20] holds up nothing else that is due while the log does not answer", async () => {
    const watched = await opened({ ...ROUTED, silence: { setupMs: 3_000 } } as Plan);
    const { session, clock } = watched;
    await session.setLog(() => new Promise(() => {}));
    const looking = session.fireAlarm();
    expect(await waitOf(watched)).toBeLessThanOrEqual(3_000);
    clock.move(3_001);
    await session.fireAlarm();
    expect((await session.view()).state.phase).toBe("failed");
    await looking;
  });
});
