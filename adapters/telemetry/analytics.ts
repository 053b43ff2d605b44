/** Trends: one point per request and per ended call. Sampled where it is stored, so never a count that decides. */
import type { Log, LogFields } from "./log.ts";

/** Analytics Engine takes 20 blobs and 20 doubles per point and one index of at most 96 bytes. */
export type AnalyticsPoint = {
  readonly kind: "request" | "call_opened" | "call_ended";
  /** Sampling key. */
  readonly tenant: string;
  readonly labels: readonly string[];
  readonly values: readonly number[];
};

export type Analytics = {
  readonly write: (point: AnalyticsPoint) => void;
  /** Hands over what a sink gathers; called now and then behind an answer. */
  readonly flush: () => void;
};

/** The sink of a deployed environment: Workers Analytics Engine. Writing never blocks and never throws into the request. */
export function engineAnalytics(dataset: AnalyticsEngineDataset): Analytics {
  return {
    write: ({ kind, tenant, labels, values }) =>
      dataset.writeDataPoint({ indexes: [tenant], blobs: [kind, ...labels], doubles: [...values] }),
    flush: () => {},
  };
}

/** A line of more points would be too long to read. */
const MAX_POINTS_PER_LINE = 200;

/** The sink of a local system, where Analytics Engine swallows everything: points gather and go out as one log line. */
export function logAnalytics(log: Log): Analytics {
  let points: LogFields[] = [];
  const flush = (): void => {
    if (points.length > 0) log("info", "analytics points", { points });
    points = [];
  };
  return {
    write: ({ kind, tenant, labels, values }) => {
      points.push({ kind, tenant, labels: labels.join("|"), values: values.join("|") });
      if (points.length >= MAX_POINTS_PER_LINE) flush();
    },
    flush,
  };
}
