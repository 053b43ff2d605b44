import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCalendar } from "../../../../adapters/r2/events/calendar.ts";
import { ReadMeter } from "../../../../adapters/r2/events/reads.ts";
import { createMeter } from "../../../../adapters/telemetry/meter.ts";
import { yearOf } from "../../../../domain/events/index/calendar.ts";
import { createRedact } from "../../../../domain/events/keeping/redaction.ts";
import { DAY_MS, FILTER_SUFFIX, dayOf } from "../../../../domain/events/keys.ts";
import type { EventFilter, EventQuery } from "../../../../domain/events/query/query.ts";
import { type StoredEvent, parseStored } from "../../../../domain/events/stored.ts";
import type { TenantId } from "../../../../domain/shared/ids.ts";
import { eraseDay } from "../../../../workers/keeping/erase-day.ts";
import type { KeepingDeps } from "../../../../workers/keeping/ports.ts";
import { type EventPage, listEvents } from "../../../../workers/events/list.ts";
import { DAY_OF_CALLS_MS, storedEvent } from "../stored-events.ts";
import { World } from "./world.ts";

const ACME = "acme" as TenantId;
/** From the first of June on: two months. */
const DAYS = 60;
const PER_DAY = 6;

/** Each day has calls of its own, and one caller who calls every tenth day. */
function eventsOf(day: number): StoredEvent[] {
  return Array.from({ length: PER_DAY }, (_, index) =>
    storedEvent({
      type: "call.started",
      atMs: DAY_OF_CALLS_MS + day * DAY_MS + index * 60_000,
      count: index,
      tenant: ACME,
      subject: `call-${day}-${index}`,
      caller: day % 10 === 0 && index === 0 ? "+4930" : `+1${day}${index}`,
    }),
  );
}

async function stored(days: number): Promise<World> {
  const world = new World(DAY_OF_CALLS_MS + (days + 1) * DAY_MS);
  for (let day = 0; day < days; day++) world.store("eu-1-0", eventsOf(day));
  await world.flush();
  await world.merge();
  return world;
}

const asked = (filter: EventFilter): EventQuery => ({ tenant: ACME, filter, order: "newest_first", after: null, limit: 100 });
const list = (world: World, filter: EventFilter): Promise<EventPage> => listEvents(world.sources, asked(filter));
const subjects = ({ items }: EventPage) => items.map(({ event }) => event.subject);
const filterKeys = (world: World) => [...world.bucket.objects.keys()].filter((key) => key.endsWith(FILTER_SUFFIX));

const CALL: EventFilter = { callId: ["call-17-3"] };
const CALLER: EventFilter = { caller: [{ tag: "exact", value: "+4930" }] };

