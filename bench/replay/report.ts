/** The figures of `bench -- replay` in words, and the targets that they are held against. */
import { type Machine, machineLine } from "../machine.ts";
import type { Outcome } from "../outcome.ts";
import { median, medianRatio } from "../statistics.ts";
import { fixed, table } from "../table.ts";
import type { FillSpec, Filled } from "./messages.ts";
import type { Lines } from "./stream.ts";

/** @property idleBytes the peak before the request. */
export type Measured = Lines & { readonly cpuMs: number; readonly peakBytes: number; readonly idleBytes: number };

export type ReplayFigures = {
  readonly machine: Machine;
  readonly rounds: number;
  readonly spec: FillSpec;
  readonly stored: Filled;
  readonly measured: ReadonlyMap<string, readonly Measured[]>;
};

const MB = 1024 * 1024;
const MAX_SECONDS_PER_MILLION = 60;
const MILLION = 1_000_000;
const WHAT: Readonly<Record<string, string>> = {
  floor: "fetches and unpacks the same segments, nothing else",
  replay: "POST /v1/routing/replay, authenticated, to the last line",
};

function missedBy(calls: number, rounds: readonly Measured[]): string[] {
  const missed: string[] = [];
  const seconds = median(rounds.map((round) => round.seconds)) * (MILLION / calls);
  if (!(seconds <= MAX_SECONDS_PER_MILLION))
    missed.push(`a million calls: ${fixed(seconds, 1)} s, at most ${MAX_SECONDS_PER_MILLION}`);
  const wrong = rounds.find(
    ({ last }) => last["calls"] !== calls || last["unreadableSegmentCount"] !== 0 || last["changed"] === 0,
  );
  if (wrong !== undefined) missed.push(`all ${calls} calls replayed, some of them changed: ${JSON.stringify(wrong.last)}`);
  return missed;
}

export function replayReport({ machine, rounds, spec, stored, measured }: ReplayFigures): Outcome {
  const calls = spec.hours * spec.callsPerHour;
  const rows = [...measured].map(([name, results]) => {
    const of = (pick: (one: Measured) => number): number => median(results.map(pick));
    return {
      name,
      seconds: of(({ seconds }) => seconds),
      cpuSeconds: of(({ cpuMs }) => cpuMs) / 1_000,
      peakMb: of(({ peakBytes }) => peakBytes) / MB,
      idleMb: of(({ idleBytes }) => idleBytes) / MB,
      firstLineMs: of(({ firstLineMs }) => firstLineMs),
      longestGapMs: of(({ longestGapMs }) => longestGapMs),
      progressLines: of(({ progressLines }) => progressLines),
    };
  });
  const header = [
    "variant",
    "seconds",
    "calls/s",
    "CPU s",
    "peak MB",
    "idle MB",
    "first line ms",
    "longest gap ms",
    "lines",
    "what",
  ];
  const cells = rows.map((row) => [
    row.name,
    fixed(row.seconds, 1),
    fixed(calls / row.seconds, 0),
    fixed(row.cpuSeconds, 1),
    fixed(row.peakMb, 0),
    fixed(row.idleMb, 0),
    fixed(row.firstLineMs, 0),
    fixed(row.longestGapMs, 0),
    fixed(row.progressLines, 0),
    WHAT[row.name] ?? "",
  ]);
  const of = (name: string, pick: (one: Measured) => number): number[] => (measured.get(name) ?? []).map(pick);
  const cpuRatio = medianRatio(
    of("replay", ({ cpuMs }) => cpuMs),
    of("floor", ({ cpuMs }) => cpuMs),
  );
  const last = measured.get("replay")?.at(-1)?.last;
  const text = [
    machineLine(machine),
    `${calls} calls of one tenant and ${spec.hours * spec.othersPerHour} of another, ${stored.events} events in ${stored.segments} segments,`,
    `${fixed(stored.bytes / MB, 0)} MB. One hour's calls differ from each other; the other ${spec.hours - 1} hours are copies of it.`,
    `A fresh process per variant and round, medians of ${rounds} rounds. CPU and memory: all of workerd, its local R2 too.`,
    "",
    table(header, cells),
    "",
    ...(Number.isFinite(cpuRatio) ? [`a replay takes ${fixed(cpuRatio, 2)} times the floor's processor time`] : []),
    ...(last === undefined ? [] : [`replayed ${String(last["calls"])}, changed ${String(last["changed"])}`]),
  ].join("\n");
  const replayed = measured.get("replay");
  return {
    text,
    data: { machine, rounds, spec, stored, rows, cpuRatio, summary: last ?? null },
    missed: replayed === undefined ? [] : missedBy(calls, replayed),
  };
}
