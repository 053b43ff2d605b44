/** What a round has to show, as spec.md has it ([RES-7], [RES-8]), and what is printed of it. */
import type { Check, Fault } from "./faults.ts";
import { type Figures, PLAN_DEADLINE_MS, allowedP99Ms, isFirm } from "./measure.ts";
import { CONSISTENT_MS, type Phase, type Round } from "./round.ts";

/** A process that was killed is back by then, and with it whoever calls it again. */
const RESTART_MS = 10_000;
const MAX_SHOWN = 6;
const MS_PER_S = 1_000;

const ms = (value: number): string => (Number.isNaN(value) ? "–" : value.toFixed(1));

/** Nothing acknowledged is lost, and everything agrees. */
export function keptChecks({ missing, consistentMs, acknowledged, untaken }: Round): readonly Check[] {
  const lost = missing.sessions.length + missing.reports.length + missing.repeated.length;
  return [
    {
      what: `nothing acknowledged is lost: ${acknowledged.sessions} sessions and ${acknowledged.reports} reports; ${missing.sessions.length} sessions and ${missing.reports.length} reports missing, ${missing.repeated.length} reports twice`,
      holds: lost === 0 && acknowledged.sessions > 0,
    },
    {
      what: `acknowledged emergency calls take their reports, by then at the latest: ${untaken.emergency} did not`,
      holds: untaken.emergency === 0,
    },
    {
      what: `Postgres, R2 and objects agree within ${CONSISTENT_MS / MS_PER_S} s of the repair: ${consistentMs === null ? "no" : `after ${(consistentMs / MS_PER_S).toFixed(1)} s`}`,
      holds: consistentMs !== null,
    },
  ];
}

const otherwiseOf = ({ otherwise }: Figures): string =>
  Object.entries(otherwise)
    .map(([outcome, count]) => `, ${count} ${outcome}`)
    .join("");

/** Every emergency call has somewhere to go in time. */
function successCheck({ figures: { emergency } }: Round): Check {
  const { fault, repaired } = emergency;
  const [calls, good] = [fault.calls + repaired.calls, fault.good + repaired.good];
  return {
    what: `emergency calls have a plan within ${PLAN_DEADLINE_MS} ms: ${good} of ${calls}${otherwiseOf(fault)}${otherwiseOf(repaired)}`,
    holds: calls > 0 && good === calls,
  };
}

function latencyCheck({ figures: { emergency } }: Round): Check {
  const { undisturbed, fault } = emergency;
  const allowedMs = allowedP99Ms(undisturbed.p99Ms);
  const samples = `${undisturbed.calls} and ${fault.calls} samples, ${isFirm(undisturbed, fault) ? "firm" : "not firm"}`;
  return {
    what: `emergency p99 ${ms(fault.p99Ms)} ms, allowed ${ms(allowedMs)} (undisturbed ${ms(undisturbed.p99Ms)}; ${samples})`,
    holds: fault.p99Ms <= allowedMs,
  };
}

/** Calls are placed again until the process is back. */
function restartCheck({ emergency }: Round): Check {
  const unserved = emergency.filter(({ servedMs }) => servedMs === null).length;
  const longestMs = Math.max(...emergency.map(({ servedMs }) => servedMs ?? 0));
  return {
    what: `emergency calls, placed again as a PBX does, are served within ${RESTART_MS / MS_PER_S} s, which a new process takes: the last after ${ms(longestMs)} ms, ${unserved} never`,
    holds: emergency.length > 0 && unserved === 0 && longestMs <= RESTART_MS,
  };
}

export function checksOf(fault: Fault, round: Round): readonly Check[] {
  const served = fault.isRestart === true ? [restartCheck(round)] : [successCheck(round), latencyCheck(round)];
  return [...served, ...(fault.shows?.() ?? []), ...keptChecks(round)];
}

const COLUMNS = ["lane", "phase", "calls", "good", "p50 ms", "p99 ms", "max ms", "otherwise"] as const;

function rowOf(lane: string, phase: Phase, figures: Figures): readonly string[] {
  const share = figures.calls === 0 ? "–" : `${((figures.good / figures.calls) * 100).toFixed(1)} %`;
  const { calls, p50Ms, p99Ms, maxMs } = figures;
  return [lane, phase, String(calls), share, ms(p50Ms), ms(p99Ms), ms(maxMs), otherwiseOf(figures).slice(2)];
}

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row.map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join("  "),
  );
}

const some = (lines: readonly string[]): readonly string[] =>
  lines.length <= MAX_SHOWN ? lines : [...lines.slice(0, MAX_SHOWN), `… and ${lines.length - MAX_SHOWN} more`];

/** What was seen, line by line. */
export function linesOf({ figures, notes, verified, missing, lateMs, untaken }: Round): readonly string[] {
  const rows = Object.entries(figures).flatMap(([lane, phases]) =>
    Object.entries(phases).map(([phase, seen]) => rowOf(lane, phase as Phase, seen)),
  );
  return [
    ...table([COLUMNS, ...rows]),
    ...notes,
    `who places calls was late by ${ms(lateMs)} ms at most; ${untaken.standard} reports on standard calls were given up`,
    ...some(verified.slice(0, -1)),
    ...verified.slice(-1),
    ...some(missing.sessions.map((id) => `lost: session ${id}`)),
    ...some(missing.reports.map((text) => `lost: ${text}`)),
    ...some(missing.repeated.map((text) => `twice: ${text}`)),
  ];
}