describe("[QRY-6] looking for a call without knowing its day", () => {
  it("reads a bucket per month instead of a catalogue and an index per day", async () => {
    const world = await stored(DAYS);
    const before = await list(world, CALL);
    await world.cover();
    const after = await list(world, CALL);
    expect(subjects(after)).toEqual(["call-17-3"]);
    expect(subjects(before)).toEqual(subjects(after));
    expect(before.reads).toBeGreaterThan(DAYS);
    expect(after.reads).toBeLessThanOrEqual(8);
    const nothing = await list(world, { callId: ["call-of-nobody"] });
    expect([nothing.items, nothing.next, nothing.reads <= 6]).toEqual([[], null, true]);
  });

  it("finds several calls, a caller's calls on many days, and both at once", async () => {
    const world = await stored(DAYS);
    await world.cover();
    const callIds = ["call-3-0", "call-30-1", "call-59-5"];
    expect(subjects(await list(world, { callId: callIds }))).toEqual(callIds.toReversed());
    expect(subjects(await list(world, CALLER))).toEqual([50, 40, 30, 20, 10, 0].map((day) => `call-${day}-0`));
    expect(subjects(await list(world, { ...CALLER, callId: ["call-20-0", "call-21-0"] }))).toEqual(["call-20-0"]);
    const prefix = await list(world, { caller: [{ tag: "prefix", value: "+49" }] });
    expect(subjects(prefix)).toHaveLength(6);
  });

  it("asks days that no filter speaks for: new ones, and those to which something has been added", async () => {
    const world = await stored(DAYS);
    await world.cover();
    const late = storedEvent({
      type: "call.ended",
      atMs: DAY_OF_CALLS_MS + 4 * DAY_MS,
      count: 99,
      tenant: ACME,
      subject: "late",
    });
    world.store("eu-1-0", [late, ...eventsOf(DAYS)]);
    await world.flush();
    await world.merge();
    expect(subjects(await list(world, { callId: ["late"] }))).toEqual(["late"]);
    expect(subjects(await list(world, { callId: [`call-${DAYS}-2`] }))).toEqual([`call-${DAYS}-2`]);
    expect(subjects(await list(world, { callId: ["call-4-0"] }))).toEqual(["call-4-0"]);
    await world.cover();
    const found = await list(world, { callId: ["late"] });
    expect([subjects(found), found.reads <= 9]).toEqual([["late"], true]);
  });

  it.each(["damaged", "missing"] as const)("[STO-7] asks all days of a filter that is %s, and loses nothing", async (what) => {
    const world = await stored(DAYS);
    await world.cover();
    for (const key of filterKeys(world)) {
      const { bytes } = world.bucket.objects.get(key)!;
      if (what === "missing") await world.bucket.delete(key);
      else await world.bucket.put(key, bytes.slice().fill(0xff));
    }
    const found = await list(world, CALL);
    expect([subjects(found), found.damaged]).toEqual([["call-17-3"], false]);
    expect(world.damaged.some((key) => key.endsWith(FILTER_SUFFIX))).toBe(true);
  });

  it("[KEEP-4] finds a call under the name that an erasure has given it, and no filter knows the old one", async () => {
    const world = await stored(2);
    const digits = "4915112345678";
    const [atMs, type] = [DAY_OF_CALLS_MS, "call.ended"];
    const event = storedEvent({ type, atMs, count: 99, tenant: ACME, subject: `call-+${digits}`, caller: `+${digits}` });
    world.store("eu-1-0", [event]);
    await world.flush();
    await world.merge();
    await world.cover();
    const before = filterKeys(world);
    const day = dayOf(DAY_OF_CALLS_MS);
    const redact = createRedact([{ id: "one", digits, untilMs: world.nowMs }]);
    const deps = {
      bucket: world.bucket.asBucket(),
      clock: { nowMs: () => world.nowMs },
      log: () => {},
      meter: createMeter({}),
    };
    const erased = await eraseDay(deps as unknown as KeepingDeps, ACME, day, redact, "one");
    expect(erased.events).toBe(1);
    const renamed = parseStored(redact(JSON.stringify(event))).subject!;
    expect(renamed).not.toContain(digits);
    expect(subjects(await list(world, { callId: [renamed] }))).toEqual([renamed]);
    await world.cover();
    expect(subjects(await list(world, { callId: [renamed] }))).toEqual([renamed]);
    expect(filterKeys(world).filter((key) => !before.includes(key))).toHaveLength(1);
  });

  it("keeps one filter a month, and says in the calendar which days it speaks for", async () => {
    const world = await stored(DAYS);
    await world.cover();
    const read = await readCalendar(new ReadMeter(world.bucket.asBucket()), ACME, yearOf(dayOf(DAY_OF_CALLS_MS)));
    const calendar = read.tag === "read" ? read.calendar : null;
    const filters = Object.values(calendar?.filters ?? {});
    expect(filters.map(({ columns }) => columns.length)).toEqual([30, 30]);
    expect(filterKeys(world).sort()).toEqual(filters.map(({ key }) => key).sort());
    expect(calendar?.covering).toBeUndefined();
  });
});

/** From now on each step of whoever uses the bucket takes as long as the scheduler wants. */
function slowed({ bucket }: World, scheduler: fc.Scheduler): void {
  for (const name of ["get", "head", "put", "list", "delete"] as const) {
    const step = bucket[name].bind(bucket) as (...given: readonly unknown[]) => unknown;
    const slow = (...given: readonly unknown[]) => scheduler.schedule(Promise.resolve(), name).then(() => step(...given));
    Object.defineProperty(bucket, name, { value: slow });
  }
}

describe("[STO-2] a filter that is made while its days are added to", () => {
  it("never hides what has been added, whoever is quicker", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.boolean(), async (scheduler, isCovered) => {
        const world = await stored(2);
        if (isCovered) await world.cover();
        const late = storedEvent({ type: "call.ended", atMs: DAY_OF_CALLS_MS, count: 99, tenant: ACME, subject: "late" });
        world.store("eu-1-0", [late]);
        await world.flush();
        slowed(world, scheduler);
        const found: unknown[] = [];
        const asking = async () => {
          for (let turn = 0; turn < 4; turn++) found.push(subjects(await list(world, { callId: ["late"] })));
        };
        await scheduler.waitFor(Promise.all([world.merge(true), world.cover(), world.cover(), asking()]));
        await scheduler.waitFor(asking());
        expect(found).toEqual(Array.from({ length: 8 }, () => ["late"]));
      }),
      { numRuns: 60 },
    );
  });
});
