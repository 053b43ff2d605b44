import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseExpression } from "../../../../domain/events/query/expression.ts";
import type { EventFilter, EventOrder, EventQuery } from "../../../../domain/events/query/query.ts";
import type { StoredEvent } from "../../../../domain/events/stored.ts";
import type { EventId, TenantId } from "../../../../domain/shared/ids.ts";
import { findEvent } from "../../../../workers/events/find.ts";
import { type PageLimits, listEvents, pageLimitsFor } from "../../../../workers/events/list.ts";
import { EXPORT_LIMITS, scanEvents } from "../../../../workers/events/scan.ts";
import { DAY_OF_CALLS_MS, eventIdAt, storedEvent } from "../stored-events.ts";
import { World } from "./world.ts";

const ACME = "acme" as TenantId;
const OTHER = "other" as TenantId;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const NOW_MS = DAY_OF_CALLS_MS + 5 * DAY_MS;

const expression = (text: string): EventFilter => {
  const parsed = parseExpression(text);
  return parsed.ok ? { expression: parsed.value } : {};
};

const at = (minutes: number): number => DAY_OF_CALLS_MS + minutes * MINUTE_MS;

const FILTERS: readonly EventFilter[] = [
  {},
  { callId: ["call-1"] },
  { callId: ["call-1", "call-2"], type: [{ tag: "prefix", value: "call." }] },
  { caller: [{ tag: "prefix", value: "+49" }] },
  { caller: [{ tag: "exact", value: "+4930" }], callee: [{ tag: "prefix", value: "" }] },
  { type: [{ tag: "exact", value: "sms.sent" }] },
  { fromMs: at(1_000), toMs: at(3_000) },
  { recordedFromMs: at(500), recordedToMs: at(1_500) },
  { direction: ["inbound"], data: [{ path: ["code"], values: ["7"] }] },
  expression('caller = "+44*" OR callId = call-3'),
  expression(`NOT type:"call.*" AND recordedTime >= ${new Date(at(2_000)).toISOString()}`),
];

/** How an event comes about: which minute, and what it says. */
const events = fc.array(fc.tuple(fc.nat(5 * 24 * 60), fc.nat(40), fc.nat(60), fc.boolean()), { maxLength: 70 }).map((all) =>
  all.map(([minute, seed, late, isOther], index) =>
    storedEvent({
      type: seed % 3 === 0 ? "sms.sent" : "call.started",
      subject: `call-${seed % 5}`,
      tenant: isOther ? OTHER : ACME,
      recordedMs: at(minute),
      atMs: at(minute - late * 20),
      count: index,
      data: { code: seed % 10 },
      ...(seed % 4 === 0 ? {} : { caller: ["+4930", "+4940", "+4420"][seed % 3]! }),
      ...(seed % 2 === 0 ? {} : { callee: `+1${seed}`, direction: seed % 3 === 1 ? "inbound" : "outbound" }),
    }),
  ),
);

type Step = "flush" | "flush_kept" | "merge" | "merge_kept" | "cover";

async function move(world: World, step: Step): Promise<void> {
  if (step === "cover") await world.cover();
  else if (step === "flush" || step === "flush_kept") await world.flush(step === "flush_kept");
  else await world.merge(step === "merge_kept");
}

const step = fc.constantFrom<Step>("flush", "flush_kept", "merge", "merge_kept", "cover");

/** Stores events in portions, with steps between. */
async function build(all: readonly StoredEvent[], steps: readonly Step[]): Promise<World> {
  const world = new World(NOW_MS);
  const portion = Math.ceil(all.length / (steps.length + 1)) || 1;
  for (let from = 0, turn = 0; from < all.length; from += portion, turn++) {
    for (const [shard, own] of Map.groupBy(all.slice(from, from + portion), ({ id }) => `eu-1-${id.charCodeAt(12) % 3}`))
      world.store(shard, own);
    if (steps[turn] !== undefined) await move(world, steps[turn]!);
  }
  return world;
}

const TINY: PageLimits = { maxReads: 3, budgetMs: 1_000, parallel: { first: 1, most: 2 }, spanBytes: { first: 1, most: 600 } };

/** All pages, one behind the other. */
async function pages(world: World, query: EventQuery, limits: PageLimits, between: () => Promise<void>): Promise<EventId[]> {
  const ids: EventId[] = [];
  let after = query.after;
  for (let page = 0; page < 1_000; page++) {
    const { items, next } = await listEvents(world.sources, { ...query, after }, limits);
    ids.push(...items.map(({ id }) => id));
    if (next === null) return ids;
    after = next;
    await between();
  }
  throw new Error("the pages have no end");
}

