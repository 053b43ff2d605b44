/** The isolate's side of metrics: counts in memory, hands over in bursts. */
import { type Labels, type MetricDeltas, type MetricName, count, noDeltas, observe, seriesName } from "./metrics.ts";

/** A burst goes out when this much time has passed since the last one and a request offers to carry it. */
export const METER_FLUSH_MS = 2_000;

/** A bound on what a stranger's methods and statuses can make us remember. */
const MAX_KNOWN_SERIES = 1_000;

export type Meter = {
  readonly count: (name: MetricName, labels: Labels, by?: number) => void;
  readonly observe: (name: MetricName, labels: Labels, seconds: number) => void;
  /** What has been added since the last call, or null when it is not time yet or there is nothing. */
  readonly take: (nowMs: number, force?: boolean) => MetricDeltas | null;
};

/** @param base labels that every series of this isolate carries. */
export function createMeter(base: Labels): Meter {
  const names = new Map<string, string>();
  // The same few series are counted for every request.
  const seriesOf = (name: MetricName, labels: Labels): string => {
    let key: string = name;
    for (const label in labels) key += `|${labels[label]}`;
    const known = names.get(key);
    if (known !== undefined) return known;
    const series = seriesName(name, { ...base, ...labels });
    if (names.size < MAX_KNOWN_SERIES) names.set(key, series);
    return series;
  };
  let pending = noDeltas();
  let dirty = false;
  let takenMs = 0;
  return {
    count(name, labels, by) {
      dirty = true;
      count(pending, seriesOf(name, labels), by);
    },
    observe(name, labels, seconds) {
      dirty = true;
      observe(pending, seriesOf(name, labels), seconds);
    },
    take(nowMs, force = false) {
      if (!dirty || (!force && nowMs - takenMs < METER_FLUSH_MS)) return null;
      const taken = pending;
      pending = noDeltas();
      dirty = false;
      takenMs = nowMs;
      return taken;
    },
  };
}
