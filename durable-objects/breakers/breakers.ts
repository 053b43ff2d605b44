/**
 * What the isolates of a place have learnt of the parties outside that they ask. Holds nothing that a restart may not lose, and nobody
 * waits for it. domain/resilience decides.
 */
import { DurableObject } from "cloudflare:workers";
import { type Clock, type Randomness, systemClock, systemRandomness } from "../../adapters/platform/clock.ts";
import {
  NOTHING_SHARED,
  type Report,
  type Shared,
  type Told,
  isOfUse,
  share,
  toldOf,
} from "../../domain/resilience/sharing.ts";
import { policyOfTarget } from "../../domain/resilience/targets.ts";

/** At some 300 bytes each. Beyond it who was longest not spoken of is forgotten. */
const MAX_TARGETS = 2_000;
/** What an answer tells at most: the latest. */
const MAX_TOLD = 200;

export type Answer = readonly (Told & { readonly target: string })[];

export class Breakers extends DurableObject<Env> {
  clock: Clock = systemClock;
  randomness: Randomness = systemRandomness;
  readonly #targets = new Map<string, Shared>();

  /** Takes what an isolate found out, and tells it what all of them did. */
  async exchange(reports: readonly Report[]): Promise<Answer> {
    const nowMs = this.clock.nowMs();
    for (const report of reports) {
      const policy = policyOfTarget(report.target);
      // An isolate of another version may ask whom this one has not heard of.
      if (policy === null) continue;
      const before = this.#targets.get(report.target) ?? NOTHING_SHARED;
      this.#targets.delete(report.target);
      this.#targets.set(report.target, share(before, report, policy, { nowMs, fraction: this.randomness.fraction() }));
    }
    for (const target of this.#targets.keys()) {
      if (this.#targets.size <= MAX_TARGETS) break;
      this.#targets.delete(target);
    }
    const told = [...this.#targets].flatMap(([target, { news }]) =>
      news !== null && isOfUse(news, nowMs) ? [{ target, ...toldOf(news, nowMs) }] : [],
    );
    return told.toSorted((a, b) => a.agoMs - b.agoMs).slice(0, MAX_TOLD);
  }
}