const query = fc.record({
  filter: fc.constantFrom(...FILTERS),
  order: fc.constantFrom<EventOrder>("newest_first", "oldest_first"),
  limit: fc.integer({ min: 1, max: 12 }),
});

describe("[QRY-4] pages of events", () => {
  it("give every matching event once and in order, wherever it stands and whatever moves meanwhile", async () => {
    const given = fc.record({
      all: events,
      steps: fc.array(step, { maxLength: 6 }),
      query,
      isTiny: fc.boolean(),
      later: fc.array(fc.option(step), { maxLength: 8 }),
      inside: fc.array(fc.tuple(fc.nat(30), step), { maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(given, async ({ all, steps, query: asked, isTiny, later, inside }) => {
        const world = await build(all, steps);
        const whole: EventQuery = { tenant: ACME, after: null, ...asked };
        const waiting = new Map(inside);
        let reads = 0;
        world.beforeRead = async () => {
          const due = waiting.get((reads += 1));
          if (due !== undefined) await move(world, due);
        };
        const between = [...later];
        const ids = await pages(world, whole, isTiny ? TINY : pageLimitsFor(whole), async () => {
          const next = between.shift();
          if (next !== undefined && next !== null) await move(world, next);
        });
        expect(ids).toEqual(world.expected(whole, all));
        expect(world.damaged).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it("go on at any place, also one that is no event's", async () => {
    await fc.assert(
      fc.asyncProperty(events, fc.array(step, { maxLength: 4 }), query, fc.nat(7_200), async (all, steps, asked, minute) => {
        const world = await build(all, steps);
        const whole: EventQuery = { tenant: ACME, ...asked, after: eventIdAt(at(minute)) };
        expect(await pages(world, whole, pageLimitsFor(whole), async () => {})).toEqual(world.expected(whole, all));
      }),
      { numRuns: 40 },
    );
  });
});

describe("[QRY-8] going on and on", () => {
  it("gives everything once and in order, however little a shard gives at once", async () => {
    await fc.assert(
      fc.asyncProperty(
        events,
        fc.array(step, { maxLength: 4 }),
        query,
        fc.array(fc.tuple(fc.nat(20), step), { maxLength: 2 }),
        async (all, steps, asked, inside) => {
          const world = await build(all, steps);
          const whole: EventQuery = { tenant: ACME, after: null, ...asked };
          const waiting = new Map(inside);
          let reads = 0;
          world.beforeRead = async () => {
            const due = waiting.get((reads += 1));
            if (due !== undefined) await move(world, due);
          };
          const ids: EventId[] = [];
          for await (const { id } of scanEvents(world.sources, whole, { ...EXPORT_LIMITS, headLines: 2 })) ids.push(id);
          expect(ids).toEqual(world.expected(whole, all));
        },
      ),
      { numRuns: 40 },
    );
  });
});

/** Some events a minute of one tenant, merged. The first of each minute is of the minute's call. */
async function merged(minutes: number, perMinute = 1): Promise<World> {
  const world = new World(NOW_MS);
  const all = Array.from({ length: minutes * perMinute }, (_, index) => {
    const minute = Math.floor(index / perMinute);
    const subject = index % perMinute === 0 ? `call-${minute}` : `other-${index}`;
    return storedEvent({ type: "call.started", atMs: at(minute), count: index % perMinute, subject, tenant: ACME });
  });
  world.store("eu-1-0", all);
  await world.flush();
  await world.merge();
  return world;
}

const first = (filter: EventFilter, limit = 5): EventQuery => ({
  tenant: ACME,
  filter,
  order: "newest_first",
  after: null,
  limit,
});

describe("[QRY-6] objects read", () => {
  it("follow from days and hits, not from how much is stored", async () => {
    const [small, large] = [await merged(180), await merged(180, 10)];
    const of = async (world: World) => (await listEvents(world.sources, first({ callId: ["call-17"] }))).reads;
    expect(await of(large)).toBeLessThanOrEqual((await of(small)) * 1.5);
  });

  it("are all there is, where all is asked for, in segments of many blocks too", async () => {
    const world = await merged(120, 10);
    for (const order of ["newest_first", "oldest_first"] as const) {
      const ids = await pages(world, { ...first({}, 170), order }, pageLimitsFor(first({})), async () => {});
      expect(ids).toHaveLength(1_200);
      expect(order === "newest_first" ? ids.toReversed() : ids).toEqual([...new Set(ids)].sort());
    }
  });

  it("are few for the newest events of all", async () => {
    const world = await merged(600);
    const { items, reads } = await listEvents(world.sources, first({}));
    expect(items).toHaveLength(5);
    expect(reads).toBeLessThanOrEqual(4);
  });

  it("stay within a page's bound, and the page says where to go on", async () => {
    const world = await merged(600);
    const { items, next, reads } = await listEvents(
      world.sources,
      first({ data: [{ path: ["nothing"], values: ["1"] }] }),
      TINY,
    );
    expect(items).toEqual([]);
    expect(next).not.toBeNull();
    expect(reads).toBeLessThanOrEqual(TINY.maxReads);
  });
});

describe("[STO-7] damage", () => {
  it("is left out and said; the rest still answers", async () => {
    const world = await merged(60);
    const key = [...world.bucket.objects.keys()].find((name) => name.startsWith("events/"))!;
    const bytes = world.bucket.objects.get(key)!.bytes.slice();
    bytes.fill(0, 40, 60);
    await world.bucket.put(key, bytes);
    const page = await listEvents(world.sources, first({}, 100));
    expect(page.damaged).toBe(true);
    expect(page.items).toHaveLength(57);
    expect(world.damaged).toContain(key);
  });

  it("of an index costs reading, and loses nothing", async () => {
    const world = await merged(60);
    const key = [...world.bucket.objects.keys()].find((name) => name.endsWith(".idx"))!;
    const bytes = world.bucket.objects.get(key)!.bytes.slice();
    await world.bucket.put(key, bytes.fill(7));
    const page = await listEvents(world.sources, first({ callId: ["call-17"] }));
    expect(page.items).toHaveLength(1);
    expect(page.damaged).toBe(false);
    expect(world.damaged).toContain(key);
  });

  it("of what a catalogue names and is not there, is said after looking twice", async () => {
    const world = await merged(60);
    await world.bucket.delete([...world.bucket.objects.keys()].filter((name) => name.startsWith("events/")));
    const page = await listEvents(world.sources, first({}));
    expect(page).toMatchObject({ items: [], next: null, damaged: true });
  });
});

describe("[KEEP-3] what is being erased", () => {
  it("is not found by the number, and shows it nowhere", async () => {
    const world = new World(NOW_MS);
    const event = storedEvent({ type: "call.started", atMs: NOW_MS, caller: "+4930", tenant: ACME });
    world.store("eu-1-0", [event]);
    const sources = { ...world.sources, redactionOf: async () => (line: string) => line.replace("+4930", "erased") };
    const look = async () => {
      const byNumber = await listEvents(sources, first({ caller: [{ tag: "exact", value: "+4930" }] }));
      const byCall = await listEvents(sources, first({ callId: ["call-1"] }));
      const byId = await findEvent(sources, ACME, event.id);
      return [byNumber.items.length, byCall.items[0]?.event.caller, byId.found?.event.caller];
    };
    const shown = [await look()];
    await world.flush();
    shown.push(await look());
    await world.merge();
    shown.push(await look());
    expect(shown).toEqual(Array.from({ length: 3 }, () => [0, "erased", "erased"]));
  });
});

describe("[QRY-1] one event by its id", () => {
  it("is found wherever it stands, with two reads at most", async () => {
    await fc.assert(
      fc.asyncProperty(events, fc.array(step, { maxLength: 5 }), fc.nat(), async (all, steps, which) => {
        fc.pre(all.length > 0);
        const world = await build(all, steps);
        const event = all[which % all.length]!;
        const { found } = await findEvent(world.sources, event.tenant!, event.id);
        expect(found?.event).toEqual(event);
        const other = event.tenant === ACME ? OTHER : ACME;
        expect((await findEvent(world.sources, other, event.id)).found).toBeNull();
      }),
      { numRuns: 40 },
    );
  });

  it("takes one index read and one range read, or none from a head", async () => {
    const world = new World(NOW_MS);
    const event = storedEvent({ type: "call.started", atMs: NOW_MS, tenant: ACME });
    world.store("eu-1-0", [event]);
    const reads = async () => (await findEvent(world.sources, ACME, event.id)).reads;
    expect(await reads()).toBe(0);
    await world.flush();
    expect(await reads()).toBe(2);
    await world.merge();
    expect(await reads()).toBe(2);
    world.nowMs += 5 * HOUR_MS;
    expect(await reads()).toBe(2);
  });

  it("is found when it is merged away between two readings", async () => {
    const world = new World(NOW_MS);
    const event = storedEvent({ type: "call.started", atMs: NOW_MS, tenant: ACME });
    world.store("eu-1-0", [event]);
    await world.flush();
    let reads = 0;
    world.beforeRead = async () => {
      if ((reads += 1) === 2) await world.merge();
    };
    expect((await findEvent(world.sources, ACME, event.id)).found?.id).toBe(event.id);
  });
});
