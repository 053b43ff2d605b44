import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Bucket, filled, fullBucket, msUntil, take } from "../../../domain/limits/bucket.ts";
import { limitHeader, policyHeader } from "../../../domain/limits/headers.ts";

const POLICY = { burst: 10, perS: 2 };

describe("[LMT-1] a bucket", () => {
  it("[LMT-1] gives a burst, then as much as its rate fills", () => {
    const { bucket, granted } = take(fullBucket(POLICY, 0), POLICY, 0, 100, 0);
    expect(granted).toBe(10);
    expect(take(bucket, POLICY, 0, 100, 499).granted).toBe(0);
    expect(take(bucket, POLICY, 0, 100, 500).granted).toBe(1);
    expect(take(bucket, POLICY, 0, 100, 3_600_000).granted).toBe(10);
    expect(msUntil(bucket, 1, POLICY)).toBe(500);
  });

  it("[LMT-1] takes back what was not used, and has what is owed paid first", () => {
    const { bucket } = take(fullBucket(POLICY, 0), POLICY, 4, 6, 0);
    expect(bucket.tokens).toBe(0);
    expect(take(bucket, POLICY, -3, 9, 0).granted).toBe(3);
    expect(take(bucket, POLICY, 4, 9, 2_000).granted).toBe(0);
  });

  it("[LMT-1] neither fills nor empties when the clock steps back", () => {
    const { bucket } = take(fullBucket(POLICY, 5_000), POLICY, 0, 10, 5_000);
    const back = filled(bucket, POLICY, 0);
    expect(back.tokens).toBe(0);
    expect(filled(back, POLICY, 5_500).tokens).toBe(1);
  });

  it("[LMT-1] never gives more than burst and rate together", () => {
    const steps = fc.array(fc.record({ ms: fc.nat(3_000), wanted: fc.nat(12), owed: fc.nat(3) }), { maxLength: 40 });
    fc.assert(
      fc.property(steps, (moves) => {
        let bucket: Bucket = fullBucket(POLICY, 0);
        let nowMs = 0;
        let spent = 0;
        for (const { ms, wanted, owed } of moves) {
          nowMs += ms;
          const taken = take(bucket, POLICY, owed, wanted, nowMs);
          bucket = taken.bucket;
          spent += taken.granted;
          expect(taken.granted).toBeLessThanOrEqual(wanted);
        }
        expect(spent).toBeLessThanOrEqual(POLICY.burst + (nowMs / 1000) * POLICY.perS + 1e-6);
      }),
    );
  });
});

describe("[LMT-1] the headers", () => {
  it("[LMT-1] name the policy, its quota and window, what is left and when it is whole again", () => {
    expect(policyHeader("events-write", { burst: 2_000, perS: 500 })).toBe('"events-write";q=2000;w=4');
    expect(limitHeader("events-write", { remaining: 1_999, resetS: 1 })).toBe('"events-write";r=1999;t=1');
  });
});
