/** The state of one call: what the session object holds and every view derives from. */

/** Before the end, in the order in which a call can move. It never moves back. */
export const LIVE_PHASES = ["queued", "initiating", "ringing", "active", "ending"] as const;
export const TERMINAL_PHASES = ["completed", "escalated", "failed"] as const;

export type LivePhase = (typeof LIVE_PHASES)[number];
export type TerminalPhase = (typeof TERMINAL_PHASES)[number];
export type Phase = LivePhase | TerminalPhase;

/** How a call ended, in the words that reports and statistics use. */
export type Disposition =
  | "answered"
  | "busy"
  | "no_answer"
  | "declined"
  | "cancelled"
  | "not_found"
  | "unreachable"
  | "rejected"
  | "timeout";

/** One change of destination: the destination that was given up, and why. */
export type Failover = {
  readonly atMs: number;
  /** Zero-based place in the plan of the destination that failed; null when the peer did not say. */
  readonly routeIndex: number | null;
  readonly sipCode: number | null;
};

export type CallState = {
  readonly phase: Phase;
  /** Unix milliseconds; null while it has not been reported. */
  readonly startedAtMs: number | null;
  readonly ringingAtMs: number | null;
  readonly answeredAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly disposition: Disposition | null;
  /** The SIP status code that ended the call, where there was one. */
  readonly endCode: number | null;
  /** Ordered by place in the plan, then by time, whatever the order of arrival. */
  readonly failovers: readonly Failover[];
};

/** An inbound call starts at `initiating`: somebody is already waiting. */
export const INBOUND: CallState = {
  phase: "initiating",
  startedAtMs: null,
  ringingAtMs: null,
  answeredAtMs: null,
  endedAtMs: null,
  disposition: null,
  endCode: null,
  failovers: [],
};

/** A call that another system has recorded goes on until somebody says that it is over. */
export const RECORDED: CallState = { ...INBOUND, phase: "active" };

/** A call that Trunkline places itself waits for its first leg. */
export const QUEUED: CallState = { ...INBOUND, phase: "queued" };

export function isTerminal(phase: Phase): phase is TerminalPhase {
  return (TERMINAL_PHASES as readonly Phase[]).includes(phase);
}

export type SessionStatus = "ongoing" | "completed" | "failed";

/** The record's status. An escalated call counts as completed; its disposition tells the difference. */
export function statusOf(phase: Phase): SessionStatus {
  if (!isTerminal(phase)) return "ongoing";
  return phase === "failed" ? "failed" : "completed";
}
