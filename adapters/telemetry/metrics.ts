/**
 * Counters and histograms in the Prometheus text format (https://prometheus.io/docs/instrumenting/exposition_formats/).
 * An isolate counts in memory and hands over what has been added since the last time; the `Metrics` object adds it all up.
 */
export const METRICS = {
  trunkline_http_requests_total: { type: "counter", help: "HTTP requests by route, method and status." },
  trunkline_http_request_duration_seconds: { type: "histogram", help: "Time to answer an HTTP request." },
  trunkline_calls_total: { type: "counter", help: "Calls opened, by channel and what was decided." },
  trunkline_call_setup_duration_seconds: { type: "histogram", help: "Time from a call's request to its durable session." },
  trunkline_sessions_ended_total: { type: "counter", help: "Sessions ended, by disposition." },
  trunkline_reports_total: { type: "counter", help: "Carrier reports, by type and whether they applied." },
  trunkline_commands_total: { type: "counter", help: "Commands given to sessions, by kind and outcome." },
  trunkline_authentication_failures_total: { type: "counter", help: "Requests refused with 401 or 403, by reason." },
  trunkline_authorizer_decisions_total: {
    type: "counter",
    help: "Tokens by whether a remembered decision was taken: hit, miss, or bypass where the request asked for a new one.",
  },
  trunkline_rate_limited_total: { type: "counter", help: "Requests refused with 429, by policy." },
  trunkline_rate_limit_leases_total: {
    type: "counter",
    help: "Slices of rate limits that isolates asked for, by policy and outcome: granted, refused, unanswered.",
  },
  trunkline_rate_limit_unchecked_total: {
    type: "counter",
    help: "Requests let through by the isolate's own count because their limiter did not answer, by policy.",
  },
  trunkline_shed_total: {
    type: "counter",
    help: "Requests refused with 503 because there was more to do than could be done, by kind.",
  },
  trunkline_toll_alerts_total: { type: "counter", help: "Trunks that reached a bound on calls or cost, by tenant and trunk." },
  trunkline_keeping_failures_total: {
    type: "counter",
    help: "Steps of retention and erasure that failed and are tried again: retention, erasure.",
  },
  trunkline_toll_unchecked_total: { type: "counter", help: "Calls let through because their toll ledger did not answer." },
  trunkline_capacity_refused_total: {
    type: "counter",
    help: "Calls refused for want of a line, by what had none: tenant, trunk, destination.",
  },
  trunkline_capacity_unchecked_total: {
    type: "counter",
    help: "Calls let through because the object that counts them did not answer.",
  },
  trunkline_snapshot_failures_total: {
    type: "counter",
    help: "Published configurations that could not be read or were damaged, by part and reason; the last good one went on.",
  },
  trunkline_snapshot_reads_total: {
    type: "counter",
    help: "Questions after published configurations, by level (memory: it went on alone; cache, r2, keeper, static) and outcome: hit, miss, late, failed, damaged.",
  },
  trunkline_synthetic_calls_total: {
    type: "counter",
    help: "The lane's own calls to a test number, by outcome: ok, degraded, failed, skipped where there are no static routes.",
  },
  trunkline_synthetic_call_duration_seconds: { type: "histogram", help: "Time to the plan of the lane's own calls." },
  trunkline_emergency_degraded_total: {
    type: "counter",
    help: "Emergency calls answered without a part of the system, by part.",
  },
  trunkline_emergency_calls_total: {
    type: "counter",
    help: "Emergency calls answered with a plan, by kind: real, test, synthetic.",
  },
  trunkline_emergency_unauthenticated_total: {
    type: "counter",
    help: "Emergency calls without good credentials, by what became of them: served, refused by their trunk's policy, bounded.",
  },
  trunkline_emergency_notices_total: {
    type: "counter",
    help: "Notices of emergency calls, by notifier and outcome: sent, failed.",
  },
  trunkline_callbacks_total: { type: "counter", help: "Calls by which answering points called somebody back." },
  trunkline_log_commits_total: { type: "counter", help: "Rows written by event log shards." },
  trunkline_log_events_total: { type: "counter", help: "Events taken by event log shards." },
  trunkline_log_flushes_total: { type: "counter", help: "Segment flushes, by outcome." },
  trunkline_log_wake_ups_total: { type: "counter", help: "Messages that wake the followers of event log shards, by outcome." },
  trunkline_compaction_events_total: { type: "counter", help: "Events written into merged segments, by level." },
  trunkline_compaction_bytes_total: { type: "counter", help: "Bytes written into merged segments, by level." },
  trunkline_compaction_merges_total: { type: "counter", help: "Hours, and days of tenants, that were merged, by level." },
  trunkline_compaction_deleted_total: {
    type: "counter",
    help: "Objects of the event store that were deleted after being replaced.",
  },
  trunkline_compaction_failures_total: { type: "counter", help: "Steps of merging that failed and are done again." },
  trunkline_event_store_damage_total: {
    type: "counter",
    help: "Parts of the event store's objects that could not be read, by what was being done.",
  },
  trunkline_projection_batches_total: { type: "counter", help: "Batches of events read for the projection, by outcome." },
  trunkline_projection_events_total: {
    type: "counter",
    help: "Events read for the projection: projected, or left out because they are no events.",
  },
  trunkline_projection_delay_seconds: {
    type: "histogram",
    help: "Time from the recording of the oldest event of a batch to its projection.",
  },
  trunkline_audit_entries_total: { type: "counter", help: "Entries added to audit trails, by outcome." },
  trunkline_audit_handed_over_total: { type: "counter", help: "Entries of audit trails that the database has taken." },
  trunkline_audit_hand_over_failures_total: {
    type: "counter",
    help: "Attempts to hand entries of an audit trail over to the database that failed and are made again.",
  },
  trunkline_audit_disputed_total: {
    type: "counter",
    help: "Entries of audit trails for which the database has another content: somebody has written there.",
  },
  trunkline_audit_unavailable_total: {
    type: "counter",
    help: "Writes refused with 503 because the audit trail did not answer.",
  },
  trunkline_audit_lost_total: {
    type: "counter",
    help: "What could not be added to an audit trail: entry (its log line has it in full), outcome (noted as unknown), summed.",
  },
  trunkline_webhook_events_total: {
    type: "counter",
    help: "Events for webhook endpoints: taken, repeated, put off to be read from the event store, missed, given up after the last attempt.",
  },
  trunkline_webhook_deliveries_total: { type: "counter", help: "Attempts to deliver to webhook endpoints, by outcome." },
  trunkline_webhook_attempt_duration_seconds: { type: "histogram", help: "Time that webhook endpoints took to answer." },
  trunkline_webhook_delay_seconds: {
    type: "histogram",
    help: "Time from the recording of an event to its delivery to a webhook endpoint.",
  },
  trunkline_webhook_breaker_total: { type: "counter", help: "Circuit breakers of webhook endpoints that opened or closed." },
  trunkline_webhook_disabled_total: { type: "counter", help: "Webhook endpoints that were disabled, by reason." },
  trunkline_webhook_batches_total: { type: "counter", help: "Batches of events read for webhooks, by outcome." },
  trunkline_breaker_changes_total: {
    type: "counter",
    help: "Circuit breakers of those who are asked that an isolate opened, tried or closed by what it saw itself, by kind of target.",
  },
  trunkline_outgoing_total: {
    type: "counter",
    help: "Requests to others by kind and outcome: ok, refused, failed, timeout; open and full were not sent.",
  },
  trunkline_outgoing_duration_seconds: { type: "histogram", help: "Time that requests to others took, by kind." },
  trunkline_decisions_total: {
    type: "counter",
    help: "Calls for which a rule asks a decision service: answered, cached, or why the rule's fallback decided.",
  },
  trunkline_dead_letters_total: { type: "counter", help: "Messages that failed too often, by queue." },
  trunkline_bad_messages_total: { type: "counter", help: "Messages that cannot be understood, by queue." },
} as const satisfies Record<string, { readonly type: "counter" | "histogram"; readonly help: string }>;

