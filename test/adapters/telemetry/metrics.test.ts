import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createMeter, METER_FLUSH_MS } from "../../../adapters/telemetry/meter.ts";
import {
  BUCKETS_S,
  type MetricDeltas,
  addDeltas,
  count,
  expose,
  noDeltas,
  observe,
  seriesName,
} from "../../../adapters/telemetry/metrics.ts";

const DURATION = "trunkline_call_setup_duration_seconds";

const TYPE_LINE = /^# TYPE (\w+) (counter|histogram)$/;
const SAMPLE_LINE = /^(\w+\{(?:[a-z_]+="[^"\\\n]*"(?:,[a-z_]+="[^"\\\n]*")*)?\}) (\S+)$/;

/** The exposition as a scraper reads it: values by series, and families with their types. Throws where a scraper would. */
function scrape(text: string): { readonly values: Map<string, number>; readonly types: readonly [string, string][] } {
  const values = new Map<string, number>();
  const types: [string, string][] = [];
  if (!text.endsWith("\n")) throw new Error("the last line is not ended");
  for (const line of text.split("\n").filter((each) => each !== "" && !each.startsWith("# HELP "))) {
    const type = TYPE_LINE.exec(line);
    const sample = SAMPLE_LINE.exec(line);
    if (type !== null) types.push([type[1]!, type[2]!]);
    else if (sample !== null) values.set(sample[1]!, Number(sample[2]));
    else throw new Error(`no line of an exposition: ${line}`);
  }
  return { values, types };
}

describe("[OBS-1] the exposition", () => {
  it("has each family once with its type, and a counter's value", () => {
    const metrics = noDeltas();
    count(metrics, seriesName("trunkline_calls_total", { channel: "pbx", action: "route" }), 2);
    count(metrics, seriesName("trunkline_calls_total", { action: "route", channel: "pbx" }));
    count(metrics, seriesName("trunkline_calls_total", { channel: "api", action: "reject" }));
    observe(metrics, seriesName(DURATION, {}), 0.004);
    const { values, types } = scrape(expose(metrics));
    expect(types).toEqual([
      ["trunkline_calls_total", "counter"],
      [DURATION, "histogram"],
    ]);
    expect(values.get('trunkline_calls_total{action="route",channel="pbx"}')).toBe(3);
    expect(values.get('trunkline_calls_total{action="reject",channel="api"}')).toBe(1);
  });

  it("has cumulative buckets, a sum and a count for every histogram", () => {
    const seconds = fc.array(fc.oneof(fc.constantFrom(...BUCKETS_S), fc.double({ min: 0, max: 20, noNaN: true })), {
      minLength: 1,
    });
    fc.assert(
      fc.property(seconds, fc.constantFrom({}, { lane: "standard" }), (observed, labels) => {
        const metrics = noDeltas();
        for (const value of observed) observe(metrics, seriesName(DURATION, labels), value);
        const { values } = scrape(expose(metrics));
        const own = "lane" in labels ? 'lane="standard"' : "";
        const withBound = (bound: string) => values.get(`${DURATION}_bucket{${own}${own === "" ? "" : ","}le="${bound}"}`);
        for (const bound of BUCKETS_S) {
          expect(withBound(String(bound))).toBe(observed.filter((value) => value <= bound).length);
        }
        expect(withBound("+Inf")).toBe(observed.length);
        expect(values.get(`${DURATION}_count{${own}}`)).toBe(observed.length);
        expect(values.get(`${DURATION}_sum{${own}}`)).toBeCloseTo(observed.reduce((a, b) => a + b, 0));
        expect(values.size).toBe(BUCKETS_S.length + 3);
      }),
    );
  });

  it("cannot be broken or inflated by what stands in a label", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom('"} 1\nx{a="', "\\", "$&", "{")), (value) => {
        const metrics = noDeltas();
        count(metrics, seriesName("trunkline_reports_total", { type: value }));
        const lines = expose(metrics).split("\n");
        expect(lines).toHaveLength(4);
        expect(lines[2]).toMatch(/^trunkline_reports_total\{type="[^"\\]{0,80}"\} 1$/u);
      }),
    );
  });

  it("does not mix families of which one name begins with the other", () => {
    const metrics = noDeltas();
    count(metrics, "trunkline_calls_totally{} ", 9);
    expect(expose(metrics)).not.toContain("9");
  });
});

const deltas = fc.array(
  fc.record({ series: fc.constantFrom("a{}", "b{}"), value: fc.integer({ min: 0, max: 1_000 }), histogram: fc.boolean() }),
  { maxLength: 8 },
);
function made(parts: readonly { series: string; value: number; histogram: boolean }[]): MetricDeltas {
  const into = noDeltas();
  for (const { series, value, histogram } of parts) {
    if (histogram) observe(into, series, value / 256);
    else count(into, series, value);
  }
  return into;
}
function sumOf(...all: readonly MetricDeltas[]): MetricDeltas {
  const total = noDeltas();
  for (const each of all) addDeltas(total, each);
  return total;
}

describe("[OBS-2] what isolates have counted", () => {
  it("adds up to the same in any grouping and order, and to what one isolate would have counted", () => {
    fc.assert(
      fc.property(deltas, deltas, deltas, (a, b, c) => {
        const whole = made([...a, ...b, ...c]);
        expect(sumOf(sumOf(made(a), made(b)), made(c))).toEqual(whole);
        expect(sumOf(made(a), sumOf(made(b), made(c)))).toEqual(whole);
        expect(sumOf(made(c), made(a), made(b))).toEqual(whole);
      }),
    );
  });

  it("is handed over once, in bursts, and nothing is lost between them", () => {
    const meter = createMeter({ lane: "standard" });
    expect(meter.take(10_000)).toBeNull();
    meter.count("trunkline_calls_total", { channel: "pbx" });
    const first = meter.take(10_000);
    expect(first!.counters).toEqual({ 'trunkline_calls_total{channel="pbx",lane="standard"}': 1 });
    meter.count("trunkline_calls_total", { channel: "pbx" }, 4);
    meter.observe(DURATION, {}, 0.2);
    expect(meter.take(10_000 + METER_FLUSH_MS - 1)).toBeNull();
    const second = meter.take(10_000 + METER_FLUSH_MS);
    expect(Object.values(second!.counters)).toEqual([4]);
    expect(Object.keys(second!.histograms)).toEqual([`${DURATION}{lane="standard"}`]);
    expect(Object.values(first!.counters)).toEqual([1]);
    expect(meter.take(99_999)).toBeNull();
  });

  it("is handed over before its time when asked for", () => {
    const meter = createMeter({});
    meter.count("trunkline_calls_total", {});
    meter.take(10_000);
    meter.count("trunkline_calls_total", {});
    expect(meter.take(10_001, true)).not.toBeNull();
  });
});
