/** Arbitrary calls for property tests: what their carrier reports, and every order in which it may arrive. */
import fc from "fast-check";
import { type CallEvent, REPORT_TYPES, type Report } from "../../../domain/call/machine.ts";
import { START_MS, report } from "./fixtures.ts";

const atMs = fc.integer({ min: START_MS, max: START_MS + 60_000 });
const sipCode = fc.option(fc.integer({ min: 100, max: 699 }), { nil: null });
const q850 = fc.option(fc.integer({ min: 1, max: 127 }), { nil: null });
const routeIndex = fc.option(fc.integer({ min: 0, max: 4 }), { nil: null });
const once = (type: Report["type"]): fc.Arbitrary<Report[]> =>
  fc.array(
    atMs.map((ms) => report(type, ms)),
    { maxLength: 1 },
  );

const failovers = fc.uniqueArray(fc.record({ type: fc.constant("failover" as const), atMs, sipCode, q850, routeIndex }), {
  maxLength: 4,
  selector: (failover) => (failover.routeIndex === null ? `at ${failover.atMs}` : failover.routeIndex),
});

const end = fc.record({
  type: fc.constantFrom("ended" as const, "failed" as const, "cancelled" as const),
  atMs,
  sipCode,
  q850,
});

export type Story = {
  readonly started: readonly Report[];
  readonly ringing: readonly Report[];
  readonly failovers: readonly Report[];
  readonly answered: readonly Report[];
  readonly end: readonly Report[];
};

/** Facts of one call that do not contradict each other: each once-only fact at most once, at most one end. */
export const story: fc.Arbitrary<Story> = fc.record({
  started: once("started"),
  ringing: fc.array(
    atMs.map((ms) => report("ringing", ms)),
    { maxLength: 3 },
  ),
  failovers,
  answered: once("answered"),
  end: fc.array(
    end.map((parts) => ({ ...parts, routeIndex: null })),
    { maxLength: 1 },
  ),
});

export const factsOf = ({ started, ringing, failovers: given, answered, end: ends }: Story): Report[] => [
  ...started,
  ...ringing,
  ...given,
  ...answered,
  ...ends,
];

/** The same things, each at least once and up to three times, in any order. */
export function delivered<T>(things: readonly T[]): fc.Arbitrary<T[]> {
  return fc
    .array(fc.integer({ min: 1, max: 3 }), { minLength: things.length, maxLength: things.length })
    .map((counts) => things.flatMap((thing, index) => Array.from({ length: counts[index]! }, () => thing)))
    .chain((all) => fc.shuffledSubarray(all, { minLength: all.length }));
}

/** Anything at all, contradictions and nonsense included. */
export const anyEvent: fc.Arbitrary<CallEvent> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .record({ type: fc.constantFrom(...REPORT_TYPES), atMs, sipCode, q850, routeIndex })
      .map((parts): CallEvent => ({ kind: "report", report: parts })),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("refused" as const), atMs, sipCode: fc.constantFrom(403, 404) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("silence" as const), atMs }) },
);
