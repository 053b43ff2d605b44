/**
 * The call state machine. Decides, and does nothing else: no clock, no I/O, total over its inputs.
 *
 * Reports arrive late, twice and in any order, so a state is a join over what has been reported, not a walk: phases only move
 * forward, once-only facts keep the first report, and ends absorb. Reports that do not contradict each other therefore lead to the
 * same end in every order and repetition; of two that do, the first to arrive stands.
 */
import { assertNever } from "../shared/result.ts";
import { dispositionOf } from "./causes.ts";
import {
  type CallState,
  type Disposition,
  type Failover,
  LIVE_PHASES,
  type LivePhase,
  type TerminalPhase,
  isTerminal,
} from "./state.ts";

export const REPORT_TYPES = ["started", "ringing", "failover", "answered", "ended", "failed", "cancelled"] as const;
export type ReportType = (typeof REPORT_TYPES)[number];

/** Whether a report of this type ends the call. */
export function endsCall(type: ReportType): boolean {
  return type === "ended" || type === "failed" || type === "cancelled";
}

/** What the side that carries the call says happened. */
export type Report = {
  readonly type: ReportType;
  readonly atMs: number;
  readonly sipCode: number | null;
  /** Cause by ITU-T Q.850, where the network gave one. */
  readonly q850: number | null;
  readonly routeIndex: number | null;
};

/** What can happen to a call: a report from outside, our own refusal, our own acts, or silence that has lasted too long. */
export type CallEvent =
  | { readonly kind: "report"; readonly report: Report }
  | { readonly kind: "refused"; readonly atMs: number; readonly sipCode: number }
  /** A carrier has taken a leg of ours. */
  | { readonly kind: "placed"; readonly atMs: number }
  /** We hang up: the end is what the carrier says, or comes by itself. */
  | { readonly kind: "hang_up"; readonly atMs: number }
  /** Another system, which has recorded the call, says that it is over. */
  | { readonly kind: "recorded_end"; readonly atMs: number }
  /** No word for too long, or the longest duration is over. */
  | { readonly kind: "silence"; readonly atMs: number };

export type Transition = {
  readonly state: CallState;
  /** False when the event told nothing new: a repetition, or news that contradicts an end that stands. */
  readonly applied: boolean;
  /** True when the fact stands already and need not be recorded again. */
  readonly duplicate: boolean;
  /** True exactly once in a call's life: this event ended it. */
  readonly ended: boolean;
};

const unchanged = (state: CallState, duplicate: boolean): Transition => ({ state, applied: false, duplicate, ended: false });
const changed = (state: CallState, ended = false): Transition => ({ state, applied: true, duplicate: false, ended });

function forward(state: CallState, phase: LivePhase): CallState["phase"] {
  if (isTerminal(state.phase)) return state.phase;
  return LIVE_PHASES.indexOf(phase) > LIVE_PHASES.indexOf(state.phase) ? phase : state.phase;
}

function end(
  state: CallState,
  phase: TerminalPhase,
  atMs: number,
  disposition: Disposition | null,
  endCode: number | null,
): Transition {
  if (isTerminal(state.phase)) return unchanged(state, state.phase === phase && state.disposition === disposition);
  return changed({ ...state, phase, endedAtMs: atMs, disposition, endCode }, true);
}

function byPlace(a: Failover, b: Failover): number {
  return (a.routeIndex ?? Infinity) - (b.routeIndex ?? Infinity) || a.atMs - b.atMs;
}

function fail(state: CallState, report: Report): Transition {
  const repeated = state.failovers.some((known) =>
    report.routeIndex === null
      ? known.routeIndex === null && known.atMs === report.atMs
      : known.routeIndex === report.routeIndex,
  );
  if (repeated) return unchanged(state, true);
  const failover: Failover = { atMs: report.atMs, routeIndex: report.routeIndex, sipCode: report.sipCode };
  return changed({ ...state, failovers: [...state.failovers, failover].sort(byPlace) });
}

function apply(state: CallState, report: Report): Transition {
  switch (report.type) {
    case "started":
      if (state.startedAtMs !== null) return unchanged(state, true);
      return changed({ ...state, phase: forward(state, "initiating"), startedAtMs: report.atMs });
    case "ringing":
      // Each destination of a failover rings anew, so ringing is news every time; the first one counts for the delay.
      return changed({
        ...state,
        phase: forward(state, "ringing"),
        ringingAtMs: Math.min(state.ringingAtMs ?? Infinity, report.atMs),
      });
    case "failover":
      return fail(state, report);
    case "answered":
      if (state.answeredAtMs !== null) return unchanged(state, true);
      return changed({ ...state, phase: forward(state, "active"), answeredAtMs: report.atMs });
    case "ended":
      return end(state, "completed", report.atMs, "answered", report.sipCode);
    case "cancelled":
      return end(state, "failed", report.atMs, "cancelled", report.sipCode);
    case "failed":
      return end(state, "failed", report.atMs, dispositionOf(report), report.sipCode);
    default:
      return assertNever(report.type);
  }
}

/** The next state. Never throws; an event that cannot apply leaves the state as it was and says so. */
export function transition(state: CallState, event: CallEvent): Transition {
  switch (event.kind) {
    case "report":
      return apply(state, event.report);
    case "refused":
      return end(state, "failed", event.atMs, "rejected", event.sipCode);
    case "placed":
      return isTerminal(state.phase)
        ? unchanged(state, false)
        : changed({ ...state, phase: forward(state, "initiating"), startedAtMs: state.startedAtMs ?? event.atMs });
    case "hang_up":
      if (isTerminal(state.phase) || state.phase === "ending") return unchanged(state, state.phase === "ending");
      return changed({ ...state, phase: forward(state, "ending") });
    case "recorded_end":
      return end(state, "completed", event.atMs, null, null);
    case "silence":
      // Somebody did talk: the call counts, only its end went unreported.
      if (state.answeredAtMs !== null) return end(state, "completed", event.atMs, "answered", null);
      return end(state, "failed", event.atMs, "timeout", null);
    default:
      return assertNever(event);
  }
}
