import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CloudEvent } from "../../domain/events/event.ts";
import type { Unread } from "../../domain/events/follow.ts";
import { toCloudEvent } from "../../domain/events/event.ts";
import { FollowedLog } from "./fixture/followed-log.ts";
import { eventsOf } from "./fixture/log.ts";
import { tenantId } from "./fixture/session.ts";
import { newSessionId } from "./fixture/unique.ts";

describe("offsets", () => {
  it("[PRJ-1] count the events in the order of their commits, across flushes, evictions and deaths", async () => {
    const log = await FollowedLog.start();
    await log.add(3);
    await log.flush();
    expect(await log.lag()).toMatchObject({ next: 0, end: 3 });
    await log.restart();
    await log.add(2);
    await log.restart();
    expect(await log.lag()).toMatchObject({ next: 0, end: 5 });
    await log.flush();
    await log.evict();
    await log.attach();
    await log.add(1);
    expect(await log.lag()).toMatchObject({ next: 0, end: 6 });
    const answers = await log.catchUp();
    expect(answers.map(({ tag }) => tag)).toEqual(["segments", "events"]);
    expect((await log.linesOf(answers[1]!))[0]).toBe(log.lines[5]);
  });

  it("[PRJ-1] of events in the head: lines in the order of commits, as many as are asked for", async () => {
    const log = await FollowedLog.start();
    await log.add(4);
    await log.add(3);
    expect(await log.follow(5)).toEqual({ tag: "events", from: 0, next: 5, lines: log.lines.slice(0, 5) });
    await log.advance(5);
    expect(await log.follow(5)).toEqual({ tag: "events", from: 5, next: 7, lines: log.lines.slice(5) });
    await log.advance(7);
    expect(await log.follow(5)).toEqual({ tag: "caught_up", next: 7 });
  });

  it("[PRJ-1] what is being flushed is read all the same, and what was read in part before is read whole after", async () => {
    const log = await FollowedLog.start();
    await log.add(4);
    await log.breakAt("event-log.before-release");
    expect(await log.flush()).toBe(false);
    await log.add(2);
    expect(await log.follow(3)).toEqual({ tag: "events", from: 0, next: 3, lines: log.lines.slice(0, 3) });
    await log.advance(3);
    await log.mend();
    await log.flush();
    const following = await log.follow();
    expect(following).toMatchObject({ tag: "segments", from: 3, next: 6 });
    expect((await log.linesOf(following)).toSorted()).toEqual(log.lines.toSorted());
  });

  it("[PRJ-1] a shard that is older than offsets goes on, and its head is followed from the beginning", async () => {
    const log = await FollowedLog.start();
    const commits = [1, 1, 3, 1].map((count) => eventsOf(newSessionId(), 1, count).map(({ line }) => line));
    await log.inside((_, { storage }) => {
      const { sql } = storage;
      for (const table of ["head_1", "flushed", "followers", "fingerprints"]) sql.exec(`DROP TABLE ${table}`);
      sql.exec("DELETE FROM migrations WHERE version > 1");
      for (const generation of [6, 7])
        sql.exec(`CREATE TABLE head_${generation} (first INTEGER PRIMARY KEY, body TEXT NOT NULL)`);
      for (const [index, lines] of commits.entries())
        sql.exec(`INSERT INTO head_${index < 3 ? 6 : 7} (body) VALUES (?)`, lines.join("\n"));
      const meta = { shard: log.name, generation: 7, frozen: 6, manifestParts: {} };
      sql.exec("UPDATE meta SET value = ? WHERE key = 'head'", JSON.stringify(meta));
    });
    await log.restart();
    log.lines.push(...commits.flat());
    await log.add(2);
    expect(await log.lag()).toMatchObject({ next: 0, end: 8 });
    expect(await log.follow()).toMatchObject({ tag: "events", from: 0, lines: log.lines });
    await log.restart();
    expect(await log.flush()).toBe(true);
    await log.restart();
    const [following] = await log.catchUp();
    expect((await log.linesOf(following!)).toSorted()).toEqual(log.lines.toSorted());
    expect((await log.segmentKeys()).map((key) => key.split("-").at(-2))).toEqual(["000000000006", "000000000007"]);
  });
});

