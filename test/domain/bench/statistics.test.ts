import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { median, medianRatio, percentile, windowOf } from "../../../bench/statistics.ts";

describe("percentile", () => {
  it("is the nearest rank: at least the asked share of the values lies at or below it", () => {
    expect(percentile([1, 2, 3, 4], 0.5)).toBe(2);
    expect(percentile([7], 0.99)).toBe(7);
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
    expect(percentile(hundred, 0.99)).toBe(99);
    expect(percentile([], 0.5)).toBeNaN();
  });

  it("never falls when a larger share is asked for", () => {
    const values = fc.array(fc.double({ noNaN: true }), { minLength: 1 }).map((all) => all.sort((a, b) => a - b));
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(values, share, share, (sorted, one, other) => {
        expect(percentile(sorted, Math.min(one, other))).toBeLessThanOrEqual(percentile(sorted, Math.max(one, other)));
      }),
    );
  });
});

describe("median", () => {
  it("does not depend on the order and is not moved by one outlier", () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([5, 5, 1e9])).toBe(5);
    expect(median([])).toBeNaN();
  });
});

describe("a ratio over rounds", () => {
  it("compares what was measured in the same round", () => {
    // Half as fast in every round; a machine that slows down in between does not show.
    expect(medianRatio([50, 5, 500], [100, 10, 1_000])).toBe(0.5);
    expect(medianRatio([1], [])).toBeNaN();
  });
});

describe("a window", () => {
  it("counts answers per second and leaves what was not measured open", () => {
    const window = windowOf([3, 1, 2, 4], 2, 8);
    expect(window).toMatchObject({ perSecond: 2, p50Ms: 2, p99Ms: 4, cpuMs: 2 });
    expect(windowOf([1], 1).cpuMs).toBeNaN();
  });
});
