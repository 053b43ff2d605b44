/** One call's events as they happened, whoever sent them: how far apart they are, and how long the call rang and was talked on. */
import { type CallFacts, type CallRecord, beganMs, foldCdr, isCall, recordOf } from "./cdr.ts";
import { causalRank } from "./event.ts";
import type { StoredEvent } from "./stored.ts";

export const MAX_TIMELINE_EVENTS = 5_000;
/** What lies further apart is marked, unless the reader says another time. */
export const DEFAULT_LONG_GAP_MS = 5_000;

export type TimelineEvent = {
  readonly event: StoredEvent;
  /** Since the first event. */
  readonly sinceStartMs: number;
  /** Since the event before; 0 at the first. */
  readonly gapMs: number;
  readonly isLongGap: boolean;
};

/** `setup`: until it rings, is answered or ends. `wrap_up`: from the end to the last event. */
export type PhaseName = "setup" | "ringing" | "talk" | "wrap_up";

/** `toMs` null: it lasts. Unix milliseconds. */
export type CallPhase = {
  readonly name: PhaseName;
  readonly fromMs: number;
  readonly toMs: number | null;
  readonly durationMs: number | null;
};

export type CallTimeline = {
  readonly events: readonly TimelineEvent[];
  readonly phases: readonly CallPhase[];
  /** Null: none of the events is one that a call has. */
  readonly record: CallRecord | null;
  readonly startedMs: number;
  /** Of the last event. */
  readonly lastMs: number;
};

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** By time, then by cause, then by the sender's sequence, then by storing. */
function sorted(events: readonly StoredEvent[]): (readonly [event: StoredEvent, atMs: number])[] {
  const timed = events.map((event) => [event, Date.parse(event.time)] as const);
  return timed.sort(
    ([a, aMs], [b, bMs]) =>
      aMs - bMs ||
      causalRank(a.type) - causalRank(b.type) ||
      compare(a.sequence ?? "", b.sequence ?? "") ||
      compare(a.id, b.id),
  );
}

function phaseOf(name: PhaseName, fromMs: number, toMs: number | null): CallPhase {
  return { name, fromMs, toMs, durationMs: toMs === null ? null : Math.max(0, toMs - fromMs) };
}

/** @param lastMs when its last event happened. */
export function phasesOf(call: CallFacts, lastMs: number): CallPhase[] {
  if (!isCall(call)) return [];
  const { ringingMs, answeredMs } = call;
  const { endedMs } = recordOf(call);
  const startedMs = beganMs(call);
  // Reported ringing after the answer is no phase: somebody's report was late.
  const rang = ringingMs !== null && (answeredMs === null || ringingMs <= answeredMs) ? ringingMs : null;
  const phases = [phaseOf("setup", startedMs, rang ?? answeredMs ?? endedMs)];
  if (rang !== null) phases.push(phaseOf("ringing", rang, answeredMs ?? endedMs));
  if (answeredMs !== null) phases.push(phaseOf("talk", answeredMs, endedMs));
  if (endedMs !== null && lastMs > endedMs) phases.push(phaseOf("wrap_up", endedMs, lastMs));
  return phases;
}

/** @param events at least one, each once, in any order. */
export function timelineOf(events: readonly StoredEvent[], longGapMs: number): CallTimeline {
  const inOrder = sorted(events);
  const [startedMs, lastMs] = [inOrder[0]![1], inOrder.at(-1)![1]];
  const call = events.reduce<CallFacts | null>(foldCdr, null)!;
  return {
    events: inOrder.map(([event, atMs], index) => {
      const gapMs = index === 0 ? 0 : atMs - inOrder[index - 1]![1];
      return { event, sinceStartMs: atMs - startedMs, gapMs, isLongGap: gapMs > longGapMs };
    }),
    phases: phasesOf(call, lastMs),
    record: isCall(call) ? recordOf(call) : null,
    startedMs,
    lastMs,
  };
}
