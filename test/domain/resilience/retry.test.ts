import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Failure, isRetryable, retryAfterMs } from "../../../domain/resilience/retry.ts";

const POLICY = { attempts: 4, firstMs: 100, maxMs: 250 } as const;
const UNANSWERED: Failure = { tag: "unanswered" };
const status = (code: number, asked: number | null = null): Failure => ({ tag: "status", status: code, retryAfterMs: asked });

describe("[RES-1] asking again", () => {
  it("is of use after a broken connection and statuses that say later, and of none after a refusal or a missed deadline", () => {
    expect([408, 425, 429, 500, 502, 503, 504].map((code) => isRetryable(status(code)))).not.toContain(false);
    expect([301, 400, 401, 403, 404, 409, 422, 501].map((code) => isRetryable(status(code)))).not.toContain(true);
    expect(isRetryable(UNANSWERED)).toBe(true);
    expect(isRetryable({ tag: "late" })).toBe(false);
  });

  it("comes after anything from nothing to a pause that doubles, and is bounded", () => {
    const longest = [1, 2, 3].map((attempts) => retryAfterMs(POLICY, UNANSWERED, attempts, 1, 10_000));
    expect(longest).toEqual([100, 200, 250]);
    expect(retryAfterMs(POLICY, UNANSWERED, 1, 0, 10_000)).toBe(0);
    expect(retryAfterMs(POLICY, UNANSWERED, 4, 0, 10_000)).toBeNull();
  });

  it("waits as long as it was asked to, unless that is longer than there is time", () => {
    expect(retryAfterMs(POLICY, status(503, 2_000), 1, 0.5, 10_000)).toBe(2_000);
    expect(retryAfterMs(POLICY, status(503, 2_000), 1, 0.5, 2_000)).toBeNull();
  });

  it("never takes more attempts or time than there is", () => {
    const any = fc.record({ fraction: fc.double({ min: 0, max: 1, noNaN: true }), asked: fc.option(fc.nat(5_000)) });
    fc.assert(
      fc.property(fc.array(any, { minLength: 10, maxLength: 10 }), fc.nat(3_000), (chances, deadlineMs) => {
        let leftMs = deadlineMs;
        let attempts = 1;
        for (const { fraction, asked } of chances) {
          const waitMs = retryAfterMs(POLICY, status(503, asked), attempts, fraction, leftMs);
          if (waitMs === null) break;
          leftMs -= waitMs;
          attempts += 1;
        }
        expect(attempts).toBeLessThanOrEqual(POLICY.attempts);
        expect(leftMs).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
