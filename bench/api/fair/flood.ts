/**
 * What a tenant notices of another one that asks ten times as often as it may: the same reads at the same rate, alone and beside the flood, in
 * turn. All of it shares one thread here.
 */
import { DEFAULT_LIMITS } from "../../../domain/limits/policy.ts";
import { urlOf } from "../../lanes.ts";
import type { Errors } from "../../load/messages.ts";
import { startRuntime } from "../../runtime/runtime.ts";
import { type Window, median, medianWindow, windowOf } from "../../statistics.ts";
import { fixed, table } from "../../table.ts";
import type { Workspace } from "../../workspace.ts";
import { runRequests } from "../load/load.ts";
import { getRequest } from "../requests.ts";
import type { Section } from "../section.ts";
import { openSessions, standardLane } from "../system.ts";

/** Empty: as deployed. This is about them. */
const AS_DEPLOYED = "";

const LIMIT = DEFAULT_LIMITS["api-read"].perS;
const TIMES_LIMIT = 10;
/** Below the limit: an application that reads all the time. */
const USUAL_PER_SECOND = 80;
const USUAL_CONNECTIONS = 16;
const FLOOD_CONNECTIONS = 64;
const SESSIONS = 16;
const SECONDS = 20;
const QUICK_SECONDS = 3;
/** Until the flood has used up its burst and all that it runs through is compiled. */
const FLOOD_AHEAD_S = 6;
const WARM_UP_S = 3;
/** Of the p99 alone. */
export const MAX_OF_ALONE = 1.2;

export type FloodFigures = {
  readonly rounds: number;
  readonly alone: Window[];
  readonly beside: Window[];
  readonly flood: { sent: number; limited: number; readonly perSecond: number[] };
  /** Processor time of the runtime in each second, alone and beside the flood. */
  readonly cpuMs: { readonly alone: number[]; readonly beside: number[] };
  readonly errors: Errors;
};

/** @param workspace whose tenants `demo` and `acme` have a key each. */
export async function measureFlood(
  workspace: Workspace,
  rounds: number,
  quick: boolean,
  progress: (text: string) => void,
): Promise<FloodFigures> {
  const worker = await standardLane(workspace, { API_LIMITS: AS_DEPLOYED });
  const runtime = await startRuntime(workspace, [worker]);
  const seconds = quick ? QUICK_SECONDS : SECONDS;
  const { demo, acme } = workspace.secrets.apiKeys;
  const flood: FloodFigures["flood"] = { sent: 0, limited: 0, perSecond: [] };
  const figures: FloodFigures = { rounds, alone: [], beside: [], flood, cpuMs: { alone: [], beside: [] }, errors: {} };
  try {
    const requestsOf = async (key: string) =>
      (await openSessions(worker, key, SESSIONS)).map((url) => getRequest(url, { "x-api-key": key }));
    const [usual, flooding] = [await requestsOf(acme), await requestsOf(demo)];
    const url = urlOf(worker);
    const steady = async (into: Window[], cpuMs: number[]): Promise<void> => {
      const [startedMs, beforeMs] = [performance.now(), runtime.cpuMs()];
      const {
        latenciesMs,
        seconds: took,
        errors,
      } = await runRequests(workspace, {
        url,
        requests: usual,
        connections: USUAL_CONNECTIONS,
        warmUp: WARM_UP_S * USUAL_PER_SECOND,
        count: seconds * USUAL_PER_SECOND,
        perSecond: USUAL_PER_SECOND,
      });
      cpuMs.push(((runtime.cpuMs() - beforeMs) * 1_000) / (performance.now() - startedMs));
      into.push(windowOf(latenciesMs, took));
      for (const [status, times] of Object.entries(errors)) figures.errors[status] = (figures.errors[status] ?? 0) + times;
    };
    const beside = async (): Promise<void> => {
      const count = (seconds + WARM_UP_S + FLOOD_AHEAD_S) * LIMIT * TIMES_LIMIT;
      const flooded = runRequests(workspace, {
        url,
        requests: flooding,
        connections: FLOOD_CONNECTIONS,
        warmUp: 0,
        count,
        perSecond: LIMIT * TIMES_LIMIT,
      });
      await new Promise((resolve) => setTimeout(resolve, (FLOOD_AHEAD_S - 1) * 1_000));
      await steady(figures.beside, figures.cpuMs.beside);
      const { limited, seconds: took } = await flooded;
      flood.sent += count;
      flood.limited += limited;
      flood.perSecond.push(count / took);
    };
    // Compiled once for all rounds.
    await steady([], []);
    for (let round = 0; round < rounds; round++) {
      if (round % 2 === 1) await beside();
      await steady(figures.alone, figures.cpuMs.alone);
      if (round % 2 === 0) await beside();
      const [alone, with_] = [figures.alone[round]!, figures.beside[round]!];
      progress(
        `round ${round + 1}/${rounds}  p99 alone ${fixed(alone.p99Ms, 1)} ms, beside the flood ${fixed(with_.p99Ms, 1)} ms`,
      );
    }
  } finally {
    await runtime.stop();
  }
  return figures;
}

export function floodText({ rounds, alone, beside, flood, cpuMs, errors }: FloodFigures): Section {
  const rowOf = (name: string, windows: readonly Window[]): string[] => {
    const { p50Ms, p95Ms, p99Ms } = medianWindow(windows);
    return [name, fixed(p50Ms, 1), fixed(p95Ms, 1), fixed(p99Ms, 1)];
  };
  const ratio = median(beside.map(({ p99Ms }, round) => p99Ms / alone[round]!.p99Ms));
  const addedMs = median(cpuMs.beside.map((ms, round) => (ms - cpuMs.alone[round]!) / flood.perSecond[round]!));
  const missed = [
    ...(ratio <= MAX_OF_ALONE ? [] : [`beside a flood a tenant's p99 is ${fixed(ratio, 2)} of its own, not ${MAX_OF_ALONE}`]),
    ...(Object.keys(errors).length > 0 ? [`beside a flood: errors ${JSON.stringify(errors)}`] : []),
  ];
  const text = [
    `A tenant that reads ${USUAL_PER_SECOND} times a second, alone and beside one that asks ${TIMES_LIMIT} times as often as it may`,
    table(["reads", "p50 ms", "p95 ms", "p99 ms"], [rowOf("alone", alone), rowOf("beside the flood", beside)]),
    `p99 beside the flood: ${fixed(ratio, 2)} of that alone (median of ${rounds} rounds' ratios). The flood: ${fixed(median(flood.perSecond), 0)} requests/s by one API key, of which ${fixed((flood.limited / flood.sent) * 100, 1)} % were answered 429; each of its requests took ${fixed(addedMs, 2)} ms of processor time.`,
  ].join("\n\n");
  return { text, missed };
}
