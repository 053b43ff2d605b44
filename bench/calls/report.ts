/** The figures of `bench -- calls` in words, and the targets that they are held against. */
import { type Machine, machineLine } from "../machine.ts";
import type { Outcome } from "../outcome.ts";
import { type Window, medianRatio, medianWindow } from "../statistics.ts";
import { fixed, table } from "../table.ts";
import type { Proof } from "./counting.ts";
import { EVENTS_PER_CALL, type Sustained } from "./sustained.ts";
import { CONNECTIONS, type Measured } from "./throughput.ts";
import { FLOOR, SYSTEM } from "./variants.ts";

/** Of the floor's requests per second. */
const MIN_OF_FLOOR = 0.8;
/** Of the floor's 99th percentile. */
const MAX_P99_OF_FLOOR = 2;

export type CallsFigures = {
  readonly machine: Machine;
  readonly rounds: number;
  readonly measured: readonly Measured[];
  readonly proof?: Proof;
  readonly sustained?: Sustained;
};

type Row = Window & {
  readonly name: string;
  readonly what: string;
  readonly ofFloor: number;
  readonly p99OfFloor: number;
  readonly errors: number;
};

const pick = (windows: readonly Window[], of: (window: Window) => number): number[] => windows.map(of);

function rowsOf(measured: readonly Measured[]): Row[] {
  const floor = measured.find(({ variant }) => variant.name === FLOOR)?.windows ?? [];
  return measured.map(({ variant: { name, what }, windows, errors }) => ({
    name,
    what,
    ...medianWindow(windows),
    ofFloor: medianRatio(
      pick(windows, ({ perSecond }) => perSecond),
      pick(floor, ({ perSecond }) => perSecond),
    ),
    p99OfFloor: medianRatio(
      pick(windows, ({ p99Ms }) => p99Ms),
      pick(floor, ({ p99Ms }) => p99Ms),
    ),
    errors: Object.values(errors).reduce((sum, count) => sum + count, 0),
  }));
}

function throughputText(rows: readonly Row[], rounds: number): string {
  const header = ["variant", "req/s", "p50 ms", "p95 ms", "p99 ms", "of floor", "p99 of floor", "CPU ms", "errors"];
  const cells = rows.map((row) => [
    row.name,
    fixed(row.perSecond, 0),
    fixed(row.p50Ms, 1),
    fixed(row.p95Ms, 1),
    fixed(row.p99Ms, 1),
    fixed(row.ofFloor, 2),
    fixed(row.p99OfFloor, 2),
    fixed(row.cpuMs, 2),
    String(row.errors),
  ]);
  const legend = rows.map(({ name, what }) => `  ${name}: ${what}`).join("\n");
  const how = `Medians of ${rounds} rounds, variants interleaved, a fresh process each, ${CONNECTIONS} connections; ratios are medians of each round's ratio. CPU: of the serving process, per request.`;
  return `${table(header, cells)}\n\n${legend}\n\n${how}`;
}

function proofText({
  calls,
  r2Begun,
  holdMs,
  slowestMs,
  fetchesBefore,
  queries,
  projectionQueries,
  control,
  byPlace,
}: Proof): string {
  const places = Object.entries(byPlace).map(([place, counts]) => {
    const operations = Object.entries(counts).map(([name, count]) => `${name} ${count}`);
    return `  ${place}: ${operations.length === 0 ? "nothing" : operations.join(", ")}`;
  });
  return [
    `Over ${calls} warm calls: ${r2Begun} R2 operations and ${fetchesBefore} outgoing requests were begun while a call was under way.`,
    `With every answer of R2 held back by ${holdMs} ms the slowest call took ${fixed(slowestMs, 0)} ms: ${slowestMs < holdMs ? "no call waits for R2" : "a call waited for R2"}.`,
    `At the database's endpoint, before and after the answers: ${queries} queries; the projection began ${projectionQueries} of them.`,
    `Check of the counters: one GET /readyz is counted as ${control.r2} R2 operations and ${control.queries} queries.`,
    "R2 and outgoing requests by the place that causes them:",
    ...places,
  ].join("\n");
}

function sustainedText(figures: Sustained): string {
  const errors = Object.entries(figures.errors).map(([status, count]) => `${count} × ${status}`);
  return [
    `Whole calls at a steady rate: ${figures.calls} of ${figures.asked.calls} set up, ${fixed(figures.callsPerSecond, 1)} of ${figures.asked.perSecond} calls/s, ${fixed(figures.eventsPerSecond, 0)} events/s.`,
    `Set-up p50 ${fixed(figures.setUpP50Ms, 1)} ms, p99 ${fixed(figures.setUpP99Ms, 1)} ms; reports p99 ${fixed(figures.reportP99Ms, 1)} ms; the generator was late by ${fixed(figures.generatorLateMs, 0)} ms at most.`,
    `${figures.segments} segments of ${fixed(figures.segmentBytes / 1_024, 0)} KiB in all; they hold ${figures.eventsInSegments} of ${figures.calls * EVENTS_PER_CALL} events.`,
    `Read back: ${figures.whole} of ${figures.checked} calls have their ${EVENTS_PER_CALL} events exactly once, in order. Errors: ${errors.length === 0 ? "none" : errors.join(", ")}.`,
  ].join("\n");
}

function missedTargets(rows: readonly Row[], { proof, sustained }: CallsFigures): string[] {
  const missed: string[] = [];
  const system = rows.find(({ name }) => name === SYSTEM);
  if (system !== undefined && !(system.ofFloor >= MIN_OF_FLOOR))
    missed.push(`system is ${fixed(system.ofFloor, 2)} of the floor, not ${MIN_OF_FLOOR}`);
  if (system !== undefined && !(system.p99OfFloor <= MAX_P99_OF_FLOOR))
    missed.push(`the system's p99 is ${fixed(system.p99OfFloor, 2)} of the floor's, not ${MAX_P99_OF_FLOOR}`);
  for (const { name, errors } of rows) if (errors > 0) missed.push(`${name} answered ${errors} requests with an error`);
  if (
    proof !== undefined &&
    (proof.slowestMs >= proof.holdMs || proof.fetchesBefore > 0 || proof.queries > proof.projectionQueries)
  )
    missed.push("a call waits for R2, or something asks the network");
  if (proof !== undefined && (proof.control.r2 === 0 || proof.control.queries === 0)) missed.push("the counters do not count");
  if (
    sustained !== undefined &&
    (sustained.whole !== sustained.checked ||
      sustained.eventsInSegments !== sustained.calls * EVENTS_PER_CALL ||
      Object.keys(sustained.errors).length > 0)
  )
    missed.push("whole calls at a steady rate had errors or lost events");
  return missed;
}

export function callsReport(figures: CallsFigures): Outcome {
  const rows = rowsOf(figures.measured);
  const { machine, rounds, proof, sustained } = figures;
  const parts = [machineLine(machine), throughputText(rows, rounds)];
  if (proof !== undefined) parts.push(proofText(proof));
  if (sustained !== undefined) parts.push(sustainedText(sustained));
  const windows = Object.fromEntries(figures.measured.map(({ variant, windows: all }) => [variant.name, all]));
  const missed = missedTargets(rows, figures);
  return {
    text: `${parts.join("\n\n")}\n`,
    data: { machine, rounds, variants: rows, windows, proof, sustained, missed },
    missed,
  };
}
