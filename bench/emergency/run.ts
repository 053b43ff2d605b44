/** `bench -- emergency`: what both lanes do with nothing else going on, and while the standard lane is overloaded. */
import { type Machine, describeMachine, machineLine } from "../machine.ts";
import type { Options } from "../options.ts";
import type { Outcome } from "../outcome.ts";
import { medianRatio, medianWindow, percentile } from "../statistics.ts";
import { fixed, table } from "../table.ts";
import type { Workspace } from "../workspace.ts";
import { type EmergencyFigures, LANES, OVERLOAD_CONNECTIONS, measureEmergency } from "./measure.ts";

/** Of what the standard lane takes for a set-up, in processor time. */
const MAX_OF_STANDARD = 1.1;
/** Of the undisturbed 99th percentile, or so much above it, whichever is more. */
const MAX_P99_RATIO = 2;
const MAX_P99_ADDED_MS = 25;
/** Below, a 99th percentile is the tale of a few requests. */
const FIRM_SAMPLES = 3_000;

type Tail = { readonly samples: number; readonly p50Ms: number; readonly p99Ms: number };

function tailOf(latenciesMs: readonly number[]): Tail {
  const sorted = latenciesMs.toSorted((a, b) => a - b);
  return { samples: sorted.length, p50Ms: percentile(sorted, 0.5), p99Ms: percentile(sorted, 0.99) };
}

export function emergencyReport(machine: Machine, figures: EmergencyFigures): Outcome {
  const { lanes, errors, flooded, isPinned } = figures;
  const rows = LANES.map((lane) => {
    const { perSecond, cpuMs } = medianWindow(lanes[lane].burst);
    return { lane, perSecond, cpuMs, idle: tailOf(lanes[lane].idle), overload: tailOf(lanes[lane].overload) };
  });
  const header = ["lane", "set-ups/s", "CPU ms", "idle p50", "idle p99", "overload p50", "overload p99", "samples"];
  const cells = rows.map(({ lane, perSecond, cpuMs, idle, overload }) => [
    lane,
    fixed(perSecond, 0),
    fixed(cpuMs, 2),
    ...[idle.p50Ms, idle.p99Ms, overload.p50Ms, overload.p99Ms].map((ms) => fixed(ms, 1)),
    String(overload.samples),
  ]);
  const ofStandard = medianRatio(
    lanes.emergency.burst.map(({ cpuMs }) => cpuMs),
    lanes.standard.burst.map(({ cpuMs }) => cpuMs),
  );
  const { idle, overload } = rows.find(({ lane }) => lane === "emergency")!;
  const mostMs = Math.max(MAX_P99_RATIO * idle.p99Ms, idle.p99Ms + MAX_P99_ADDED_MS);
  const failed = LANES.flatMap((lane) =>
    Object.entries(errors[lane]).map(([status, count]) => `${lane}: ${count} × ${status}`),
  );
  const lost = Object.entries(flooded.errors).map(([status, count]) => `${count} × ${status}`);
  const missed = [
    ...(ofStandard <= MAX_OF_STANDARD
      ? []
      : [`an emergency set-up takes ${fixed(ofStandard, 2)} of a standard one's processor time, not ${MAX_OF_STANDARD}`]),
    ...(overload.p99Ms <= mostMs
      ? []
      : [`under overload the emergency lane's p99 is ${fixed(overload.p99Ms, 1)} ms, not ${fixed(mostMs, 1)}`]),
    ...failed,
  ];
  const text = [
    machineLine(machine),
    table(header, cells),
    `Set-ups/s and CPU: bursts, medians of ${lanes.standard.burst.length} rounds. Idle and overload: calls at a steady rate (of the standard lane under overload: those of the flood), all rounds together.`,
    `Overload: ${OVERLOAD_CONNECTIONS} connections that ask the standard lane as fast as it answers; it answered ${fixed(
      medianRatio(
        flooded.perSecond,
        flooded.perSecond.map(() => 1),
      ),
      0,
    )} a second${lost.length === 0 ? "" : ` and refused ${lost.join(", ")}`}. ${isPinned ? "Each lane is a process on a core of its own; the generator shares them." : "The lanes' processes could not be given cores of their own."}`,
    `An emergency set-up takes ${fixed(ofStandard, 2)} of a standard one's processor time. Its p99 under overload is ${fixed(overload.p99Ms / idle.p99Ms, 2)} × its idle p99; it may be ${fixed(mostMs, 1)} ms (${Math.min(idle.samples, overload.samples) >= FIRM_SAMPLES ? "a firm" : "not a firm"} verdict: ${overload.samples} samples).`,
  ].join("\n\n");
  return { text: `${text}\n`, data: { machine, rows, ofStandard, figures, missed }, missed };
}

export async function benchEmergency(workspace: Workspace, { rounds, rate, quick }: Options): Promise<Outcome> {
  const machine = describeMachine(workspace.storage);
  const figures = await measureEmergency(workspace, { rounds, rate, quick }, (text) => void process.stderr.write(`${text}\n`));
  return emergencyReport(machine, figures);
}
