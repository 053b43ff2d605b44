import { describe, expect, it } from "vitest";
import { until } from "./fixture/clock.ts";
import { LogUnderTest, eventsOf } from "./fixture/log.ts";
import { newSessionId } from "./fixture/unique.ts";

const MEGABYTE = 1024 * 1024;

async function heldLog(): Promise<LogUnderTest> {
  const log = new LogUnderTest();
  await log.hold();
  return log;
}

describe("taking events", () => {
  it("[EVT-15] what is acknowledged as durable is there after the process has died", async () => {
    const log = await heldLog();
    const call = newSessionId();
    expect(await log.append(eventsOf(call, 1, 3))).toBe("durable");
    await log.kill();
    expect(await log.head(call)).toEqual([1, 2, 3]);
  });

  it("[EVT-15] what is only buffered is readable at once and durable with the next group", async () => {
    const log = await heldLog();
    const call = newSessionId();
    expect(await log.append(eventsOf(call, 1, 2), false)).toBe("buffered");
    expect(await log.head(call)).toEqual([1, 2]);
    expect(await log.rows()).toEqual([0]);
    await until(async () => (await log.rows())[0] === 1, "the commit");
  });

  it("[EVT-8] many senders share one row", async () => {
    const log = await heldLog();
    const calls = Array.from({ length: 40 }, () => newSessionId());
    await Promise.all(calls.map((call) => log.append(eventsOf(call, 1, 4), false)));
    await log.append(eventsOf(newSessionId(), 1, 1));
    expect((await log.rows())[0]).toBeLessThanOrEqual(2);
    expect((await log.stub.stats()).headEvents).toBe(161);
  });

  it("[EVT-8] a commit that is larger than a row takes several, and all of it is there", async () => {
    const log = await heldLog();
    const call = newSessionId();
    const events = eventsOf(call, 1, 60, Date.now(), "例".repeat(24_000));
    expect(await log.append(events)).toBe("durable");
    await log.evict();
    expect(await log.head(call)).toHaveLength(60);
    const largest = await log.inside((_, { storage }) =>
      storage.sql.exec<{ bytes: number }>("SELECT MAX(LENGTH(CAST(body AS BLOB))) AS bytes FROM head_1").one(),
    );
    expect(largest.bytes, "bytes in the platform's largest row").toBeLessThanOrEqual(2_000_000);
  });

  it("[EVT-4] a repetition is dropped, wherever the first one is by now", async () => {
    const log = await heldLog();
    const call = newSessionId();
    const events = eventsOf(call, 1, 3);
    await log.append(events);
    await log.append(events);
    expect(await log.head(call)).toEqual([1, 2, 3]);
    await log.evict();
    await log.append(events);
    expect(await log.head(call)).toEqual([1, 2, 3]);
    expect(await log.flush()).toBe(true);
    await log.append(events);
    await log.evict();
    await log.append([...events, ...eventsOf(call, 4, 4)]);
    expect(await log.head(call)).toEqual([4]);
  });

  it("[EVT-16] what was lost before its commit is taken again, also when a flush ended in between", async () => {
    const log = await heldLog();
    const call = newSessionId();
    await log.append(eventsOf(newSessionId(), 1, 1));
    // While segments are being written a call offers its first events; the process dies before they are committed.
    const lost = eventsOf(call, 1, 3);
    await log.breakAt("event-log.before-release", async () => {
      await log.append(lost, false);
    });
    const flushed = log.flush().catch(() => false);
    await log.kill();
    await flushed;
    expect(await log.append(lost)).toBe("durable");
    expect(await log.flush()).toBe(true);
    const stored = (await log.manifests()).flatMap(({ segments }) => segments).reduce((sum, { count }) => sum + count, 0);
    expect(stored, "one event of the other call, three of this one").toBe(4);
  });
});

describe("back-pressure", () => {
  it("[EVT-17] a head that R2 does not take refuses more, stays within bounds, and takes again when R2 is back", async () => {
    const log = await heldLog();
    await log.breakAt("event-log.before-segment");
    const text = "x".repeat(MEGABYTE);
    let outcome = "durable";
    let taken = 0;
    for (let i = 0; i < 40 && outcome !== "overloaded"; i++) {
      outcome = await log.append(eventsOf(newSessionId(), 1, 1, Date.now(), text));
      if (outcome === "durable") taken += 1;
    }
    expect(outcome).toBe("overloaded");
    const { headBytes, headEvents } = await log.stub.stats();
    expect(headEvents).toBe(taken);
    expect(headBytes).toBeLessThan(26 * MEGABYTE);
    expect(await log.flush()).toBe(false);
    expect((await log.stub.stats()).headEvents).toBe(taken);
    await log.mend();
    expect(await log.flush()).toBe(true);
    expect(await log.append(eventsOf(newSessionId(), 1, 1))).toBe("durable");
    expect((await log.stub.stats()).headEvents).toBe(1);
  });

  it("[EVT-18] R2 that fails costs nothing: the alarm does not fail, and tries again", async () => {
    const log = await heldLog();
    const call = newSessionId();
    await log.breakAt("event-log.before-segment");
    await log.append(eventsOf(call, 1, 2));
    for (let failures = 1; failures <= 3; failures++) {
      await log.inside(async (instance, { storage }) => {
        await storage.deleteAlarm();
        await instance.alarm();
        expect(await storage.getAlarm()).not.toBeNull();
      });
      expect((await log.stub.stats()).flushFailures).toBe(failures);
    }
    expect(await log.head(call)).toEqual([1, 2]);
    await log.mend();
    await log.inside((instance) => instance.alarm());
    expect(await log.stub.stats()).toEqual({ headEvents: 0, headBytes: 0, flushFailures: 0 });
  });

  it("[EVT-18] a large head is flushed by an alarm when the process dies in its flush", async () => {
    const log = await heldLog();
    await log.breakAt("event-log.before-segment", () => new Promise(() => {}));
    await log.append(eventsOf(newSessionId(), 1, 1_000));
    await log.kill();
    await log.hold();
    expect(
      await log.inside((_, { storage }) => storage.getAlarm()),
      "an alarm that flushes what is in the head",
    ).not.toBeNull();
  });
});
