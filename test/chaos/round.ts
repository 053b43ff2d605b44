/** One round: calls at a constant rate, undisturbed, while a fault lasts, and after its repair; then what is left of what was acknowledged. */
import { setTimeout as sleep } from "node:timers/promises";
import { OperatorError } from "../../local/operator/deployment.ts";
import { isClean } from "../../local/verify/verify.ts";
import { verifyAll } from "../proofs/stage.ts";
import { EMERGENCY_CALL, STANDARD_CALL } from "./calls.ts";
import type { Fault } from "./faults.ts";
import type { PlacedCall, Stream } from "./load/messages.ts";
import { type Calling, startCalls } from "./load/processes.ts";
import { type Figures, type Window, figuresOf } from "./measure.ts";
import { type Missing, missingOf } from "./read-back.ts";
import type { ChaosStage } from "./stage.ts";

const LANES = ["standard", "emergency"] as const;
type Lane = (typeof LANES)[number];
const PHASES = ["undisturbed", "fault", "repaired"] as const;
export type Phase = (typeof PHASES)[number];

export type RoundOptions = {
  readonly standardPerS: number;
  readonly emergencyPerS: number;
  readonly undisturbedMs: number;
  readonly faultMs: number;
  readonly notice?: (text: string) => void;
};

export type Round = {
  readonly figures: Readonly<Record<Lane, Readonly<Record<Phase, Figures>>>>;
  /** All emergency calls, from the first to the last. */
  readonly emergency: readonly PlacedCall[];
  readonly acknowledged: { readonly sessions: number; readonly reports: number };
  /** Reports on sessions that were acknowledged, which were not taken although they were repeated. */
  readonly untaken: Readonly<Record<Lane, number>>;
  readonly missing: Missing;
  /** What was compared, or why it could not be. */
  readonly verified: readonly string[];
  /** After the repair; null: not within `CONSISTENT_MS`. */
  readonly consistentMs: number | null;
  /** What the fault has to tell. */
  readonly notes: readonly string[];
  /** The longest that a process which places calls was late itself. */
  readonly lateMs: number;
};

/** Everything agrees by then. */
export const CONSISTENT_MS = 60_000;
/** Isolates load what they need, Node compiles what it runs. */
const WARM_UP_MS = 2_000;
const AFTER_MS = 2_000;
const PAUSE_MS = 250;

async function startStreams(stage: ChaosStage, fault: Fault, options: RoundOptions): Promise<Record<Lane, Calling>> {
  const { system, cores, scratch } = stage;
  const authorization = (await fault.authorization?.(stage)) ?? `Bearer ${system.apiKeys.demo}`;
  const target = { url: system.gateUrl, headers: { authorization } };
  const streamOf: Record<Lane, Stream> = {
    standard: { target, perSecond: options.standardPerS, body: STANDARD_CALL, pauseMs: PAUSE_MS, insists: false },
    emergency: { target, perSecond: options.emergencyPerS, body: EMERGENCY_CALL, pauseMs: PAUSE_MS, insists: true },
  };
  const [standard, emergency] = await Promise.all([
    startCalls(scratch, "standard", streamOf.standard, undefined),
    startCalls(scratch, "emergency", streamOf.emergency, cores?.emergency),
  ]);
  return { standard, emergency };
}

type Times = Readonly<Record<Phase, Window>>;

/** The fault's course while calls go on. @returns the notes, and when what was. */
async function runFault(stage: ChaosStage, fault: Fault, { undisturbedMs, faultMs, notice = () => {} }: RoundOptions) {
  await sleep(WARM_UP_MS);
  const quietMs = Date.now();
  await sleep(undisturbedMs);
  notice(fault.what);
  const faultFromMs = Date.now();
  await fault.begin(stage);
  const halfwayMs = faultFromMs + faultMs / 2;
  await sleep(Math.max(0, halfwayMs - Date.now()));
  await fault.worsen?.(stage);
  await sleep(Math.max(0, faultFromMs + faultMs - Date.now()));
  const notes = (await fault.repair(stage)) ?? [];
  const repairedMs = Date.now();
  notice("repaired");
  await sleep(AFTER_MS);
  const times: Times = {
    undisturbed: { fromMs: quietMs, toMs: faultFromMs },
    fault: { fromMs: faultFromMs, toMs: repairedMs },
    repaired: { fromMs: repairedMs, toMs: Number.POSITIVE_INFINITY },
  };
  return { notes, times };
}

/** A lane that does not answer the comparison within its own deadline is a finding like any other. */
async function verifiedOrTold({ lanes }: ChaosStage, fromMs: number, waitMs: number, aheadMs: number) {
  try {
    const { outcome, lines } = await verifyAll(lanes, fromMs, waitMs, aheadMs);
    return { isClean: isClean(outcome), lines };
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return { isClean: false, lines: [`the stores could not be compared: ${error.message}`] };
  }
}

export async function playRound(stage: ChaosStage, fault: Fault, options: RoundOptions): Promise<Round> {
  const skewMs = fault.skewMs ?? 0;
  const fromMs = Date.now() - skewMs;
  await fault.prepare?.(stage);
  const streams = await startStreams(stage, fault, options);
  try {
    const { notes, times } = await runFault(stage, fault, options);
    const [standard, emergency] = await Promise.all([streams.standard.finish(), streams.emergency.finish()]);
    const repairedMs = times.repaired.fromMs;
    const waitMs = Math.max(0, CONSISTENT_MS - (Date.now() - repairedMs));
    const verified = await verifiedOrTold(stage, fromMs, waitMs, skewMs);
    const tookMs = Date.now() - repairedMs;
    const all = [...standard.calls, ...emergency.calls];
    const missing = await missingOf(stage, all, { fromMs, toMs: Date.now() + skewMs });
    const figures = (calls: readonly PlacedCall[]) =>
      Object.fromEntries(PHASES.map((phase) => [phase, figuresOf(calls, times[phase])])) as Record<Phase, Figures>;
    const untaken = (calls: readonly PlacedCall[]) => calls.reduce((sum, call) => sum + call.untaken, 0);
    return {
      figures: { standard: figures(standard.calls), emergency: figures(emergency.calls) },
      emergency: emergency.calls,
      acknowledged: {
        sessions: all.filter(({ id }) => id !== null).length,
        reports: all.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0),
      },
      untaken: { standard: untaken(standard.calls), emergency: untaken(emergency.calls) },
      missing,
      verified: verified.lines,
      consistentMs: verified.isClean && tookMs <= CONSISTENT_MS ? tookMs : null,
      notes,
      lateMs: Math.max(standard.lateMs, emergency.lateMs),
    };
  } finally {
    await Promise.all([streams.standard.stop(), streams.emergency.stop()]);
  }
}
