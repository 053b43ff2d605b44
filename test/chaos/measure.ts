/** From calls to figures. Pure. */
import { percentile } from "../../bench/statistics.ts";
import type { PlacedCall } from "./load/messages.ts";

/** An emergency call has somewhere to go by then. */
export const PLAN_DEADLINE_MS = 1_000;
/** Fewer say little about one in a hundred. */
export const FIRM_SAMPLES = 3_000;
const MAX_FACTOR = 2;
const MAX_MORE_MS = 25;

/** Unix milliseconds: inclusive, exclusive. */
export type Window = { readonly fromMs: number; readonly toMs: number };

export type Figures = {
  readonly calls: number;
  /** Answered at the first attempt with somewhere to go, in time. */
  readonly good: number;
  /** The same, whenever. */
  readonly routed: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Calls that were not good by what they were answered; `late`: with somewhere to go, but not in time. */
  readonly otherwise: Readonly<Record<string, number>>;
};

const isGood = ({ routed, latencyMs }: PlacedCall): boolean => routed && latencyMs <= PLAN_DEADLINE_MS;

function outcomeOf({ status, routed }: PlacedCall): string {
  if (routed) return "late";
  if (status >= 200 && status < 300) return `${status} without a route`;
  return status === 0 ? "no answer" : String(status);
}

/** Of the calls that were due in the window; latencies are of all of them, however they were answered. */
export function figuresOf(calls: readonly PlacedCall[], { fromMs, toMs }: Window): Figures {
  const own = calls.filter(({ dueMs }) => dueMs >= fromMs && dueMs < toMs);
  const sorted = own.map(({ latencyMs }) => latencyMs).sort((a, b) => a - b);
  const bad = own.filter((call) => !isGood(call));
  const otherwise: Record<string, number> = {};
  for (const outcome of bad.map(outcomeOf)) otherwise[outcome] = (otherwise[outcome] ?? 0) + 1;
  return {
    calls: own.length,
    good: own.length - bad.length,
    routed: own.filter(({ routed }) => routed).length,
    p50Ms: percentile(sorted, 0.5),
    p99Ms: percentile(sorted, 0.99),
    maxMs: sorted.at(-1) ?? Number.NaN,
    otherwise,
  };
}

/** What an emergency call may take while a fault lasts, of its p99 without. */
export const allowedP99Ms = (undisturbedMs: number): number =>
  Math.max(MAX_FACTOR * undisturbedMs, undisturbedMs + MAX_MORE_MS);

export const isFirm = (...figures: readonly Figures[]): boolean => figures.every(({ calls }) => calls >= FIRM_SAMPLES);
