/**
 * What the clients of a tenant have left of their rates; several objects share a tenant's clients. Lends slices to isolates. Nothing is
 * stored: after a restart every bucket is full, so that a client gains one burst at most. domain/limits decides.
 */
import { DurableObject } from "cloudflare:workers";
import { type Clock, systemClock } from "../../adapters/platform/clock.ts";
import { type Bucket, filled, fullBucket, take } from "../../domain/limits/bucket.ts";
import type { LimitName, LimitPolicy } from "../../domain/limits/policy.ts";
import type { Lease } from "../../domain/limits/slice.ts";

/** At about a hundred bytes each. Beyond it those that are full are forgotten, then the longest unused. */
const MAX_BUCKETS = 20_000;

type Known = { readonly policy: LimitPolicy; readonly bucket: Bucket };

export class Limiter extends DurableObject<Env> {
  clock: Clock = systemClock;
  readonly #buckets = new Map<string, Known>();

  /**
   * Lends up to `wanted` tokens.
   * @param policy as the asking isolate has it: another one begins with what is there, at most its own burst.
   * @param owed what the isolate has spent without asking; below zero: what it gives back.
   */
  async lease(name: LimitName, client: string, policy: LimitPolicy, owed: number, wanted: number): Promise<Lease> {
    const nowMs = this.clock.nowMs();
    const key = `${name} ${client}`;
    const before = this.#buckets.get(key)?.bucket ?? fullBucket(policy, nowMs);
    const { bucket, granted } = take(before, policy, owed, wanted, nowMs);
    this.#buckets.delete(key);
    this.#buckets.set(key, { policy, bucket });
    if (this.#buckets.size > MAX_BUCKETS) this.#forget(nowMs);
    return { granted, remaining: bucket.tokens };
  }

  /** A full bucket is as good as none. Looks at all of them, and so makes room for many. */
  #forget(nowMs: number): void {
    for (const [key, { policy, bucket }] of this.#buckets)
      if (filled(bucket, policy, nowMs).tokens >= policy.burst) this.#buckets.delete(key);
    const tooMany = this.#buckets.size - MAX_BUCKETS / 2;
    if (tooMany <= 0) return;
    for (const key of [...this.#buckets.keys()].slice(0, tooMany)) this.#buckets.delete(key);
  }
}
