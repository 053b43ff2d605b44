import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dispositionOf } from "../../../domain/call/causes.ts";
import { type Report, transition } from "../../../domain/call/machine.ts";
import { type CallState, INBOUND, LIVE_PHASES, type Phase, TERMINAL_PHASES, isTerminal } from "../../../domain/call/state.ts";
import { type Story, anyEvent, delivered, factsOf, story } from "./stories.ts";

const place = (phase: Phase): number =>
  isTerminal(phase) ? LIVE_PHASES.length : (LIVE_PHASES as readonly Phase[]).indexOf(phase);

const takeAll = (reports: readonly Report[]): CallState =>
  reports.reduce((state, report) => transition(state, { kind: "report", report }).state, INBOUND);

/** What a reader would write down who saw all the reports at once. */
function summary({ started, ringing, failovers, answered, end }: Story): Partial<CallState> {
  const [last] = end;
  const live = answered.length > 0 ? "active" : ringing.length > 0 ? "ringing" : "initiating";
  return {
    startedAtMs: started[0]?.atMs ?? null,
    ringingAtMs: ringing.length === 0 ? null : Math.min(...ringing.map(({ atMs }) => atMs)),
    answeredAtMs: answered[0]?.atMs ?? null,
    endedAtMs: last?.atMs ?? null,
    endCode: last?.sipCode ?? null,
    phase: last === undefined ? live : last.type === "ended" ? "completed" : "failed",
    disposition:
      last === undefined
        ? null
        : last.type === "ended"
          ? "answered"
          : last.type === "cancelled"
            ? "cancelled"
            : dispositionOf(last),
    failovers: expect.arrayContaining(failovers.map(({ atMs, routeIndex, sipCode }) => ({ atMs, routeIndex, sipCode }))),
  };
}

describe("[CALL-4] the reports of one call", () => {
  it("lead to the same state in every order and with every repetition", () => {
    const deliveries = story.chain((told) => fc.tuple(fc.constant(told), delivered(factsOf(told)), delivered(factsOf(told))));
    fc.assert(
      fc.property(deliveries, ([told, one, other]) => {
        const state = takeAll(one);
        expect(takeAll(other)).toEqual(state);
        expect(state).toMatchObject(summary(told));
        expect(state.failovers).toHaveLength(told.failovers.length);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("[CALL-8] whatever is reported", () => {
  const events = fc.array(anyEvent, { maxLength: 30 });

  it("[CALL-1] [CALL-2] [CALL-3] moves the call forward only, ends it at most once, and an end stands", () => {
    fc.assert(
      fc.property(events, (sequence) => {
        let state = INBOUND;
        let ends = 0;
        for (const event of sequence) {
          const result = transition(state, event);
          expect(place(result.state.phase)).toBeGreaterThanOrEqual(place(state.phase));
          const { phase, disposition, endCode, endedAtMs } = state;
          expect(result.state).toMatchObject(isTerminal(phase) ? { phase, disposition, endCode, endedAtMs } : {});
          expect(result.ended).toBe(isTerminal(result.state.phase) && !isTerminal(state.phase));
          ends += result.ended ? 1 : 0;
          state = result.state;
        }
        expect(ends).toBe(isTerminal(state.phase) ? 1 : 0);
        expect(state.disposition === null).toBe(ends === 0);
        expect(state.endedAtMs === null).toBe(ends === 0);
      }),
      { numRuns: 1_000 },
    );
  });

  it("changes nothing when it is not applied, and is never both applied and a repetition", () => {
    fc.assert(
      fc.property(events, anyEvent, (before, event) => {
        const state = before.reduce((known, each) => transition(known, each).state, INBOUND);
        const frozen = structuredClone(state);
        const result = transition(state, event);
        expect(state).toEqual(frozen);
        expect(result.applied ? frozen : result.state).toEqual(frozen);
        expect(result.applied && result.duplicate).toBe(false);
        expect([...LIVE_PHASES, ...TERMINAL_PHASES]).toContain(result.state.phase);
      }),
      { numRuns: 1_000 },
    );
  });

  it("lists every destination at most once among the failovers", () => {
    fc.assert(
      fc.property(events, (sequence) => {
        const { failovers } = sequence.reduce((known, each) => transition(known, each).state, INBOUND);
        const places = failovers.map(({ routeIndex }) => routeIndex).filter((index) => index !== null);
        expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
      }),
      { numRuns: 500 },
    );
  });
});
