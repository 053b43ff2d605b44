import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OTHER_VALUE } from "../../../domain/events/index/dictionaries.ts";
import { sharesOf, sortRun } from "../../../domain/events/segment.ts";
import {
  MAX_COUNTED_VALUES,
  MAX_STAT_VALUES,
  type StatsQuery,
  countedEvent,
  countedOf,
  createStatCounter,
} from "../../../domain/events/stats.ts";
import { factsOf } from "../../../domain/events/stored.ts";
import { DAY_OF_CALLS_MS as T, storedEvent } from "./stored-events.ts";

const QUARTER = 15 * 60_000;
const HOUR = 4 * QUARTER;
const QUERY: StatsQuery = { fromMs: T, toMs: T + 2 * HOUR, bucketMs: HOUR, by: "type", filter: {} };

const event = (type: string, atMs: number, rest: object = {}) => factsOf(storedEvent({ type, atMs, ...rest }));

function count(query: StatsQuery, events: readonly ReturnType<typeof event>[]) {
  const counter = createStatCounter(query);
  for (const each of events) counter.add(countedEvent(each));
  return counter.stats();
}

describe("[QRY-11] counts of events", () => {
  it("have every bucket of the period, and nothing from outside it", () => {
    const events = [event("a", T - 1), event("a", T), event("b", T + HOUR - 1), event("a", T + 5), event("a", T + 2 * HOUR)];
    expect(count(QUERY, events)).toEqual({
      total: 3,
      exact: true,
      buckets: [
        { startMs: T, counts: { a: 2, b: 1 }, others: 0, total: 3 },
        { startMs: T + HOUR, counts: {}, others: 0, total: 0 },
      ],
    });
  });

  it("are of what is asked for alone", () => {
    const filter = { type: [{ tag: "prefix", value: "call." }], direction: ["inbound"] } as const;
    const events = [
      event("call.answered", T, { direction: "inbound" }),
      event("call.answered", T, { direction: "outbound" }),
      event("agent.call.answered", T, { direction: "inbound" }),
    ];
    expect(count({ ...QUERY, by: "direction", filter }, events)).toMatchObject({
      total: 1,
      buckets: [{ counts: { inbound: 1 } }, {}],
    });
  });

  it("tell events without a direction under the empty text", () => {
    expect(count({ ...QUERY, by: "direction" }, [event("a", T)]).buckets[0]!.counts).toEqual({ "": 1 });
  });

  it("tell the commonest values apart, and count the others together", () => {
    const many = Array.from({ length: MAX_COUNTED_VALUES + 5 }, (_, index) => event(`type-${index}`, T));
    const { buckets, total } = count(QUERY, [...many, ...many.slice(-6, -5), ...many.slice(0, 1)]);
    expect(total).toBe(many.length + 2);
    expect(Object.keys(buckets[0]!.counts)).toHaveLength(MAX_STAT_VALUES);
    expect(buckets[0]!.counts).toMatchObject({ "type-0": 2, [`type-${MAX_COUNTED_VALUES - 1}`]: 2 });
    expect(buckets[0]!.others).toBe(many.length - MAX_STAT_VALUES);
  });

  it("say so when an index does not tell what is asked for", () => {
    const counter = createStatCounter({ ...QUERY, filter: { source: [{ tag: "exact", value: "/pbx/1" }] } });
    const row = { bucketMs: T, type: "a", direction: "", status: "" };
    counter.add({ ...row, source: "/pbx/1", count: 2 });
    counter.add({ ...row, source: OTHER_VALUE, count: 3 });
    expect(counter.stats()).toMatchObject({ total: 2, exact: false });
  });

  it("are the same from a segment's counts as from its events, in every bucket", () => {
    const given = fc.record({
      type: fc.constantFrom("a", "b"),
      status: fc.constantFrom("", "busy"),
      afterMs: fc.integer({ min: -HOUR, max: 3 * HOUR }),
    });
    const sizes = fc.constantFrom(QUARTER, HOUR, 2 * HOUR);
    fc.assert(
      fc.property(fc.array(given), sizes, fc.constantFrom("type", "status"), (all, bucketMs, by) => {
        const query = { ...QUERY, fromMs: T + QUARTER, bucketMs, by } as StatsQuery;
        const events = all.map(({ afterMs, ...rest }, index) => storedEvent({ ...rest, atMs: T + afterMs, count: index }));
        const counter = createStatCounter(query);
        const run = sortRun(events.map((each) => JSON.stringify(each)));
        for (const { stats } of Object.values(sharesOf(run))) for (const tuple of stats) counter.add(countedOf(tuple));
        expect(counter.stats()).toEqual(count(query, events.map(factsOf)));
      }),
    );
  });
});
