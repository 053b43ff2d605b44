import { env } from "cloudflare:workers";
import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { BUCKETS_S, type MetricDeltas, count, noDeltas, observe } from "../../adapters/telemetry/metrics.ts";
import { ask } from "./fixture/http.ts";
import { publishedTenant } from "./fixture/tenant.ts";
import { unique } from "./fixture/unique.ts";

const CALLS = 'trunkline_calls_total{action="route"}';
const SETUP = "trunkline_call_setup_duration_seconds{}";

function deltas(calls: number, ...seconds: number[]): MetricDeltas {
  const own = noDeltas();
  count(own, CALLS, calls);
  for (const each of seconds) observe(own, SETUP, each);
  return own;
}

describe("the totals of a lane", () => {
  it("[OBS-2] are the sum of what every isolate has handed over", async () => {
    const name = unique("metrics");
    const add = async (own: MetricDeltas | null) => (await env.METRICS.getByName(name).add(own)) as MetricDeltas;
    await Promise.all([add(deltas(2, 0.002)), add(deltas(3, 0.2)), add(deltas(5, 60))]);
    const totals = await add(null);
    expect(totals.counters[CALLS]).toBe(10);
    expect(totals.histograms[SETUP]!.counts.reduce((sum, each) => sum + each, 0)).toBe(3);
    expect(totals.histograms[SETUP]!.sum).toBeCloseTo(60.202);
  });

  it("[OBS-2] survive an eviction: what is not stored at once is soon, by an alarm", async () => {
    const stub = env.METRICS.getByName(unique("metrics"));
    const add = async (own: MetricDeltas | null) => (await stub.add(own)) as MetricDeltas;
    await add(deltas(7));
    await evictDurableObject(stub);
    expect((await add(null)).counters[CALLS]).toBe(7);
    for (const calls of [1, 1, 2]) await add(deltas(calls));
    expect(await runDurableObjectAlarm(stub)).toBe(true);
    expect(await runDurableObjectAlarm(stub)).toBe(false);
    await evictDurableObject(stub);
    expect((await add(null)).counters[CALLS]).toBe(11);
    await evictDurableObject(stub);
    expect((await add(deltas(1))).counters[CALLS]).toBe(12);
  });
});

const SERIES = /^(trunkline_[a-z_]+)\{((?:[a-z_]+="[^"\\\n]*",?)*)\} (\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/;

/** Series and values of an exposition. @throws on a line that is none. */
function parseExposition(text: string): Map<string, number> {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => {
      const match = SERIES.exec(line);
      if (match === null) throw new Error(`not a line of the exposition format: ${line}`);
      return [`${match[1]}{${match[2]}}`, Number(match[3])];
    }),
  );
}

describe("GET /metrics", () => {
  it("[OBS-1] is the Prometheus text format, and counts what was asked", async () => {
    const tenant = await publishedTenant();
    const calls = 'trunkline_calls_total{action="route",channel="api",lane="standard"}';
    const before = parseExposition((await ask("/metrics")).text).get(calls) ?? 0;
    for (let i = 0; i < 3; i++) {
      const body = { from: "+15551230001", to: "+15551230002", channel: "api" };
      expect((await ask("/v1/calls", { key: tenant.key("operator"), body })).status).toBe(201);
    }
    const answer = await ask("/metrics");
    expect(answer.headers.get("Content-Type")).toContain("version=0.0.4");
    const after = parseExposition(answer.text);
    expect(after.get(calls)).toBe(before + 3);
    for (const name of new Set([...after.keys()].map((series) => series.slice(0, series.indexOf("{"))))) {
      const family = name.replace(/_(?:bucket|sum|count)$/, "");
      expect(answer.text).toContain(`# TYPE ${answer.text.includes(`# TYPE ${name} `) ? name : family} `);
    }
  });

  it("[OBS-1] has histograms whose buckets only grow and end at the count", async () => {
    await ask("/healthz");
    const { text } = await ask("/metrics");
    const labels = 'lane="standard",method="GET",route="/healthz"';
    const name = "trunkline_http_request_duration_seconds";
    const series = parseExposition(text);
    const buckets = [...BUCKETS_S.map(String), "+Inf"].map((le) => series.get(`${name}_bucket{${labels},le="${le}"}`)!);
    expect(buckets).toEqual([...buckets].sort((a, b) => a - b));
    expect(buckets.at(-1)).toBe(series.get(`${name}_count{${labels}}`));
    expect(buckets.at(-1)).toBeGreaterThan(0);
  });
});