describe("a follower", () => {
  it("[PRJ-1] gets every event at least once, within the range that is told, whatever happens in between", async () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ tag: fc.constant("add" as const), count: fc.integer({ min: 1, max: 4 }) }) },
      { weight: 2, arbitrary: fc.record({ tag: fc.constant("flush" as const), breaks: fc.boolean() }) },
      { weight: 1, arbitrary: fc.record({ tag: fc.constant("restart" as const) }) },
      {
        weight: 3,
        arbitrary: fc.record({
          tag: fc.constant("read" as const),
          most: fc.integer({ min: 1, max: 6 }),
          share: fc.double({ min: 0, max: 1, noNaN: true }),
        }),
      },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
        const log = await FollowedLog.start();
        let position = 0;
        /** @returns false at the end. */
        const readSome = async (most: number, share: number): Promise<boolean> => {
          const following = await log.follow(most);
          const { from, next } = { from: position, ...following } as { from: number; next: number };
          const had = new Set(await log.linesOf(following));
          const missing = log.lines.slice(from, next).filter((line) => !had.has(line));
          expect({ from, missing }).toEqual({ from: position, missing: [] });
          expect({ following, moves: following.tag === "caught_up" ? next === log.lines.length : next > from }).toMatchObject({
            moves: true,
          });
          expect({ following, most: following.tag === "segments" || had.size <= most }).toMatchObject({ most: true });
          position += Math.ceil((next - from) * share);
          await log.advance(position);
          return following.tag !== "caught_up";
        };
        for (const { tag, ...how } of steps) {
          if (tag === "add") await log.add((how as { count: number }).count);
          else if (tag === "restart") await log.restart();
          else if (tag === "flush") {
            if ((how as { breaks: boolean }).breaks) await log.breakAt("event-log.before-release");
            await log.flush();
            await log.mend();
          } else {
            const { most, share } = how as { most: number; share: number };
            await readSome(most, share);
          }
        }
        while (await readSome(3, 1));
        expect(position).toBe(log.lines.length);
      }),
      { numRuns: 8 },
    );
  });

  it("[PRJ-1] never goes back, and not beyond what is on disk", async () => {
    const log = await FollowedLog.start();
    await log.add(4);
    expect((await log.advance(3)).next).toBe(3);
    expect((await log.advance(1)).next).toBe(3);
    expect((await log.advance(1_000)).next).toBe(4);
    await log.restart();
    expect(await log.lag()).toEqual({ next: 4, end: 4, oldestUnreadMs: null });
  });

  it("[PRJ-5] that keeps up costs no row per generation; what it is behind is kept, and given up when it has passed", async () => {
    const log = await FollowedLog.start();
    for (let i = 0; i < 3; i++) {
      await log.add(2);
      await log.flush();
      await log.catchUp();
    }
    expect(await log.countRows("flushed")).toBe(0);
    for (let i = 0; i < 4; i++) {
      await log.add(2);
      await log.flush();
    }
    expect(await log.countRows("flushed")).toBe(3);
    await log.restart();
    // Small generations come together.
    const answers = await log.catchUp(5);
    expect(answers.map(({ tag, ...range }) => [tag, "from" in range && range.from, "next" in range && range.next])).toEqual([
      ["segments", 6, 10],
      ["segments", 10, 14],
    ]);
    expect(await log.countRows("flushed")).toBe(0);
    expect(await log.countRows("followers"), "one for each").toBe(2);
  });

  it("tells since when something is unread", async () => {
    const log = await FollowedLog.start();
    const beforeMs = Date.now();
    await log.add(2);
    await log.flush();
    await log.add(1);
    const { oldestUnreadMs } = await log.lag();
    expect(oldestUnreadMs).toBeGreaterThanOrEqual(beforeMs);
    expect(oldestUnreadMs).toBeLessThanOrEqual(Date.now());
  });

  it("is read for by one at a time, until that one leaves, is through, or its lease ends", async () => {
    const log = await FollowedLog.start();
    await log.add(2);
    expect(await log.follow(1, "one")).toMatchObject({ tag: "events" });
    expect(await log.follow(1, "two")).toEqual({ tag: "busy" });
    await log.stub.leave("projection", "two");
    expect(await log.follow(1, "two"), "nobody gives up another's lease").toEqual({ tag: "busy" });
    await log.stub.leave("projection", "one");
    expect(await log.follow(1, "two")).toMatchObject({ tag: "events" });
    log.nowMs += 31_000;
    expect(await log.follow(1, "three")).toMatchObject({ tag: "events" });
    await log.advance(2, "two");
    expect(await log.follow(1, "three")).toEqual({ tag: "caught_up", next: 2 });
    expect(await log.follow(1, "four")).toEqual({ tag: "caught_up", next: 2 });
  });
});

