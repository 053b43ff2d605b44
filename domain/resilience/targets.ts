/** Whom Trunkline asks, and how soon each kind of them is taken for away. */
import type { BreakerPolicy, BreakerState, Outcome } from "./breaker.ts";

export const TARGET_KINDS = ["standard", "issuer", "carrier", "analytics", "decision", "database", "destination"] as const;
export type TargetKind = (typeof TARGET_KINDS)[number];

/** `name` may be anything within its kind, of bounded length; it is in logs and never in metrics. */
export type Target = { readonly kind: TargetKind; readonly name: string };

const SECOND_MS = 1_000;
/** A destination that fails so often in a row rests ([CAP-7]). */
export const REST_AFTER_FAILURES = 3;
const NO_SHARE = { of: 1, from: Number.POSITIVE_INFINITY, windowMs: SECOND_MS } as const;
const SHARE = { of: 0.5, from: 20, windowMs: 10 * SECOND_MS } as const;

/**
 * The longest pause is what a target that is back goes unnoticed: short where somebody waits for it, longer where an outage is only less
 * comfort. A probe is waited for a little longer than its caller waits.
 */
export const BREAKER_POLICIES: Readonly<Record<TargetKind, BreakerPolicy>> = {
  standard: { failures: 5, share: SHARE, pause: { firstMs: SECOND_MS / 4, maxMs: SECOND_MS }, probeMs: 8 * SECOND_MS },
  issuer: { failures: 3, share: SHARE, pause: { firstMs: 5 * SECOND_MS, maxMs: 30 * SECOND_MS }, probeMs: 3 * SECOND_MS },
  carrier: { failures: 5, share: SHARE, pause: { firstMs: SECOND_MS / 2, maxMs: 5 * SECOND_MS }, probeMs: 3 * SECOND_MS },
  analytics: { failures: 3, share: SHARE, pause: { firstMs: 5 * SECOND_MS, maxMs: 60 * SECOND_MS }, probeMs: 7 * SECOND_MS },
  decision: { failures: 5, share: SHARE, pause: { firstMs: SECOND_MS, maxMs: 30 * SECOND_MS }, probeMs: 5 * SECOND_MS },
  database: { failures: 5, share: SHARE, pause: { firstMs: SECOND_MS / 4, maxMs: SECOND_MS }, probeMs: 9 * SECOND_MS },
  // Nobody is asked by us: calls that come to it tell how it is. A probe is a call, which rings within that time or fails.
  destination: {
    failures: REST_AFTER_FAILURES,
    share: NO_SHARE,
    pause: { firstMs: 10 * SECOND_MS, maxMs: 300 * SECOND_MS },
    probeMs: 30 * SECOND_MS,
  },
};

export const targetKey = ({ kind, name }: Target): string => `${kind}:${name}`;

/** Null: no target's key. */
export function kindOfTarget(key: string): TargetKind | null {
  return TARGET_KINDS.find((kind) => key.startsWith(`${kind}:`)) ?? null;
}

/** Null: no target's key. */
export function policyOfTarget(key: string): BreakerPolicy | null {
  const kind = kindOfTarget(key);
  return kind === null ? null : BREAKER_POLICIES[kind];
}

/**
 * What an isolate knows of those it asks, by `targetKey`. All of it is at once, from memory; what others found out comes behind answers.
 */
export type Breakers = {
  readonly state: (target: string) => BreakerState;
  /** Whether it may be asked now. Whoever is admitted asks, and notes what came of it; one that does not is given up after a while. */
  readonly admit: (target: string) => boolean;
  /** Somebody was there, whether admitted or not: where a probe is due, that was it, and what is noted next decides. */
  readonly probed: (target: string) => void;
  /** @param startedMs when it was asked, Unix milliseconds; left out: now. */
  readonly note: (target: string, outcome: Outcome, startedMs?: number) => void;
};
