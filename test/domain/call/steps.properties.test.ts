import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isTerminal } from "../../../domain/call/state.ts";
import type { Plan } from "../../../domain/routing/plan.ts";
import { timeOfId } from "../../../domain/shared/ids.ts";
import type { SessionRow } from "../../../durable-objects/call-session/row.ts";
import {
  type IncomingReport,
  announce,
  emptyRow,
  endByItself,
  report,
  reportsOf,
} from "../../../durable-objects/call-session/steps.ts";
import { CALL, IDENTITY, REJECTED, ROUTED, START_MS, at, incoming } from "./fixtures.ts";
import { anyEvent, delivered, factsOf, story } from "./stories.ts";

type Step =
  | { readonly kind: "announce"; readonly plan: Plan }
  | { readonly kind: "silence" }
  | { readonly kind: "report"; readonly report: IncomingReport };

const ANNOUNCE: Step = { kind: "announce", plan: ROUTED };

/** Carries the steps out, one millisecond apart or at the same time; a second announcement does nothing, as in the object. */
function run(steps: readonly Step[], tickMs = 1): SessionRow[] {
  const rows = [emptyRow(IDENTITY, START_MS)];
  steps.forEach((step, index) => {
    const row = rows.at(-1)!;
    const context = at(START_MS + index * tickMs);
    if (step.kind === "report") rows.push(report(row, step.report, context).row);
    else if (step.kind === "silence") rows.push(endByItself(row, context, "silence"));
    else rows.push(row.call === null ? announce(row, CALL, step.plan, null, context) : row);
  });
  return rows;
}

/** Facts as they stand in the record, without what follows from the order of recording. */
function factsIn(row: SessionRow): string[] {
  return row.events
    .filter(({ name }) => String(name).startsWith("call.") && name !== "call.received" && name !== "call.routed")
    .map(({ name, atMs, data }) => JSON.stringify({ name, atMs, data }))
    .sort();
}

const told = story.chain((given) => {
  const reports = factsOf(given).map((fact, index): Step => ({
    kind: "report",
    report: incoming(fact.type, fact.atMs, { ...fact, reportId: `report-${index}` }),
  }));
  return fc.tuple(fc.constant([ANNOUNCE, ...reports]), delivered([ANNOUNCE, ...reports]));
});

describe("[SESS-3] reports that come before the announcement", () => {
  it("lead to the same state and the same facts as reports that come after it", () => {
    fc.assert(
      fc.property(told, ([inOrder, asItCame]) => {
        const one = run(inOrder).at(-1)!;
        const other = run(asItCame).at(-1)!;
        expect(other.state).toEqual(one.state);
        expect(factsIn(other)).toEqual(factsIn(one));
        expect(other.sequence).toBe(one.sequence);
        expect(other.call).toEqual(CALL);
      }),
      { numRuns: 500 },
    );
  });
});

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: anyEvent.map((event): Step =>
      event.kind === "report"
        ? { kind: "report", report: incoming(event.report.type, event.report.atMs, event.report) }
        : { kind: "silence" },
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom(ROUTED, REJECTED).map((plan): Step => ({ kind: "announce", plan })) },
);

describe("[SESS-1] the events of a session", () => {
  it("are numbered without gaps, have ever larger ids, and tell of at most one end, which is the state's", () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 40 }), fc.constantFrom(0, 1, -1), (steps, tickMs) => {
        const row = run(steps, tickMs).at(-1)!;
        expect(row.events.map(({ sequence }) => sequence)).toEqual(row.events.map((_, index) => index + 1));
        expect(row.sequence).toBe(row.events.length);
        const ids = row.events.map(({ id }) => id as string);
        expect(ids).toEqual([...new Set(ids)].sort());
        const ends = row.events.filter(({ name }) => /^session\.(?:completed|escalated|failed)$/.test(String(name)));
        expect(ends.map(({ name }) => name)).toEqual(isTerminal(row.state.phase) ? [`session.${row.state.phase}`] : []);
        expect(row.endRecordedMs === null).toBe(ends.length === 0);
      }),
      { numRuns: 500 },
    );
  });

  it("[SESS-2] are the same after the last report is repeated", () => {
    fc.assert(
      fc.property(fc.array(anyStep, { minLength: 1, maxLength: 20 }), (steps) => {
        const once = run(steps).at(-1)!;
        const last = steps.at(-1)!;
        fc.pre(last.kind === "report");
        expect(run([...steps, last]).at(-1)).toEqual(once);
      }),
      { numRuns: 500 },
    );
  });

  it("[SESS-5] change nothing where they are marked as not applied", () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 20 }), (steps) => {
        const rows = run(steps);
        rows.slice(1).forEach((row, index) => {
          const before = rows[index]!;
          const [first] = row.events.slice(before.events.length);
          const refused = first?.data["applied"] === false;
          expect(refused ? row.state : before.state).toEqual(before.state);
        });
      }),
      { numRuns: 300 },
    );
  });
});

describe("[SESS-13] a session that hands over what was reported to it", () => {
  it("gives the other one the same state and the same facts", () => {
    fc.assert(
      fc.property(story, (given) => {
        const steps = factsOf(given).map((fact, index): Step => ({
          kind: "report",
          report: incoming(fact.type, fact.atMs, { ...fact, reportId: index % 2 === 0 ? `report-${index}` : null }),
        }));
        const first = run(steps).at(-1)!;
        const second = run(reportsOf(first).map((each): Step => ({ kind: "report", report: each }))).at(-1)!;
        expect(second.state).toEqual(first.state);
        expect(factsIn(second)).toEqual(factsIn(first));
      }),
      { numRuns: 300 },
    );
  });
});

describe("[SESS-14] the hours of a session", () => {
  it("are exactly those in which the ids of its events lie", () => {
    const HOUR_MS = 3_600_000;
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 20 }), fc.integer({ min: -HOUR_MS, max: HOUR_MS }), (steps, tickMs) => {
        const row = run(steps, tickMs).at(-1)!;
        const expected = new Set(row.events.map(({ id }) => Math.floor(timeOfId(id) / HOUR_MS)));
        expect(row.hours).toEqual([...expected]);
      }),
      { numRuns: 300 },
    );
  });
});