export type MetricName = keyof typeof METRICS;
export type Labels = Readonly<Record<string, string>>;

/** Upper bounds in seconds. A call is decided in milliseconds and must be answered within a few seconds. */
export const BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5] as const;

/** Series by `name{labels}`. Histograms hold one count per bucket (not cumulative), one for the rest, and the sum. */
export type MetricDeltas = {
  readonly counters: Record<string, number>;
  readonly histograms: Record<string, { counts: number[]; sum: number }>;
};

export const noDeltas = (): MetricDeltas => ({ counters: {}, histograms: {} });

/** A label value is bounded in length and cannot break the line format. */
const MAX_LABEL_LENGTH = 80;
const escape = (value: string): string => value.slice(0, MAX_LABEL_LENGTH).replaceAll(/["\\\n]/g, "_");

export function seriesName(name: MetricName, labels: Labels): string {
  const parts = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${name}{${parts.map(([key, value]) => `${key}="${escape(value)}"`).join(",")}}`;
}

export function count(into: MetricDeltas, series: string, by = 1): void {
  into.counters[series] = (into.counters[series] ?? 0) + by;
}

export function observe(into: MetricDeltas, series: string, seconds: number): void {
  const histogram = (into.histograms[series] ??= { counts: Array.from({ length: BUCKETS_S.length + 1 }, () => 0), sum: 0 });
  const index = BUCKETS_S.findIndex((bound) => seconds <= bound);
  const bucket = index === -1 ? BUCKETS_S.length : index;
  histogram.counts[bucket] = (histogram.counts[bucket] ?? 0) + 1;
  histogram.sum += seconds;
}

export function addDeltas(into: MetricDeltas, added: MetricDeltas): void {
  for (const [series, value] of Object.entries(added.counters)) count(into, series, value);
  for (const [series, { counts, sum }] of Object.entries(added.histograms)) {
    const histogram = (into.histograms[series] ??= { counts: counts.map(() => 0), sum: 0 });
    counts.forEach((value, index) => (histogram.counts[index] = (histogram.counts[index] ?? 0) + value));
    histogram.sum += sum;
  }
}

function withLabel(series: string, suffix: string, label: string): string {
  const brace = series.indexOf("{");
  const labels = series.slice(brace + 1, -1);
  return `${series.slice(0, brace)}${suffix}{${labels}${labels === "" ? "" : ","}${label}}`;
}

function withSuffix(series: string, suffix: string): string {
  return series.replace("{", `${suffix}{`);
}

function histogramLines(series: string, { counts, sum }: { counts: number[]; sum: number }): string[] {
  let total = 0;
  const buckets = counts.map((value, index) => {
    total += value;
    return `${withLabel(series, "_bucket", `le="${BUCKETS_S[index] ?? "+Inf"}"`)} ${total}`;
  });
  return [...buckets, `${withSuffix(series, "_sum")} ${sum}`, `${withSuffix(series, "_count")} ${total}`];
}

/** The exposition text, families in the order of `METRICS`. */
export function expose(metrics: MetricDeltas): string {
  const lines: string[] = [];
  for (const [name, { type, help }] of Object.entries(METRICS)) {
    const own = (series: string): boolean => series.startsWith(`${name}{`);
    const counters = Object.entries(metrics.counters).filter(([series]) => own(series));
    const histograms = Object.entries(metrics.histograms).filter(([series]) => own(series));
    if (counters.length + histograms.length === 0) continue;
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    for (const [series, value] of counters) lines.push(`${series} ${value}`);
    for (const [series, histogram] of histograms) lines.push(...histogramLines(series, histogram));
  }
  return `${lines.join("\n")}\n`;
}
