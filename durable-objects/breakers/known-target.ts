/** What an isolate knows of one of those it asks, and has not told yet. */
import { type Breaker, type BreakerPolicy, CLOSED } from "../../domain/resilience/breaker.ts";
import { type Report, toldOf } from "../../domain/resilience/sharing.ts";
import type { TargetKind } from "../../domain/resilience/targets.ts";

export type KnownTarget = {
  readonly kind: TargetKind;
  readonly policy: BreakerPolicy;
  breaker: Breaker;
  /** Between which two exchanges the outcomes below were counted. */
  exchange: number;
  successes: number;
  failures: number;
  /** Whether it opened or closed by what was seen here, and nobody has been told. */
  changed: boolean;
};

export const newTarget = (kind: TargetKind, policy: BreakerPolicy): KnownTarget => ({
  kind,
  policy,
  breaker: CLOSED,
  exchange: 0,
  successes: 0,
  failures: 0,
  changed: false,
});

/** Null: nothing that others have to know. */
export function reportOf(target: string, { breaker, successes, failures, changed }: KnownTarget, nowMs: number): Report | null {
  if (!changed && failures === 0) return null;
  const { state, sinceMs, untilMs } = breaker;
  // While a probe is under way there is nothing to tell: it will be in a moment.
  const change = changed && state !== "half_open" ? toldOf({ to: state, atMs: sinceMs, untilMs }, nowMs) : null;
  return { target, successes, failures, change };
}
