import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Bucket, fullBucket, take } from "../../../domain/limits/bucket.ts";
import type { LimitPolicy } from "../../../domain/limits/policy.ts";
import {
  type Account,
  CREDIT_SHARE,
  MAX_SLICE_SHARE,
  UNANSWERED_MS,
  answered,
  isLow,
  openAccount,
  question,
  spend,
  standing,
  unanswered,
} from "../../../domain/limits/slice.ts";

const WRITE: LimitPolicy = { burst: 2_000, perS: 500 };

/** Isolates and their limiter, which answers at once. */
class Cluster {
  readonly policy: LimitPolicy;
  readonly accounts: readonly Account[];
  bucket: Bucket;
  nowMs = 0;
  questions = 0;

  constructor(policy: LimitPolicy, isolates: number) {
    this.policy = policy;
    this.accounts = Array.from({ length: isolates }, () => openAccount(policy, 0));
    this.bucket = fullBucket(policy, 0);
  }

  #ask(account: Account): void {
    this.questions += 1;
    const { owed, wanted } = question(account, this.policy, this.nowMs);
    const { bucket, granted } = take(this.bucket, this.policy, owed, wanted, this.nowMs);
    this.bucket = bucket;
    answered(account, this.policy, { granted, remaining: bucket.tokens }, wanted, this.nowMs);
  }

  request(isolate: number): boolean {
    const account = this.accounts[isolate % this.accounts.length]!;
    let verdict = spend(account, this.policy, this.nowMs);
    if (verdict === "ask") {
      this.#ask(account);
      verdict = spend(account, this.policy, this.nowMs);
    } else if (isLow(account, this.policy, this.nowMs)) this.#ask(account);
    return verdict === "admitted";
  }

  /** Steadily, over all isolates in turn. @returns how many were let through. */
  run(seconds: number, perS: number): number {
    let admitted = 0;
    const untilMs = this.nowMs + seconds * 1000;
    for (let made = 0; this.nowMs < untilMs; made++) {
      admitted += this.request(made) ? 1 : 0;
      this.nowMs += 1000 / perS;
    }
    return admitted;
  }
}

describe("[LMT-1] slices", () => {
  it("[LMT-1] one isolate lets a burst through, no more, and then as much as the rate fills", () => {
    const cluster = new Cluster({ burst: 100, perS: 10 }, 1);
    let admitted = 0;
    for (let made = 0; made < 500; made++) admitted += cluster.request(0) ? 1 : 0;
    expect(admitted).toBe(100);
    cluster.nowMs += 1_000;
    for (let made = 0; made < 500; made++) admitted += cluster.request(0) ? 1 : 0;
    expect(admitted).toBe(110);
  });

  it("[LMT-1] a client that stays under its rate is never refused, and its isolates seldom ask", () => {
    const cluster = new Cluster(WRITE, 8);
    expect(cluster.run(20, 450)).toBe(9_000);
    expect(cluster.questions).toBeLessThan(9_000 / 10);
  });

  it("[LMT-1] one that asks for much more gets its rate, and floods nobody with questions", () => {
    const cluster = new Cluster(WRITE, 4);
    cluster.run(10, 5_000);
    const before = cluster.questions;
    const admitted = cluster.run(10, 5_000);
    expect(admitted).toBeGreaterThan(0.95 * 5_000);
    expect(admitted).toBeLessThan(1.05 * 5_000);
    expect(cluster.questions - before).toBeLessThan(500);
  });

  it("[LMT-1] a client that seldom comes is seldom asked about", () => {
    const cluster = new Cluster(WRITE, 1);
    expect(cluster.run(200, 0.5)).toBe(100);
    expect(cluster.questions).toBeLessThan(10);
  });

  it("[LMT-1] together the isolates exceed the policy by no more than their slices and credits", () => {
    const burst = fc.integer({ min: 1, max: 400 });
    const requests = fc.array(fc.record({ isolate: fc.nat(7), ms: fc.constantFrom(0, 0, 0, 1, 50, 2_500) }), {
      minLength: 200,
      maxLength: 800,
    });
    fc.assert(
      fc.property(
        burst,
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 8 }),
        requests,
        (most, perS, isolates, moves) => {
          const cluster = new Cluster({ burst: most, perS }, isolates);
          let admitted = 0;
          for (const { isolate, ms } of moves) {
            cluster.nowMs += ms;
            admitted += cluster.request(isolate) ? 1 : 0;
          }
          const perIsolate = 1.5 * Math.max(1, MAX_SLICE_SHARE * most) + Math.max(1, CREDIT_SHARE * most);
          expect(admitted).toBeLessThanOrEqual(most + (cluster.nowMs / 1000) * perS + isolates * perIsolate);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("[LMT-1] when the limiter is away an isolate counts by itself, and tells what it let through afterwards", () => {
    const policy = { burst: 10, perS: 1 };
    const account = openAccount(policy, 0);
    unanswered(account, policy, 0);
    const verdicts = Array.from({ length: 12 }, () => spend(account, policy, 0));
    expect(verdicts.filter((verdict) => verdict === "admitted").length).toBe(10);
    expect(verdicts.at(-1)).toBe("refused");
    expect(isLow(account, policy, 0)).toBe(false);
    spend(account, policy, UNANSWERED_MS);
    expect(question(account, policy, UNANSWERED_MS).owed).toBeGreaterThanOrEqual(10);
  });

  it("[LMT-1] says what is left, and when there is something again", () => {
    const account = openAccount(WRITE, 0);
    spend(account, WRITE, 0);
    expect(standing(account, WRITE, 0, false)).toEqual({ remaining: 1_999, resetS: 1 });
    question(account, WRITE, 0);
    expect(standing(account, WRITE, 0, false).remaining).toBe(1_999);
    answered(account, WRITE, { granted: 31, remaining: 1_000 }, 31, 0);
    expect(standing(account, WRITE, 0, false)).toEqual({ remaining: 1_031, resetS: 2 });
    const slow = { burst: 1, perS: 0.1 };
    const empty = openAccount(slow, 0);
    answered(empty, slow, { granted: 0, remaining: 0 }, 1, 0);
    expect(spend(empty, slow, 500)).toBe("refused");
    expect(standing(empty, slow, 500, true)).toEqual({ remaining: 0, resetS: 10 });
  });
});
