import { describe, expect, it } from "vitest";
import { linesOfDay } from "../../../bench/events/fill/lines.ts";
import {
  BUSY_CALLERS,
  BUSY_CALLS_PER_DAY,
  CALLS_PER_CALLER,
  DAYS,
  type FillSpec,
  callerNumber,
  callersOf,
  callsOfDay,
} from "../../../bench/events/fill/plan.ts";
import { factsOf, parseStored } from "../../../domain/events/stored.ts";
import { DEMO_TENANT } from "../../../local/secrets.ts";

const specOf = (events: number): FillSpec => ({ firstDayMs: Date.parse("2026-09-01T00:00:00Z"), events });

function callsByCaller(spec: FillSpec): Map<string, number> {
  const calls = Array.from({ length: DAYS }, (_, day) => callsOfDay(DEMO_TENANT, spec, day)).flat();
  return new Map([...Map.groupBy(calls, ({ caller }) => caller)].map(([caller, own]) => [caller, own.length]));
}

describe("a filled store", () => {
  it("has the same answers for a caller at every size", () => {
    for (const events of [20_000, 60_000]) {
      const spec = specOf(events);
      const calls = callsByCaller(spec);
      const ordinary = Array.from({ length: callersOf(DEMO_TENANT, spec) }, (_, caller) =>
        calls.get(callerNumber(BUSY_CALLERS + caller)),
      );
      expect(new Set(ordinary)).toEqual(new Set([CALLS_PER_CALLER]));
      expect(calls.get(callerNumber(0))).toBe(BUSY_CALLS_PER_DAY * DAYS);
    }
  });

  it("has more callers where it has more events", () => {
    expect(callersOf(DEMO_TENANT, specOf(60_000))).toBeGreaterThan(2 * callersOf(DEMO_TENANT, specOf(20_000)));
  });

  it("consists of lines that say what their facts say, sorted by id", () => {
    const lines = [...linesOfDay(DEMO_TENANT, specOf(20_000), 3)];
    for (const { facts, line } of lines.slice(0, 100)) expect(factsOf(parseStored(line))).toEqual(facts);
    const ids = lines.map(({ facts }) => facts.id);
    expect([...new Set(ids)].sort()).toEqual(ids);
  });
});
