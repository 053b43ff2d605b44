/** Remembers which tokens were verified, for a short time and up to a fixed count. Only successes: a refusal is cheap to repeat. */
import type { Principal } from "../../domain/identity/principal.ts";

/** How long a withdrawn key or a locked-out user may go on being accepted by an isolate. */
const MAX_AGE_MS = 5 * 60_000;
/** At about half a kilobyte each, 2 MB of an isolate's 128. */
export const MAX_CACHED_DECISIONS = 4_000;

type Decision = { readonly principal: Principal; readonly madeMs: number; readonly untilMs: number };

export class DecisionCache {
  readonly #decisions = new Map<string, Decision>();

  /**
   * @param key the token's SHA-256: the token itself is not kept in memory.
   * @param maxAgeMs a decision that is older does not count for this request, and stays for others.
   */
  get(key: string, nowMs: number, maxAgeMs = Infinity): Principal | null {
    const decision = this.#decisions.get(key);
    if (decision === undefined) return null;
    if (nowMs < decision.untilMs) return nowMs - decision.madeMs <= maxAgeMs ? decision.principal : null;
    this.#decisions.delete(key);
    return null;
  }

  /** Keeps the decision until the token expires, five minutes at most. The oldest one gives way to the newest. */
  put(key: string, principal: Principal, nowMs: number, expiresMs: number): void {
    const untilMs = Math.min(nowMs + MAX_AGE_MS, expiresMs);
    if (untilMs <= nowMs) return;
    this.#decisions.delete(key);
    this.#decisions.set(key, { principal, madeMs: nowMs, untilMs });
    if (this.#decisions.size <= MAX_CACHED_DECISIONS) return;
    for (const oldest of this.#decisions.keys()) {
      this.#decisions.delete(oldest);
      return;
    }
  }

  get size(): number {
    return this.#decisions.size;
  }
}
