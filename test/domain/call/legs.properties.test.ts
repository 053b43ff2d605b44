/** The legs of a call against a carrier and a network that fail in every way. A failing seed is printed; it becomes a named example. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type LegAction, type LegsInput, advanceLegs, anyOpen, beginLegs, legsDueAt } from "../../../domain/call/legs.ts";
import { MAX_LEGS, MAX_PLACE_ATTEMPTS } from "../../../domain/call/leg-timing.ts";
import { playCall } from "./legs-carrier.ts";
import { SESSION, T0, groups } from "./legs-fixture.ts";

const RUNS = 1_500;
const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const losses = fc.constantFrom(0, 0.05, 0.3, 0.7, 1);
/** Three destinations one after another, and groups that ring together. */
const plans = fc.constantFrom("a b c", "abc", "a bc", "ab c de", "abcd e").map((letters) => groups(letters));
const FINAL = ["ended", "failed", "cancelled"];

describe("[LEG-5] legs and a carrier over a network that loses, repeats, delays and reorders", () => {
  it("[LEG-3] [LEG-4] [LEG-5] [LEG-6] [LEG-7] [LEG-8] every call ends once, is dialled in order, and leaves nobody connected", () => {
    fc.assert(
      fc.property(seeds, losses, plans, (seed, loss, routePlan) => {
        const played = playCall(seed, loss, routePlan);
        const reports = played.facts.flatMap((fact) => (fact.kind === "report" ? [fact.report] : []));
        expect(reports.filter(({ type }) => FINAL.includes(type))).toHaveLength(1);
        expect(anyOpen(played.legs)).toBe(false);

        const failovers = reports.flatMap(({ type, routeIndex }) => (type === "failover" ? [routeIndex] : []));
        expect(new Set(failovers).size).toBe(failovers.length);

        // Each destination once, and in the plan's order; each leg was asked for no more often than allowed, and never after it was given up.
        const routes = played.legs.legs.flatMap(({ routeIndex }) => routeIndex ?? []);
        expect(routes).toEqual(routes.map((_, index) => index));
        expect(played.placedAfterGivenUp).toEqual([]);
        expect(Math.max(0, ...played.placeRequests.values())).toBeLessThanOrEqual(MAX_PLACE_ATTEMPTS);
        expect(played.mostConnected).toBeLessThanOrEqual(1);

        // What the carrier still has can only be what it did not answer for, for as long as it was asked.
        for (const id of played.liveAtCarrier) {
          expect(played.legs.legs.find((leg) => leg.id === id)).toMatchObject({ phase: "over", confirmed: false });
        }
      }),
      { numRuns: RUNS },
    );
  });

  it("[LEG-4] [LEG-8] over a network that loses nothing, the call is what the carrier did, and the carrier has nothing left", () => {
    fc.assert(
      fc.property(seeds, plans, (seed, routePlan) => {
        const played = playCall(seed, 0, routePlan);
        expect(played.liveAtCarrier).toEqual([]);
        const talked = played.facts.some((fact) => fact.kind === "report" && fact.report.type === "answered");
        const ended = played.facts.some((fact) => fact.kind === "report" && fact.report.type === "ended");
        expect(ended).toBe(talked);
        // The caller heard somebody for longer than any message is under way: that is never lost.
        expect(talked || played.longestTalkMs < 2_000).toBe(true);
      }),
      { numRuns: RUNS },
    );
  });

  it("[LEG-5] the same history gives the same legs", () => {
    fc.assert(
      fc.property(seeds, losses, plans, (seed, loss, routePlan) => {
        expect(playCall(seed, loss, routePlan)).toEqual(playCall(seed, loss, routePlan));
      }),
      { numRuns: 50 },
    );
  });
});

const number = fc.integer({ min: 0, max: 4 });
const codes = { sipCode: fc.option(fc.constantFrom(408, 486, 487, 503, 603)), q850: fc.option(fc.constantFrom(16, 17, 34)) };
const instant = fc.oneof(fc.integer({ min: T0 - 5_000, max: T0 + 100_000 }), fc.constantFrom(0, -1, Number.MAX_SAFE_INTEGER));
const status = fc.oneof(
  fc.record({ tag: fc.constantFrom("unknown" as const, "dialling" as const, "ringing" as const) }),
  fc.record({ tag: fc.constant("answered" as const), answeredAtMs: instant }),
  fc.record({ tag: fc.constant("ended" as const), endedAtMs: instant, answeredAtMs: fc.option(instant), ...codes }),
);
const error = fc.oneof(
  fc.record({ tag: fc.constant("refused" as const), sipCode: codes.sipCode, reason: fc.constant("r") }),
  fc.record({ tag: fc.constant("unavailable" as const), reason: fc.constant("r") }),
);
const result = fc.oneof(
  status.map((value) => ({ ok: true as const, value })),
  error.map((reason) => ({ ok: false as const, error: reason })),
);
const callback = fc.record({
  leg: number.map((leg) => `${SESSION}.${leg}`),
  session: fc.constant(SESSION),
  id: fc.constant("c"),
  atMs: instant,
  type: fc.constantFrom(
    "ringing" as const,
    "answered" as const,
    "failed" as const,
    "ended" as const,
    "caller_hung_up" as const,
  ),
  ...codes,
});
const input: fc.Arbitrary<LegsInput> = fc.oneof(
  fc.record({ kind: fc.constantFrom("start" as const, "time" as const, "hang_up" as const) }),
  fc.record({ kind: fc.constant("callback" as const), callback }),
  fc.record({
    kind: fc.constant("answer" as const),
    leg: number,
    action: fc.constantFrom<LegAction["kind"]>("place", "end", "status"),
    result,
  }),
  fc.record({ kind: fc.constant("redirect" as const), target: fc.constant({ uri: "sip:x@127.0.0.1", ringTimeoutMs: 5_000 }) }),
);

describe("[LEG-5] legs and whatever anybody says", () => {
  it("[LEG-5] [TMR-3] no order of words breaks them, and time alone brings every call that nobody answered to its end", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(input, fc.integer({ min: 0, max: 30_000 })), { maxLength: 40 }),
        plans,
        (inputs, routePlan) => {
          let legs = beginLegs(SESSION);
          let nowMs = T0;
          const finals: string[] = [];
          const give = (given: LegsInput) => {
            const step = advanceLegs(legs, routePlan, given, nowMs, 0.5);
            legs = step.legs;
            for (const fact of step.facts) {
              if (fact.kind === "report" && FINAL.includes(fact.report.type)) finals.push(fact.report.type);
              const atMs = fact.kind === "report" ? fact.report.atMs : fact.atMs;
              expect(atMs >= T0 && atMs <= nowMs).toBe(true);
            }
            expect(legs.legs.filter(({ phase }) => phase === "answered").length).toBeLessThanOrEqual(1);
            expect(legs.legs.length).toBeLessThanOrEqual(MAX_LEGS);
          };
          for (const [given, laterMs] of inputs) {
            nowMs += laterMs;
            give(given);
          }
          give({ kind: "start" });
          give({ kind: "hang_up" });
          for (let steps = 0; anyOpen(legs); steps++) {
            expect(steps).toBeLessThan(500);
            nowMs = Math.max(nowMs + 1_000, legsDueAt(legs)!);
            give({ kind: "time" });
          }
          expect(finals).toHaveLength(1);
          expect(legsDueAt(legs)).toBeNull();
          expect(JSON.parse(JSON.stringify(legs))).toEqual(legs);
        },
      ),
      { numRuns: RUNS },
    );
  });
});
