/** Summaries of measurements. Pure. */

/** The value below which the share `p` (0 to 1) of the values lies, by nearest rank; NaN when there are none. @param sorted ascending. */
export function percentile(sorted: readonly number[], p: number): number {
  if (sorted.length === 0) return Number.NaN;
  const rank = Math.ceil(p * sorted.length);
  return sorted[Math.min(sorted.length, Math.max(1, rank)) - 1]!;
}

/** The middle value, or the mean of the two in the middle; NaN when there are none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** One measurement window. */
export type Window = {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** Processor time of the serving process per request. Other work on the machine moves it far less than the rest. */
  readonly cpuMs: number;
};

/**
 * @param latenciesMs in any order.
 * @param cpuMs processor time of the whole window; NaN when it was not measured.
 */
export function windowOf(latenciesMs: readonly number[], seconds: number, cpuMs = Number.NaN): Window {
  const sorted = [...latenciesMs].sort((a, b) => a - b);
  return {
    perSecond: sorted.length / seconds,
    p50Ms: percentile(sorted, 0.5),
    p95Ms: percentile(sorted, 0.95),
    p99Ms: percentile(sorted, 0.99),
    cpuMs: cpuMs / sorted.length,
  };
}

/** Each figure's median over the windows of the same variant. */
export function medianWindow(windows: readonly Window[]): Window {
  const of = (pick: (window: Window) => number): number => median(windows.map(pick));
  return {
    perSecond: of(({ perSecond }) => perSecond),
    p50Ms: of(({ p50Ms }) => p50Ms),
    p95Ms: of(({ p95Ms }) => p95Ms),
    p99Ms: of(({ p99Ms }) => p99Ms),
    cpuMs: of(({ cpuMs }) => cpuMs),
  };
}

/** The median of the ratios of each round: what troubles the machine in one round troubles both sides of its ratio. */
export function medianRatio(values: readonly number[], reference: readonly number[]): number {
  const rounds = Math.min(values.length, reference.length);
  return median(Array.from({ length: rounds }, (_, round) => values[round]! / reference[round]!));
}
