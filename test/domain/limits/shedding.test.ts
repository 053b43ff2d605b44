import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LoadCounter, WINDOW_MS } from "../../../domain/limits/load.ts";
import {
  ANSWER_BOUND_MS,
  HOLD_MS,
  IN_FLIGHT_BOUND,
  type Load,
  MISSED_BOUND,
  NOTHING_SHED,
  RELEASE_SHARE,
  SHEDDABLE_KINDS,
  type SheddableKind,
  type Shedding,
  isShed,
  retryAfterS,
  shed,
} from "../../../domain/limits/shedding.ts";

const IDLE: Load = { inFlight: { analytics: 0, lists: 0, calls: 0, kept: 0 }, answerMs: null, missed: 0 };
const answering = (times: number): Load => ({ ...IDLE, answerMs: ANSWER_BOUND_MS * times });
const shedBy = (shedding: Shedding, floor: SheddableKind | "" = ""): readonly SheddableKind[] =>
  SHEDDABLE_KINDS.filter((kind) => isShed(kind, shedding, floor));
const under = (load: Load): readonly SheddableKind[] => shedBy(shed(NOTHING_SHED, load, 1));

describe("[RES-5] what is shed under which load", () => {
  it.each<[string, number, readonly SheddableKind[]]>([
    ["nothing", 0.9, []],
    ["analytics", 1, ["analytics"]],
    ["then lists", 1.5, ["analytics", "lists"]],
    ["then calls of low priority", 2, ["analytics", "lists", "low_calls"]],
    ["then of normal priority", 3, ["analytics", "lists", "low_calls", "normal_calls"]],
    ["then all new calls", 4, SHEDDABLE_KINDS],
  ])("%s when objects take %d times as long as they may", (_, times, kinds) => {
    expect(under(answering(times))).toEqual(kinds);
  });

  it("the same order by calls that wait", () => {
    const waiting = (times: number): Load => ({ ...IDLE, inFlight: { ...IDLE.inFlight, calls: IN_FLIGHT_BOUND * times } });
    expect([0.99, 1, 1.5, 2, 3, 4].map((times) => under(waiting(times)).length)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it("lists that pile up shed lists, and no call, which does not need what they wait for", () => {
    const piled: Load = { ...IDLE, inFlight: { analytics: 1_000, lists: 10_000, calls: 5, kept: 5 } };
    expect(under(piled)).toEqual(["analytics", "lists"]);
  });

  it("objects that miss their deadlines never shed calls of high priority: the others answer", () => {
    expect(under({ ...IDLE, missed: MISSED_BOUND })).toEqual(["analytics"]);
    expect(under({ ...IDLE, missed: 1 })).not.toContain("calls");
    expect(under({ ...IDLE, missed: 1 })).toContain("normal_calls");
  });

  it("an operator's floor holds whatever the load, and the load may go beyond it", () => {
    expect(shedBy(NOTHING_SHED, "lists")).toEqual(["analytics", "lists"]);
    expect(shedBy(NOTHING_SHED, "calls")).toEqual(SHEDDABLE_KINDS);
    expect(shedBy(shed(NOTHING_SHED, answering(3), 1), "analytics")).toContain("normal_calls");
  });

  it("never a kind before those that matter less, whatever comes", () => {
    const load = fc.record({
      inFlight: fc.record({ analytics: fc.nat(2_000), lists: fc.nat(2_000), calls: fc.nat(2_000), kept: fc.nat(2_000) }),
      answerMs: fc.option(fc.nat(4_000)),
      missed: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(load, fc.nat(10_000)), { minLength: 1, maxLength: 20 }), (steps) => {
        let shedding = NOTHING_SHED;
        let nowMs = 0;
        for (const [now, passed] of steps) {
          nowMs += passed;
          shedding = shed(shedding, now, nowMs);
          const kinds = SHEDDABLE_KINDS.map((kind) => isShed(kind, shedding, ""));
          expect(kinds).toEqual([...kinds].sort((a, b) => Number(b) - Number(a)));
          expect(shedBy(shedding).length).toBeGreaterThanOrEqual(under(now).length);
        }
      }),
    );
  });
});

describe("[RES-5] taking requests again", () => {
  const pressed = shed(NOTHING_SHED, answering(4), 1_000);

  it("waits, then goes back a kind at a time, what matters most first", () => {
    let shedding = pressed;
    const seen: number[] = [];
    const early = new Set<number>();
    for (let nowMs = 1_000; nowMs <= 1_000 + 6 * HOLD_MS; nowMs += HOLD_MS / 5) {
      shedding = shed(shedding, IDLE, nowMs);
      if (seen.at(-1) !== shedding.level) seen.push(shedding.level);
      if (nowMs < 1_000 + HOLD_MS) early.add(shedding.level);
    }
    expect([...early]).toEqual([5]);
    expect(seen).toEqual([5, 4, 3, 2, 1, 0]);
  });

  it("does not when the load is only just below what shed them", () => {
    let shedding = pressed;
    for (let nowMs = 1_000; nowMs < 60_000; nowMs += 500) shedding = shed(shedding, answering(4 * RELEASE_SHARE), nowMs);
    expect(shedding.level).toBe(5);
    expect(shed(shedding, answering(3.9 * RELEASE_SHARE), 60_000 + HOLD_MS).level).toBe(4);
  });

  it("has all back after a silence", () => {
    expect(shed(pressed, IDLE, 1_000 + 10 * HOLD_MS).level).toBe(0);
  });

  it("and at once takes away what a new burst asks for", () => {
    const halfway = shed(pressed, IDLE, 1_000 + 2 * HOLD_MS);
    expect(halfway.level).toBe(3);
    expect(shed(halfway, answering(4), 1_001 + 2 * HOLD_MS).level).toBe(5);
  });
});

describe("[RES-5] when to come back", () => {
  it("is not the same for all, and later for what matters less", () => {
    const spans = SHEDDABLE_KINDS.map((kind) => [retryAfterS(kind, 0), retryAfterS(kind, 1)] as const);
    for (const [least, most] of spans) expect(most).toBeGreaterThan(least);
    expect(spans[0]![0]).toBeGreaterThan(spans.at(-1)![0]);
    expect(Math.min(...spans.flat())).toBeGreaterThan(0);
  });
});

describe("[RES-5] what an isolate knows of its load", () => {
  it("counts requests until they are answered", () => {
    const counter = new LoadCounter();
    const ends = [counter.begin("calls", 0), counter.begin("calls", 0), counter.begin("lists", 0)];
    expect(counter.load(1).inFlight).toEqual({ analytics: 0, lists: 1, calls: 2, kept: 0 });
    ends[0]!();
    ends[0]!();
    expect(counter.load(2).inFlight).toMatchObject({ lists: 1, calls: 1 });
  });

  it("forgets those whose clients hung up, of which nobody hears", () => {
    const counter = new LoadCounter();
    for (let i = 0; i < 1_000; i++) counter.begin("calls", 0);
    expect(under(counter.load(10_000)).length).toBe(5);
    expect(under(counter.load(31_000))).toEqual([]);
  });

  it("smooths what objects take: one slow answer is nothing, many are", () => {
    const counter = new LoadCounter();
    counter.noteAnswer(2_900, 0);
    expect(under(counter.load(1))).toEqual([]);
    for (let i = 0; i < 100; i++) counter.noteAnswer(10, i);
    counter.noteAnswer(2_900, 101);
    expect(under(counter.load(102))).toEqual([]);
    for (let i = 0; i < 60; i++) counter.noteAnswer(2_900, 103 + i);
    expect(under(counter.load(200))).toEqual(SHEDDABLE_KINDS);
    expect(under(counter.load(200 + WINDOW_MS))).toEqual([]);
  });

  it("weighs misses against answers, and lets some pass", () => {
    const counter = new LoadCounter();
    const after = (misses: number, answers: number) => {
      for (let i = 0; i < misses; i++) counter.noteMiss(0);
      for (let i = 0; i < answers; i++) counter.noteAnswer(5, 0);
      return under(counter.load(1));
    };
    expect(after(9, 0)).toEqual([]);
    expect(after(1, 0)).toEqual(["analytics", "lists", "low_calls", "normal_calls"]);
    expect(after(0, 1_000)).toEqual([]);
    expect(counter.load(3 * WINDOW_MS).missed).toBe(0);
  });
});
