/** Trends: one point per request and per ended call. Sampled where it is stored, so never a count that decides. */
import type { Log } from "./log.ts";

/** Analytics Engine takes 20 blobs and 20 doubles per point and one index of at most 96 bytes. */
export type AnalyticsPoint = {
  readonly kind: "request" | "call_opened" | "call_ended";
  /** Sampling key. */
  readonly tenant: string;
  readonly labels: readonly string[];
  readonly values: readonly number[];
};

export type Analytics = { readonly write: (point: AnalyticsPoint) => void };

/** The sink of a deployed environment: Workers Analytics Engine. Writing never blocks and never throws into the request. */
export function engineAnalytics(dataset: AnalyticsEngineDataset): Analytics {
  return {
    write: ({ kind, tenant, labels, values }) =>
      dataset.writeDataPoint({ indexes: [tenant], blobs: [kind, ...labels], doubles: [...values] }),
  };
}

/** The sink of a local system, where Analytics Engine swallows everything: each point is a log line. */
export function logAnalytics(log: Log): Analytics {
  return {
    write: ({ kind, tenant, labels, values }) =>
      log("info", "analytics point", { kind, tenant, labels: labels.join("|"), values: values.join("|") }),
  };
}
