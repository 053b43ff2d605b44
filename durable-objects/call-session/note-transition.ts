import type { Log } from "../../adapters/telemetry/log.ts";
import { traceIdOf } from "../../adapters/telemetry/trace.ts";
import type { SessionRow } from "./row.ts";

/** One line per change of phase. The opening is in the log line of its request already. */
export function noteTransition(
  log: Log,
  before: SessionRow | null,
  { id, state, sequence }: SessionRow,
  traceparent: string,
): void {
  if (before === null || before.state.phase === state.phase) return;
  const phases = { from: before.state.phase, to: state.phase };
  log("info", "session transition", { traceId: traceIdOf(traceparent), sessionId: id, ...phases, sequence });
}
