/**
 * Both lanes side by side, each in a process of its own on a core of its own: what each can do, how long a set-up takes with nothing else
 * going on, and how long while the standard lane has more to do than it can.
 */
import { execFileSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { CALL, EMERGENCY_CALL, authenticated, hostedLane, urlOf } from "../lanes.ts";
import { runBurst, runCalls } from "../load/load.ts";
import type { Errors } from "../load/messages.ts";
import type { HostedWorker } from "../runtime/messages.ts";
import { type Runtime, startRuntime } from "../runtime/runtime.ts";
import { type Window, windowOf } from "../statistics.ts";
import type { Workspace } from "../workspace.ts";

export const LANES = ["standard", "emergency"] as const;
export type BenchedLane = (typeof LANES)[number];

/** As deployed: see bench/calls. */
const DEPLOYED = { FLUSH_AGE_MS: "30000" };
const BURST_CONNECTIONS = 32;
/** A process makes at most 4,500 new objects before its file descriptors are used up. */
const BURST = { count: 1_200, warmUp: 300 };
const QUICK_BURST = { count: 200, warmUp: 50 };
const STEADY_CONNECTIONS = 64;
const STEADY_S = 6;
const QUICK_STEADY_S = 2;
/** Of those who keep the standard lane busy: each asks again as soon as it is answered. */
export const OVERLOAD_CONNECTIONS = 256;
/** So much per second of overload, for the flood to last as long as what is measured beside it. */
const OVERLOAD_PER_SECOND = 350;
/** Until the flood is at its height. */
const OVERLOAD_AHEAD_MS = 1_000;

const BODY: Readonly<Record<BenchedLane, string>> = { standard: CALL, emergency: EMERGENCY_CALL };

export type LaneFigures = { readonly burst: Window[]; readonly idle: number[]; readonly overload: number[] };
export type EmergencyFigures = {
  readonly lanes: Readonly<Record<BenchedLane, LaneFigures>>;
  readonly errors: Readonly<Record<BenchedLane, Errors>>;
  /** What the flood got out of the standard lane. */
  readonly flooded: { readonly perSecond: number[]; readonly errors: Errors };
  readonly isPinned: boolean;
};

type Running = { readonly runtime: Runtime; readonly worker: HostedWorker };

/** The processes of two lanes do not take each other's core. @returns whether they could be told so. */
function pin(lanes: readonly Running[]): boolean {
  if (availableParallelism() < lanes.length) return false;
  try {
    lanes.forEach(({ runtime }, core) => execFileSync("taskset", ["-a", "-c", "-p", String(core), String(runtime.pid)]));
    return true;
  } catch {
    return false;
  }
}

function addErrors(into: Errors, more: Errors): void {
  for (const [status, count] of Object.entries(more)) into[status] = (into[status] ?? 0) + count;
}

export async function measureEmergency(
  workspace: Workspace,
  options: { readonly rounds: number; readonly rate: number; readonly quick: boolean },
  progress: (text: string) => void,
): Promise<EmergencyFigures> {
  const empty = (): LaneFigures => ({ burst: [], idle: [], overload: [] });
  const lanes = { standard: empty(), emergency: empty() };
  const errors = { standard: {} as Errors, emergency: {} as Errors };
  const flooded: EmergencyFigures["flooded"] = { perSecond: [], errors: {} };
  let isPinned = true;
  for (let round = 0; round < options.rounds; round++) {
    const order = round % 2 === 0 ? LANES : LANES.toReversed();
    isPinned = (await measureRound(workspace, order, options, { lanes, errors, flooded })) && isPinned;
    progress(`round ${round + 1}/${options.rounds}`);
  }
  return { lanes, errors, flooded, isPinned };
}

type Into = Pick<EmergencyFigures, "lanes" | "errors" | "flooded">;

async function startLanes(workspace: Workspace): Promise<Readonly<Record<BenchedLane, Running>>> {
  const bundle = await workspace.bundle("worker");
  const standard = await hostedLane(workspace, { lane: "standard", bundle, vars: DEPLOYED });
  const emergency = await hostedLane(workspace, { lane: "emergency", bundle, vars: DEPLOYED, standardPort: standard.port });
  return {
    standard: { worker: standard, runtime: await startRuntime(workspace, [standard]) },
    emergency: { worker: emergency, runtime: await startRuntime(workspace, [emergency]) },
  };
}

async function measureRound(
  workspace: Workspace,
  order: readonly BenchedLane[],
  { rate, quick }: { readonly rate: number; readonly quick: boolean },
  { lanes, errors, flooded }: Into,
): Promise<boolean> {
  const seconds = quick ? QUICK_STEADY_S : STEADY_S;
  const running = await startLanes(workspace);
  try {
    const isPinned = pin([running.standard, running.emergency]);
    const burst = async (lane: BenchedLane): Promise<void> => {
      const { runtime, worker } = running[lane];
      const { count, warmUp } = quick ? QUICK_BURST : BURST;
      const target = authenticated(workspace, worker, "/v1/calls");
      const beforeMs = runtime.cpuMs();
      const result = await runBurst(workspace, { target, body: BODY[lane], connections: BURST_CONNECTIONS, warmUp, count });
      const usedMs = ((runtime.cpuMs() - beforeMs) * count) / (count + warmUp);
      lanes[lane].burst.push(windowOf(result.latenciesMs, result.seconds, usedMs));
      addErrors(errors[lane], result.errors);
    };
    const steady = async (lane: BenchedLane): Promise<number[]> => {
      const target = { ...authenticated(workspace, running[lane].worker), url: urlOf(running[lane].worker) };
      const job = {
        target,
        connections: STEADY_CONNECTIONS,
        perSecond: rate,
        count: rate * seconds,
        body: BODY[lane],
        reports: [],
      };
      const result = await runCalls(workspace, job);
      addErrors(errors[lane], result.errors);
      return result.setUpMs;
    };
    for (const lane of order) await burst(lane);
    for (const lane of order) lanes[lane].idle.push(...(await steady(lane)));
    const flood = runBurst(workspace, {
      target: authenticated(workspace, running.standard.worker, "/v1/calls"),
      body: CALL,
      connections: OVERLOAD_CONNECTIONS,
      warmUp: 0,
      count: Math.ceil((seconds + OVERLOAD_AHEAD_MS / 1_000) * OVERLOAD_PER_SECOND),
    });
    await new Promise((resolve) => setTimeout(resolve, OVERLOAD_AHEAD_MS));
    lanes.emergency.overload.push(...(await steady("emergency")));
    const result = await flood;
    lanes.standard.overload.push(...result.latenciesMs);
    flooded.perSecond.push(result.latenciesMs.length / result.seconds);
    addErrors(flooded.errors, result.errors);
    return isPinned;
  } finally {
    for (const { runtime } of Object.values(running)) await runtime.stop();
  }
}