describe("what is unprojected of a tenant", () => {
  it("[FEED-4] names its sessions that are in the head, page by page, and the segments that have the rest", async () => {
    const log = await FollowedLog.start();
    await log.add(2);
    await log.flush();
    const calls = Array.from({ length: 5 }, () => newSessionId()).toSorted();
    for (const call of calls) await log.add(2, call);
    const others = eventsOf(newSessionId(), 1, 2).map((event) => ({
      ...event,
      line: event.line.replace("/tenants/acme/", "/tenants/other/"),
    }));
    await log.append(others);
    const page = async (after: string | null, limit: number) =>
      (await log.stub.unprojected(tenantId("acme"), after, limit)) as Unread;
    const first = await page(null, 3);
    expect(first).toMatchObject({ sessions: calls.slice(0, 3), more: true });
    expect(await page(first.sessions.at(-1)!, 3)).toMatchObject({ sessions: calls.slice(3), more: false });
    expect(first.segments).toEqual(await log.segmentKeys());
    await log.advance(2 + 2 * 4);
    expect(await page(null, 10)).toEqual({
      sessions: [log.lines.slice(10).map((line) => (JSON.parse(line) as CloudEvent).subject)[0]],
      more: false,
      segments: [],
    });
  });

  it("[FEED-4] is not another tenant's that names it in its metadata", async () => {
    const log = await FollowedLog.start();
    const call = newSessionId();
    const { id } = eventsOf(call, 1, 1)[0]!;
    const data = { metadata: { source: "/tenants/acme/calls" } };
    const event = { id, name: "call.received", sequence: 1, atMs: Date.now(), recordedMs: Date.now(), data } as const;
    await log.append([{ id, subject: call, sequence: 1, line: JSON.stringify(toCloudEvent(event, tenantId("other"), call)) }]);
    expect((await log.stub.unprojected(tenantId("acme"), null, 10)).sessions).toEqual([]);
    expect((await log.stub.unprojected(tenantId("other"), null, 10)).sessions).toEqual([call]);
  });
});

