import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { accruedMicros, costMicros, expectedMicros } from "../../../domain/toll/cost.ts";
import {
  BUCKET_MS,
  EMPTY_LEDGER,
  type TollLedger,
  WINDOW_MS,
  book,
  overspent,
  spent,
  take,
} from "../../../domain/toll/ledger.ts";
import type { Plan } from "../../../domain/routing/plan.ts";
import { INBOUND } from "../../../domain/call/state.ts";
import { ROUTED, START_MS } from "../call/fixtures.ts";

const CALL = { calls: 1, micros: 0 };
const UNBOUNDED = { callsPerHour: null, costPerHourMicros: null };

/** Takes until the bound is reached. */
function drain(ledger: TollLedger, bounds: { callsPerHour: number | null; costPerHourMicros: number | null }, nowMs: number) {
  let current = ledger;
  let calls = 0;
  for (;;) {
    const taking = take(current, { calls: 1, micros: 500_000 }, bounds, nowMs);
    current = taking.ledger;
    if (taking.granted === null) return { ledger: current, calls, alert: taking.alert };
    calls += taking.granted.calls;
  }
}

describe("[RTE-25] a trunk's ledger", () => {
  it("lets no more calls through in any hour than the bound, however they are spread", () => {
    const step = fc.record({ waitMs: fc.nat({ max: 20 * 60_000 }), calls: fc.integer({ min: 1, max: 40 }) });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.array(step, { maxLength: 60 }), (bound, steps) => {
        let ledger: TollLedger = EMPTY_LEDGER;
        let nowMs = START_MS;
        const placed: { readonly atMs: number; readonly calls: number }[] = [];
        for (const { waitMs, calls } of steps) {
          nowMs += waitMs;
          for (let i = 0; i < calls; i++) {
            const taking = take(ledger, CALL, { ...UNBOUNDED, callsPerHour: bound }, nowMs);
            ledger = taking.ledger;
            if (taking.granted !== null) placed.push({ atMs: nowMs, calls: taking.granted.calls });
          }
        }
        for (const { atMs } of placed) {
          const inHour = placed.filter((other) => other.atMs > atMs - WINDOW_MS && other.atMs <= atMs);
          expect(inHour.reduce((sum, { calls }) => sum + calls, 0)).toBeLessThanOrEqual(bound);
        }
      }),
    );
  });

  it("lets calls through again when the hour, and at most one bucket more, is over", () => {
    const { ledger } = drain(EMPTY_LEDGER, { ...UNBOUNDED, callsPerHour: 10 }, START_MS);
    const bounds = { ...UNBOUNDED, callsPerHour: 10 };
    expect(take(ledger, CALL, bounds, START_MS + WINDOW_MS - 1).granted).toBeNull();
    expect(take(ledger, CALL, bounds, START_MS + WINDOW_MS + BUCKET_MS).granted).toEqual({ calls: 1, micros: 0 });
  });

  it("gives a slice of what is left while there is much, and single calls at the end", () => {
    const bounds = { ...UNBOUNDED, callsPerHour: 3_200 };
    expect(take(EMPTY_LEDGER, CALL, bounds, START_MS).granted?.calls).toBe(100);
    const nearly = book(EMPTY_LEDGER, { calls: 3_190, micros: 0 }, START_MS);
    expect(take(nearly, CALL, bounds, START_MS).granted?.calls).toBe(1);
  });

  it("bounds cost as well as calls", () => {
    const { calls } = drain(EMPTY_LEDGER, { callsPerHour: null, costPerHourMicros: 5_000_000 }, START_MS);
    expect(calls).toBe(10);
  });

  it("tells of a bound that is reached once in an hour", () => {
    const bounds = { ...UNBOUNDED, callsPerHour: 1 };
    const first = drain(EMPTY_LEDGER, bounds, START_MS);
    expect(first.alert).toBe(true);
    expect(take(first.ledger, CALL, bounds, START_MS + 60_000).alert).toBe(false);
    const later = drain(first.ledger, bounds, START_MS + WINDOW_MS + BUCKET_MS);
    expect(later.alert).toBe(true);
  });

  it("gives back what was not needed, and never owes", () => {
    const given = book(book(EMPTY_LEDGER, { calls: 5, micros: 700 }, START_MS), { calls: -5, micros: -900 }, START_MS);
    expect(spent(given, START_MS)).toEqual({ calls: 0, micros: 0 });
  });

  it("notices cost that calls under way have run up, and tells once", () => {
    const bounds = { callsPerHour: null, costPerHourMicros: 1_000 };
    const over = overspent(book(EMPTY_LEDGER, { calls: 0, micros: 1_001 }, START_MS), bounds, START_MS);
    expect(over.alert).toBe(true);
    expect(overspent(over.ledger, bounds, START_MS + 1).alert).toBe(false);
    expect(overspent(EMPTY_LEDGER, bounds, START_MS).alert).toBe(false);
  });
});

describe("[RTE-25] the cost of a call", () => {
  const rate = { perMinuteMicros: 60_000, connectMicros: 1_000, incrementS: 6 };
  const plan = { ...ROUTED, destinations: [{ ...ROUTED.destinations[0]!, chargeable: true, rate }] } as Plan;
  const answered = { ...INBOUND, phase: "active", answeredAtMs: START_MS } as const;

  it("is the connection and every begun increment", () => {
    expect(costMicros(rate, null)).toBe(0);
    expect(costMicros(rate, 0)).toBe(1_000 + 6_000);
    expect(costMicros(rate, 6_000)).toBe(1_000 + 6_000);
    expect(costMicros(rate, 6_001)).toBe(1_000 + 12_000);
    expect(costMicros({ ...rate, incrementS: 60 }, 61_000)).toBe(1_000 + 120_000);
  });

  it("is booked for three minutes in advance, or for less where the plan allows no more", () => {
    expect(expectedMicros(plan)).toBe(1_000 + 180_000);
    expect(expectedMicros({ ...plan, maxDurationMs: 30_000 } as Plan)).toBe(1_000 + 30_000);
    expect(expectedMicros(ROUTED)).toBe(0);
  });

  it("accrues from the answer on, and not at all without one", () => {
    expect(accruedMicros(plan, INBOUND, START_MS + 600_000)).toBe(0);
    expect(accruedMicros(plan, answered, START_MS + 600_000)).toBe(1_000 + 600_000);
  });
});