describe("wake-ups", () => {
  /** So many messages that name the shard. */
  const messages = (log: FollowedLog, times: number) => Array.from({ length: times }, () => log.name);

  it("[PRJ-2] a flush sends one message that names the shard, and nothing is sent while nothing is behind", async () => {
    const log = await FollowedLog.start();
    await log.add(2);
    expect(log.woken).toEqual(messages(log, 0));
    await log.fireAlarm();
    expect(log.woken).toEqual(messages(log, 1));
    await log.catchUp();
    while (await log.fireAlarm());
    expect(log.woken).toEqual(messages(log, 1));
    expect(await log.alarmIn()).toBeNull();
    await log.add(1);
    await log.catchUp();
    await log.fireAlarm();
    expect(log.woken).toEqual(messages(log, 1));
    expect(await log.lag()).toMatchObject({ next: 3, end: 3 });
  });

  it("[PRJ-2] a lost message is made up for by the shard's own alarm, with growing pauses, until a follower comes", async () => {
    const log = await FollowedLog.start();
    await log.add(2);
    await log.fireAlarm();
    const pauses: (number | null)[] = [];
    for (let i = 0; i < 5; i++) {
      pauses.push(await log.alarmIn());
      await log.fireAlarm();
    }
    expect(pauses).toEqual([5_000, 10_000, 20_000, 30_000, 30_000]);
    expect(log.woken).toEqual(messages(log, 6));
    await log.catchUp();
    while (await log.fireAlarm());
    expect(log.woken).toEqual(messages(log, 6));
  });

  it("[PRJ-2] also when the process dies after the flush", async () => {
    const log = await FollowedLog.start();
    await log.add(2);
    await log.fireAlarm();
    await log.restart();
    expect(await log.alarmIn()).toBe(5_000);
    await log.fireAlarm();
    expect(log.woken).toEqual(messages(log, 2));
  });

  it("[PRJ-2] a queue that refuses, or does not answer, is no failure of a flush and is asked again", async () => {
    const log = await FollowedLog.start();
    log.takes = () => Promise.reject(new Error("the queue is away"));
    await log.add(2);
    await log.fireAlarm();
    expect(await log.stub.stats()).toMatchObject({ headEvents: 0, flushFailures: 0 });
    expect(await log.alarmIn()).toBe(5_000);
    log.takes = () => Promise.resolve();
    await log.fireAlarm();
    expect(log.woken).toEqual(messages(log, 2));
  });

  it("[PRJ-2] a reader that does not come back is made up for when its lease has ended", async () => {
    const log = await FollowedLog.start();
    await log.add(2);
    await log.follow();
    await log.fireAlarm();
    expect(log.woken).toEqual(messages(log, 0));
    expect(await log.alarmIn()).toBeLessThanOrEqual(30_000);
    await log.fireAlarm();
    expect(log.woken).toEqual(messages(log, 1));
  });

  it("[PRJ-2] what is flushed while somebody reads is told when the reader goes, once", async () => {
    const log = await FollowedLog.start();
    await log.add(2);
    await log.flush();
    expect(log.woken).toEqual(messages(log, 1));
    const following = await log.follow();
    await log.add(2);
    await log.flush();
    expect(log.woken).toEqual(messages(log, 1));
    await log.advance((following as { next: number }).next);
    await log.stub.leave("projection", "reader");
    expect(log.woken).toEqual(messages(log, 2));
    await log.follow();
    await log.stub.leave("projection", "reader");
    expect(log.woken).toEqual(messages(log, 2));
    await log.catchUp();
    while (await log.fireAlarm());
    expect(log.woken).toEqual(messages(log, 2));
  });

  it("[PRJ-2] the cron's reminder wakes who is behind, and sets the alarm that is missing", async () => {
    const log = await FollowedLog.start();
    await log.stub.nudge();
    expect(await log.alarmIn()).toBeNull();
    await log.add(2);
    await log.inside((_, { storage }) => storage.deleteAlarm());
    await log.stub.nudge();
    expect(log.woken).toEqual(messages(log, 0));
    expect(await log.alarmIn()).toBeLessThanOrEqual(2_000);
    await log.fireAlarm();
    await log.inside((_, { storage }) => storage.deleteAlarm());
    await log.stub.nudge();
    expect(log.woken).toEqual(messages(log, 2));
    expect(await log.alarmIn()).toBe(10_000);
  });

  it("[PRJ-2] while R2 is away followers are woken for what is in the head", async () => {
    const log = await FollowedLog.start();
    await log.breakAt("event-log.before-segment");
    await log.add(2);
    for (let i = 0; i < 4; i++) await log.fireAlarm();
    expect(log.woken.length).toBeGreaterThan(0);
    expect((await log.catchUp()).map(({ tag }) => tag)).toEqual(["events"]);
    const before = log.woken.length;
    for (let i = 0; i < 4; i++) await log.fireAlarm();
    expect(log.woken).toEqual(messages(log, before));
  });
});
